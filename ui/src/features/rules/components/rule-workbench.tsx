import { CircleCheck, FlaskConical, LoaderCircle, RotateCcw, Save } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { PageHeader } from "@/components/page-header";
import { Panel } from "@/components/panel";
import { SelectField } from "@/components/select-field";
import { TextDiff } from "@/components/text-diff";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { nameIn } from "@/components/yaml-field";
import { useHotkey } from "@/hooks/use-hotkey";
import { useSettled } from "@/hooks/use-settled";
import { explain } from "@/lib/api/problem";
import { plural } from "@/lib/format";
import { notify } from "@/lib/toasts";
import { useChannelNames } from "../api/list-channel-names";
import { useCheckRule, useDryRun, useRuleVocabulary, useSaveRule } from "../api/rules";
import { problemsOf, type Problem } from "../editor/rule-problems";
import { RuleText, type RuleTextHandle } from "../editor/rule-text";
import { keepRuleDraft, readRuleDraft } from "../rule-draft";
import { DryRunResult } from "./dry-run";
import { FixtureList } from "./fixture-list";

/** Milliseconds without a key after which the text is checked. */
const settle = 250;
const periods = [
  { value: "7", label: "Last 7 days" },
  { value: "14", label: "Last 14 days" },
  { value: "30", label: "Last 30 days" },
];

/** Writes a rule: mistakes and fixtures as one types, and before it is saved how noisy it would have been. */
export function RuleWorkbench({
  tenant,
  rule,
  stored,
  onSaved,
}: {
  tenant: string;
  /** The rule that is changed; a new one without. */
  rule: string | null;
  /** Its text now. */
  stored: string;
  onSaved: (rule: string) => void;
}) {
  const editor = useRef<RuleTextHandle>(null);
  const [initial, setInitial] = useState(() => readRuleDraft(tenant, rule) ?? stored);
  const [text, setText] = useState(initial);
  const [days, setDays] = useState("14");
  const settled = useSettled(text, settle);
  const check = useCheckRule(tenant, settled);
  const vocabulary = useRuleVocabulary(tenant);
  const channels = useChannelNames(tenant);
  const save = useSaveRule(tenant);
  const dryRun = useDryRun(tenant);
  const error = check.data?.error;
  const problems = useMemo(() => problemsOf(error ?? ""), [error]);
  const known = useMemo(
    () => ({ vocabulary: vocabulary.data, check: check.data, channels: channels.data ?? [] }),
    [vocabulary.data, check.data, channels.data],
  );
  const named = nameIn(text, "rule");
  const changed = text !== stored;
  const holds = check.data?.ok === true && settled === text;

  useEffect(() => {
    keepRuleDraft(tenant, rule, changed ? text : null);
  }, [tenant, rule, changed, text]);

  const saveNow = () => {
    if (!holds || save.isPending) return;
    save.mutate(
      { rule: named, yaml: text },
      {
        onSuccess: () => {
          keepRuleDraft(tenant, rule, null);
          notify(`Saved ${named}`);
          onSaved(named);
        },
        onError: (problem) => {
          notify(`Could not save the rule. ${explain(problem)}`, "bad");
        },
      },
    );
  };
  const tryNow = () => {
    if (holds && !dryRun.isPending) dryRun.mutate({ yaml: text, days: Number(days) });
  };
  useHotkey("ctrl+s", saveNow);
  useHotkey("ctrl+enter", tryNow);

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PageHeader
        title={rule ? `Edit ${rule}` : "New rule"}
        answer="It judges what agents report from the moment that it is saved, here and below."
        actions={
          <>
            {changed && (
              <Button
                variant="ghost"
                onClick={() => {
                  setText(stored);
                  setInitial(stored);
                }}
              >
                <RotateCcw size={15} strokeWidth={1.75} aria-hidden />
                Discard changes
              </Button>
            )}
            <Button variant="primary" disabled={!holds || save.isPending || named === ""} onClick={saveNow}>
              {save.isPending ? (
                <LoaderCircle size={15} className="animate-spin" aria-hidden />
              ) : (
                <Save size={15} strokeWidth={1.75} aria-hidden />
              )}
              Save rule{" "}
              <Kbd keys={["Ctrl", "S"]} className="border-transparent bg-[rgb(0_0_0/0.2)] text-on-primary" />
            </Button>
          </>
        }
      />
      <div className="grid min-h-0 flex-1 gap-3 overflow-y-auto px-5 pb-5 max-sm:px-4 xl:grid-cols-[minmax(0,1fr)_400px] xl:grid-rows-[minmax(0,1fr)] xl:overflow-hidden">
        <div className="flex min-h-0 flex-col overflow-hidden rounded-md border border-border bg-editor max-xl:h-[70vh]">
          <div className="min-h-0 flex-1">
            <RuleText
              key={initial}
              ref={editor}
              initial={initial}
              known={known}
              problems={problems}
              onText={setText}
              onSave={saveNow}
              onTry={tryNow}
            />
          </div>
          <CheckLine
            state={check.isError ? "unknown" : settled !== text || !check.data ? "checking" : "checked"}
            tables={check.data?.tables ?? []}
            problems={problems}
            onShow={(problem) => {
              editor.current?.show(problem);
            }}
          />
        </div>
        <div className="flex min-h-0 flex-col gap-3 xl:overflow-y-auto">
          <Panel title="Dry run over history" className="flex-none">
            <div className="flex items-end gap-2 px-3.5 pb-3">
              <SelectField
                label="Period"
                options={periods}
                value={days}
                onValue={setDays}
                className="min-w-0 flex-1"
              />
              <Button className="h-9" disabled={dryRun.isPending || !holds} onClick={tryNow}>
                {dryRun.isPending ? (
                  <LoaderCircle size={15} className="animate-spin" aria-hidden />
                ) : (
                  <FlaskConical size={15} strokeWidth={1.75} aria-hidden />
                )}
                Try it <Kbd keys={["Ctrl", "↵"]} />
              </Button>
            </div>
            {dryRun.error && (
              <p role="alert" className="px-3.5 pb-3 text-bad-fg">
                Could not try the rule. {explain(dryRun.error)}
              </p>
            )}
            {dryRun.data ? (
              <DryRunResult result={dryRun.data} />
            ) : (
              <p className="px-3.5 pb-3 text-xs text-fg-muted">
                Says how often it would have fired, on which agents. Nobody is told.
              </p>
            )}
          </Panel>
          <Panel title="Fixtures" className="flex-none">
            {check.data && <FixtureList check={check.data} />}
          </Panel>
          {rule && changed && (
            <Panel title="Changes" className="flex-none">
              <div className="px-3.5 pb-3">
                <TextDiff before={stored} after={text} label="Against what is stored" />
              </div>
            </Panel>
          )}
        </div>
      </div>
    </div>
  );
}

