import type { ReactNode } from "react";
import { EvidenceTable } from "@/components/evidence-table";
import { SqlText } from "@/components/sql-text";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import type { FindingDetail as Detail } from "@/lib/api/types";

/** Why a finding stands, on which rows, how it is fixed, and what happened to it. */
export function FindingDetail({
  finding,
  heading,
  onOpenQuery,
}: {
  finding: Detail;
  /** The level of its parts' headings, which follows that of the title above it. */
  heading: "h2" | "h3";
  /** Takes the check's SQL to the live query page; absent when the person may not run queries. */
  onOpenQuery?: (sql: string) => void;
}) {
  const { evidence, fix, sql, pass } = finding;
  const controls = Object.entries(finding.controls ?? {});
  const history = finding.history ?? [];
  const rows = (evidence?.rows ?? []).map((cells) => cells ?? []);
  return (
    <div className="flex flex-col gap-5">
      {finding.message && <p className="text-md">{finding.message}</p>}

      <Part heading={heading} title="Failing rows">
        {rows.length > 0 ? (
          <EvidenceTable
            columns={evidence?.columns ?? []}
            rows={rows}
            failingColumns={evidence?.failing_columns ?? []}
            failingCells={evidence?.failing_cells ?? undefined}
            total={evidence?.total}
            expected={finding.expected}
          />
        ) : (
          <p className="text-fg-muted">
            The query gave no row, and the check wants at least one.
            {finding.expected && ` Expected ${finding.expected}.`}
          </p>
        )}
      </Part>

      {fix?.text && (
        <Part heading={heading} title="Fix">
          <p className="text-md whitespace-pre-line">{fix.text}</p>
          {fix.risk && (
            <p className="mt-1 text-fg-muted">
              <span className="font-medium text-warn-fg">Risk:</span> {fix.risk}
            </p>
          )}
        </Part>
      )}

      {controls.length > 0 && (
        <Part heading={heading} title="Controls">
          <ul className="flex flex-col gap-1">
            {controls.map(([framework, ids]) => (
              <li key={framework} className="flex flex-wrap items-center gap-1.5">
                <span className="text-fg-muted">{framework}</span>
                {(ids ?? []).map((id) => (
                  <span
                    key={id}
                    className="rounded-xs border border-border bg-sunken px-1.5 font-mono text-[11.5px] leading-[18px] dark:bg-hover"
                  >
                    {id}
                  </span>
                ))}
              </li>
            ))}
          </ul>
        </Part>
      )}

      {(sql || pass) && (
        <Part
          heading={heading}
          title="Check"
          action={
            sql &&
            onOpenQuery && (
              <Button
                variant="link"
                size="inline"
                onClick={() => {
                  onOpenQuery(sql);
                }}
              >
                Open as live query
              </Button>
            )
          }
        >
          {pass && (
            <p className="mb-2 text-fg-muted">
              Passes when <code className="font-mono text-xs text-fg">{pass}</code>
            </p>
          )}
          {sql && <SqlText sql={sql} />}
        </Part>
      )}

      <Part heading={heading} title="History">
        {history.length === 0 ? (
          <p className="text-fg-muted">
            First seen <Time at={finding.first_seen_at} />, last seen <Time at={finding.last_seen_at} />.
          </p>
        ) : (
          <ol className="flex flex-col gap-2">
            {history.map(({ at, state, actor, reason }) => (
              <li key={`${at} ${state}`} className="flex flex-wrap items-center gap-2">
                <span className="w-24 flex-none text-fg-muted">
                  <Time at={at} />
                </span>
                <StatusBadge status={state} />
                {actor && <span className="text-fg-muted">by {actor}</span>}
                {reason && <span className="min-w-0 text-fg-muted">{reason}</span>}
              </li>
            ))}
          </ol>
        )}
      </Part>
    </div>
  );
}

interface PartProps {
  heading: "h2" | "h3";
  title: string;
  action?: ReactNode;
  children: ReactNode;
}

function Part({ heading: Heading, title, action, children }: PartProps) {
  return (
    <section>
      <div className="mb-1.5 flex min-h-6 items-center justify-between">
        <Heading className="text-xs font-semibold text-fg-muted">{title}</Heading>
        {action}
      </div>
      {children}
    </section>
  );
}
