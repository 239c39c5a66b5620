import { LoaderCircle, SquareTerminal } from "lucide-react";
import { useId, useRef, useState } from "react";
import { EmptyState } from "@/components/states";
import { StatusBadge, statuses } from "@/components/status-badge";
import { StoreGrid } from "@/components/store-grid";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { explain } from "@/lib/api/problem";
import { duration, plural } from "@/lib/format";
import { useAskAgent, type ShellAnswer } from "../api/ask-agent";

/** Statements kept while the page is open; they go neither into the address nor into storage, since they may hold secrets. */
const kept = 50;

/** Read-only SQL to this one agent, now. Each statement is a live query: recorded, bounded, and refused where a role may not read. */
export function AgentShell({
  tenant,
  agentId,
  hostname,
  online,
}: {
  tenant: string;
  agentId: string;
  hostname: string;
  online: boolean;
}) {
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const ask = useAskAgent(tenant, agentId);
  const [sql, setSql] = useState("");
  const [past, setPast] = useState<string[]>([]);
  const [place, setPlace] = useState<number | null>(null);
  const [look, setLook] = useState<{ f?: string; sort?: string; cols?: string }>({});

  const run = () => {
    const text =
      sql.trim() === ".tables" ? "SELECT name FROM osquery_registry WHERE registry = 'table'" : sql;
    if (text.trim() === "" || ask.isPending || !online) return;
    setPast((before) => [...before.filter((each) => each !== sql), sql].slice(-kept));
    setPlace(null);
    setLook({});
    ask.mutate(text);
  };
  /** Statements of before, from the last one backwards. */
  const recall = (step: number) => {
    const next = Math.max(0, Math.min(past.length, (place ?? past.length) + step));
    setPlace(next);
    setSql(past.at(next) ?? "");
  };

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-none items-start gap-2 border-b border-border bg-surface p-2 px-5 max-sm:px-4">
        <label htmlFor={id} className="sr-only">
          SQL to run on {hostname}
        </label>
        <textarea
          id={id}
          ref={field}
          rows={3}
          value={sql}
          spellCheck={false}
          placeholder="SELECT name, pid FROM processes, or .tables"
          aria-describedby={`${id}-keys`}
          onChange={(event) => {
            setSql(event.target.value);
          }}
          onKeyDown={(event) => {
            const whole = event.ctrlKey || event.metaKey;
            if (event.key === "Enter" && whole) run();
            else if (event.altKey && event.key === "PageUp") recall(-1);
            else if (event.altKey && event.key === "PageDown") recall(1);
            else return;
            event.preventDefault();
            event.stopPropagation();
          }}
          className="min-w-0 flex-1 resize-y rounded-sm border border-border-control bg-editor p-2 font-mono text-xs/[18px]"
        />
        <Button variant="primary" onClick={run} disabled={!online || ask.isPending || sql.trim() === ""}>
          {ask.isPending && <LoaderCircle size={14} className="animate-spin" aria-hidden />}
          Run <Kbd keys={["Ctrl", "↵"]} className="border-transparent bg-[rgb(0_0_0/0.2)] text-on-primary" />
        </Button>
      </div>
      <p
        id={`${id}-keys`}
        role="status"
        className="flex min-h-9 flex-none flex-wrap items-center gap-2 px-5 py-1 text-xs text-fg-muted max-sm:px-4"
      >
        {!online ? (
          "The agent is offline: it cannot be asked now. The other tabs show what it told before."
        ) : ask.isPending ? (
          `Asking ${hostname}`
        ) : ask.error ? (
          <span className="text-bad-fg">{explain(ask.error)}</span>
        ) : ask.data ? (
          <Said said={ask.data} />
        ) : (
          <>
            Earlier statements <Kbd keys={["Alt", "PgUp"]} />
          </>
        )}
      </p>
      {ask.data && ask.data.store.length > 0 ? (
        <StoreGrid
          name={`answer of ${hostname}`}
          store={ask.data.store}
          complete
          none=""
          search={look}
          onSearch={(change) => {
            setLook((before) => ({ ...before, ...change }));
          }}
        />
      ) : (
        !ask.isPending && (
          <EmptyState
            icon={SquareTerminal}
            title={ask.data?.outcome === "no_rows" ? "No such row on this agent" : `Ask ${hostname}`}
          >
            Statements only read. What is asked stands in the audit log.
          </EmptyState>
        )
      )}
    </div>
  );
}

function Said({ said }: { said: ShellAnswer }) {
  return (
    <>
      {said.outcome in statuses && <StatusBadge status={said.outcome as keyof typeof statuses} />}
      <span className="tnum">
        {plural(said.store.length, "row")} in {duration(said.duration_ms)}
      </span>
      {said.error && <span className="text-bad-fg">{said.error}</span>}
    </>
  );
}
