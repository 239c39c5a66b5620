import { LoaderCircle, Play, Square } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { PageHeader } from "@/components/page-header";
import { SplitHandle } from "@/components/split-handle";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/copy-button";
import { Kbd } from "@/components/ui/kbd";
import { useAgents } from "@/hooks/use-agents";
import { useHotkey } from "@/hooks/use-hotkey";
import { useTables } from "@/hooks/use-tables";
import type { Agent, Group, Table } from "@/lib/api/types";
import { explain } from "@/lib/api/problem";
import { keepDraft, readDraft } from "@/lib/query-draft";
import { notify } from "@/lib/toasts";
import { useCancelLiveQuery } from "../api/cancel-live-query";
import { useLiveQuery } from "../api/get-live-query";
import { useEstimate } from "../api/estimate-query";
import { useGroups } from "../api/list-groups";
import { lintQuery } from "../api/lint-query";
import { useStartLiveQuery } from "../api/start-live-query";
import type { LintState } from "../editor/diagnostics";
import { SqlEditor, type SqlEditorHandle } from "../editor/sql-editor";
import { useRun } from "../results/use-run";
import { formatTarget, inAgents, parseTarget, targetBody, targeted, type TenantNode } from "../target";
import { CostMeter } from "./cost-meter";
import { useAskStored } from "../api/ask-stored";
import { HistoryMenu } from "./history-menu";
import { LintLine } from "./lint-line";
import { ModeSwitch, type Mode } from "./mode-switch";
import { Results, type ResultSearch } from "./results";
import { SaveAs } from "./save-as";
import { SavedMenu } from "./saved-menu";
import { StarterList } from "./starter-list";
import { StoredAnswer } from "./stored-answer";
import { TableBrowser } from "./table-browser";
import { TargetPicker } from "./target-picker";

export interface LiveQuerySearch extends ResultSearch {
  run?: string;
  on?: string;
  mode?: Exclude<Mode, "live">;
  /** The moment of `as_of`, local, as the browser's field writes it. */
  at?: string;
}

interface LiveQueryProps {
  tenant: string;
  search: LiveQuerySearch;
  onSearch: (change: Partial<LiveQuerySearch>) => void;
  /** A table that a link named. */
  openTable?: string;
  /** Those that the person sees from here. */
  tenants: TenantNode[];
  /** Whether the person may make packs and rules here. */
  canSchedule: boolean;
  /** Opens the rules, once one is made of a statement. */
  onRules: (rule: string) => void;
}

const noTables: Table[] = [];
const noGroups: Group[] = [];
const noAgents: Agent[] = [];
const editorHeights = { first: 232, min: 110, max: 620 };

