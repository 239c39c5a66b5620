import { Link } from "@tanstack/react-router";
import { Minus, Pencil, Plus } from "lucide-react";
import { AgentLink } from "@/components/agent-link";
import { Badge } from "@/components/badge";
import { Panel } from "@/components/panel";
import { Time } from "@/components/time";
import type { DriftChange } from "@/lib/api/types";
import { changedText, rowText } from "../value-text";

export const changes = {
  added: { icon: Plus, word: "Added", tone: "ok" },
  removed: { icon: Minus, word: "Removed", tone: "bad" },
  changed: { icon: Pencil, word: "Changed", tone: "wait" },
} as const;

/** What a change says in a line. */
export function sentenceOf(each: DriftChange): string {
  return each.change === "changed"
    ? changedText(each.columns, each.was ?? null, each.value)
    : rowText(each.columns, each.value);
}

/** What changed on machines last. */
export function LatestPanel({ tenant, latest }: { tenant: string; latest: DriftChange[] }) {
  return (
    <Panel
      title="Changed last"
      aside={
        <Link
          to="/t/$tenant/drift"
          params={{ tenant }}
          className="text-primary-text underline-offset-2 hover:underline"
        >
          Drift
        </Link>
      }
    >
      {latest.length === 0 ? (
        <p className="border-t border-border px-3.5 py-3 text-fg-muted">
          Nothing has changed since agents told what there is.
        </p>
      ) : (
        <ul className="mt-1">
          {latest.map((each, index) => {
            const { icon: Icon, word } = changes[each.change];
            return (
              <li key={index} className="flex items-start gap-2.5 border-t border-border px-3.5 py-1.5">
                <Icon
                  size={14}
                  strokeWidth={1.75}
                  className="mt-0.5 shrink-0 text-fg-subtle"
                  aria-label={word}
                />
                <span className="min-w-0 flex-1">
                  <span className="block truncate">
                    <span className="font-mono text-xs">{each.collection}</span> on{" "}
                    <AgentLink id={each.agent_id} hostname={each.hostname} />
                    {each.new && (
                      <Badge tone="medium" className="ml-1.5">
                        New
                      </Badge>
                    )}
                  </span>
                  <span className="block truncate text-xs text-fg-muted" title={sentenceOf(each)}>
                    {sentenceOf(each)}
                  </span>
                </span>
                <span className="flex-none text-xs text-fg-muted">
                  <Time at={each.at} />
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </Panel>
  );
}