/** What is right or wrong with the text; a mistake leads to its place. */
function CheckLine({
  state,
  tables,
  problems,
  onShow,
}: {
  state: "checking" | "checked" | "unknown";
  tables: string[];
  problems: Problem[];
  onShow: (problem: Problem) => void;
}) {
  return (
    <div
      role="status"
      className="max-h-32 flex-none overflow-y-auto border-t border-border bg-surface text-xs"
    >
      {state === "unknown" ? (
        <p className="px-3 py-1.5 text-fg-muted">Could not be checked. Saving checks it again.</p>
      ) : problems.length === 0 ? (
        <p className="flex items-center gap-1.5 px-3 py-1.5 text-fg-muted">
          {state === "checking" ? (
            "Checking"
          ) : (
            <>
              <CircleCheck size={13} className="text-ok-fg" aria-hidden />
              Holds. Reads {tables.join(", ")}.
            </>
          )}
        </p>
      ) : (
        <ul aria-label={plural(problems.length, "mistake")}>
          {problems.map((problem, index) => (
            <li key={index}>
              <button
                type="button"
                onClick={() => {
                  onShow(problem);
                }}
                className="focus-inset flex w-full gap-2 px-3 py-1.5 text-left hover:bg-hover"
              >
                <span className="flex-none text-fg-subtle tnum">Line {problem.line}</span>
                <span className="min-w-0 break-words text-bad-fg">{problem.message}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