/** Ask now: whom, what, and what they answer. The run is the server's; this page only watches it. */
export function LiveQuery({
  tenant,
  tenants,
  search,
  onSearch,
  openTable,
  canSchedule,
  onRules,
}: LiveQueryProps) {
  const editor = useRef<SqlEditorHandle>(null);
  const agents = useAgents(tenant);
  const tables = useTables();
  const start = useStartLiveQuery(tenant);
  const stored = useAskStored(tenant);
  const mode: Mode = search.mode ?? "live";
  const cancel = useCancelLiveQuery(tenant);
  const asked = useLiveQuery(tenant, search.run);
  const { session, run } = useRun(tenant, search.run);
  const [lint, setLint] = useState<LintState>({ state: "empty" });
  /** The statement that compiles, whose cost is worth an estimate. */
  const [compiled, setCompiled] = useState<string | null>(null);
  const groups = useGroups(tenant);
  const [cursor, setCursor] = useState({ line: 1, column: 1 });
  const [height, setHeight] = useState(editorHeights.first);
  const target = useMemo(() => parseTarget(search.on), [search.on]);

  // A link to a run brings its statement, unless one is being written.
  const askedSql = asked.data?.sql;
  useEffect(() => {
    if (askedSql !== undefined && !readDraft(tenant)) editor.current?.setText(askedSql);
  }, [askedSql, tenant]);

  const running =
    search.run !== undefined &&
    (run.state === "connecting" || run.state === "streaming" || run.state === "reconnecting");
  const roster = agents.data?.items ?? noAgents;
  const nobody = agents.data !== undefined && targeted(roster, target, tenants).length === 0;
  /** Whom the server is asked to reach. */
  const reached = useMemo(() => inAgents(target, roster, tenants), [target, roster, tenants]);
  // Only whole lists name all agents of a tenant: before, some would be left out, or nobody mean everybody.
  const named =
    target.tenants.length === 0 ||
    (agents.data?.complete === true && target.tenants.every((id) => tenants.some((each) => each.id === id)));
  const estimate = useEstimate(tenant, mode === "live" && named && !nobody ? compiled : null, reached);
  // What compiles differs with whom one asks: the same text is checked again.
  useEffect(() => {
    editor.current?.check();
  }, [mode]);

  const runNow = () => {
    const sql = editor.current?.textToRun().trim() ?? "";
    if (sql === "" || nobody || !named || start.isPending || stored.isPending) return;
    if (mode !== "live") {
      onSearch({ run: undefined, f: undefined, sort: undefined, cols: undefined });
      stored.mutate({
        sql,
        mode,
        target: targetBody(reached),
        ...(mode === "as_of" && search.at && { at: new Date(search.at).toISOString() }),
      });
      return;
    }
    start.mutate(
      { sql, target: reached },
      {
        onSuccess: ({ id }) => {
          onSearch({
            run: id,
            tab: undefined,
            outcome: undefined,
            f: undefined,
            sort: undefined,
            cols: undefined,
          });
        },
        onError: (error) => {
          notify(`Could not start the run. ${explain(error)}`, "bad");
        },
      },
    );
  };
  const stop = () => {
    if (search.run) cancel.mutate(search.run);
  };
  useHotkey("ctrl+enter", runNow);
  useHotkey("escape", stop, running);
  useHotkey("f6", () => {
    focusNextPane();
  });

  const read = lint.state === "checked" ? lint.result : null;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PageHeader
        title="Live query"
        answer={<span className="max-sm:hidden">Ask agents now; the run goes on when you leave.</span>}
        actions={
          <>
            {search.run && (
              <CopyButton text={window.location.href} label="Copy link">
                Copy link
              </CopyButton>
            )}
            <SaveAs
              tenant={tenant}
              sql={() => readDraft(tenant) ?? ""}
              canSchedule={canSchedule}
              onRules={onRules}
            />
            <SavedMenu
              tenant={tenant}
              onOpen={(sql) => {
                keepDraft(tenant, sql);
                onSearch({ run: undefined });
                editor.current?.setText(sql);
                editor.current?.focus();
              }}
            />
            <HistoryMenu
              tenant={tenant}
              current={search.run}
              onOpen={(id) => {
                keepDraft(tenant, "");
                onSearch({ run: id, tab: undefined, outcome: undefined, f: undefined, sort: undefined });
              }}
            />
          </>
        }
      />
      <div className="flex flex-none flex-wrap items-center gap-2.5 border-y border-border bg-surface px-3 py-2">
        <TargetPicker
          agents={agents.data?.items}
          groups={groups.data ?? noGroups}
          tenants={tenants}
          estimated={target.groups.length > 0 ? estimate.data : undefined}
          complete={agents.data?.complete ?? true}
          target={target}
          onTarget={(next) => {
            onSearch({ on: formatTarget(next) });
          }}
        />
        <ModeSwitch
          mode={mode}
          at={search.at}
          onMode={(next, at) => {
            onSearch({ mode: next === "live" ? undefined : next, at, run: undefined });
          }}
        />
        <CostMeter
          tables={tables.data ?? noTables}
          read={read?.tables ?? []}
          estimate={mode === "live" ? estimate.data : undefined}
        />
        <span className="flex-1" />
        {running && (
          <Button onClick={stop} disabled={cancel.isPending}>
            <Square size={13} aria-hidden />
            Stop <Kbd keys={["Esc"]} />
          </Button>
        )}
        <Button
          variant="primary"
          onClick={runNow}
          disabled={start.isPending || stored.isPending || nobody || !named || lint.state === "empty"}
        >
          {start.isPending ? (
            <LoaderCircle size={14} className="animate-spin" aria-hidden />
          ) : (
            <Play size={14} aria-hidden />
          )}
          Run <Kbd keys={["Ctrl", "↵"]} className="border-transparent bg-[rgb(0_0_0/0.2)] text-on-primary" />
        </Button>
      </div>
      <div className="flex flex-none" style={{ height }}>
        <TableBrowser
          key={openTable}
          tables={tables.data ?? noTables}
          readTables={read?.tables ?? []}
          readColumns={read?.columns ?? []}
          opened={openTable}
          onInsert={(text) => editor.current?.insert(text)}
        />
        <div className="flex min-w-0 flex-1 flex-col bg-editor">
          <div className="min-h-0 flex-1">
            <SqlEditor
              ref={editor}
              initial={readDraft(tenant) ?? ""}
              tables={tables.data ?? noTables}
              lint={(sql, signal) => lintQuery(tenant, sql, mode, signal)}
              onChange={(sql) => {
                keepDraft(tenant, sql);
              }}
              onLint={(next) => {
                setLint(next);
                const sql = readDraft(tenant) ?? "";
                setCompiled(next.state === "checked" && next.result.ok && sql !== "" ? sql : null);
              }}
              onRun={runNow}
              onCursor={(line, column) => {
                setCursor({ line, column });
              }}
            />
          </div>
          <LintLine lint={lint} cursor={cursor} />
        </div>
      </div>
      <SplitHandle
        label="Height of the editor"
        height={height}
        min={editorHeights.min}
        max={editorHeights.max}
        onHeight={setHeight}
      />
      {mode !== "live" ? (
        <StoredAnswer
          answer={stored.data}
          error={stored.error}
          pending={stored.isPending}
          search={search}
          onSearch={onSearch}
        />
      ) : session && search.run ? (
        <Results
          key={search.run}
          tenant={tenant}
          runId={search.run}
          session={session}
          run={run}
          cancelled={asked.data?.state === "cancelled"}
          search={search}
          onSearch={onSearch}
        />
      ) : (
        <StarterList
          onInsert={(sql) => {
            editor.current?.setText(sql);
            editor.current?.focus();
          }}
        />
      )}
    </div>
  );
}

/** F6 goes from editor to rows to ledger; after the last one the browser has it. */
function focusNextPane(): void {
  const panes = [
    document.querySelector<HTMLElement>("[data-pane=editor] .cm-content"),
    document.querySelector<HTMLElement>("[data-pane=rows] [role=grid]"),
    document.querySelector<HTMLElement>("[data-pane=ledger] button"),
  ].filter((pane) => pane !== null);
  const at = panes.findIndex(
    (pane) => pane === document.activeElement || pane.contains(document.activeElement),
  );
  panes[(at + 1) % panes.length]?.focus();
}
