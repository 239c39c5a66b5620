import { LoaderCircle, type LucideIcon } from "lucide-react";
import { useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { useHotkey } from "@/hooks/use-hotkey";
import { explain } from "@/lib/api/problem";
import { runBulk, type BulkProgress } from "@/lib/bulk-run";
import { num, plural } from "@/lib/format";

/** What one can do with many selected records: to each of them with its own outcome, or with all of them at once. */
export type BulkAction<Item> = {
  /** The verb of the button: "Acknowledge". */
  label: string;
  icon: LucideIcon;
  /** The key that does it while rows are selected. */
  key?: string;
  /** Whether it can be done to an item; others are left out. All can, without it. */
  allows?: (item: Item) => boolean;
} & (
  | {
      /** What happened to each: "acknowledged". */
      past: string;
      act: (item: Item) => Promise<unknown>;
      /** Takes it back, for the items to which it was done. */
      undo?: (item: Item) => Promise<unknown>;
      /** Runs once when all items are through. */
      settled?: () => void;
    }
  | { open: (items: Item[]) => void }
);

interface BulkBarProps<Item> {
  noun: { one: string; many: string };
  items: Item[];
  actions: BulkAction<Item>[];
  nameOf: (item: Item) => string;
  onClear: () => void;
}

/** What happened to many: how far it is, what failed and why, and the way back. */
interface Run<Item> {
  past: string;
  progress: BulkProgress<Item>;
  again: (items: Item[]) => void;
  undo?: () => void;
}

/** The selected rows and what to do with them. Esc clears; an action tells of each row that failed, and can be taken back. */
export function BulkBar<Item>({ noun, items, actions, nameOf, onClear }: BulkBarProps<Item>) {
  const [run, setRun] = useState<Run<Item> | null>(null);
  const stop = useRef<AbortController | null>(null);
  const running = run?.progress.running ?? false;
  const finish = () => {
    setRun(null);
    onClear();
  };
  useHotkey("escape", finish, !running);

  const start = async (
    on: Item[],
    past: string,
    act: (item: Item) => Promise<unknown>,
    settled?: () => void,
    undo?: (item: Item) => Promise<unknown>,
  ) => {
    stop.current = new AbortController();
    const again = (failed: Item[]) => void start(failed, past, act, settled, undo);
    await runBulk(
      on,
      act,
      (progress) => {
        setRun({
          past,
          progress,
          again,
          undo:
            undo &&
            (() => {
              void start(progress.done, "put back", undo, settled);
            }),
        });
      },
      stop.current.signal,
    );
    settled?.();
  };

  return (
    <div
      role="region"
      aria-label={`Selected ${noun.many}`}
      className="flex min-h-10 flex-none animate-enter flex-wrap items-center gap-2 border-t border-primary-line bg-primary-soft px-3 py-1.5"
    >
      {run ? (
        <Outcome run={run} noun={noun} nameOf={nameOf} onStop={() => stop.current?.abort()} onDone={finish} />
      ) : (
        <>
          <span aria-live="polite" className="font-medium tnum">
            {num(items.length)} selected
          </span>
          {actions.map((action) => {
            const able = items.filter((item) => action.allows?.(item) ?? true);
            return (
              <ActionButton
                key={action.label}
                action={action}
                able={able.length}
                of={items.length}
                onRun={() => {
                  if ("open" in action) action.open(able);
                  else void start(able, action.past, action.act, action.settled, action.undo);
                }}
              />
            );
          })}
          <span className="flex-1" />
          <Button variant="ghost" onClick={finish}>
            Clear <Kbd keys={["Esc"]} />
          </Button>
        </>
      )}
    </div>
  );
}

function ActionButton<Item>({
  action,
  able,
  of,
  onRun,
}: {
  action: BulkAction<Item>;
  able: number;
  of: number;
  onRun: () => void;
}) {
  useHotkey(action.key ?? "", onRun, action.key !== undefined && able > 0);
  const Icon = action.icon;
  return (
    <Button onClick={onRun} disabled={able === 0}>
      <Icon size={15} strokeWidth={1.75} aria-hidden />
      {action.label}
      {able < of && able > 0 && ` ${num(able)}`}
      {action.key && <Kbd keys={[action.key.toUpperCase()]} />}
    </Button>
  );
}

function Outcome<Item>({
  run,
  noun,
  nameOf,
  onStop,
  onDone,
}: {
  run: Run<Item>;
  noun: { one: string; many: string };
  nameOf: (item: Item) => string;
  onStop: () => void;
  onDone: () => void;
}) {
  const { total, done, failed, running } = run.progress;
  const ended = done.length + failed.length;
  return (
    <>
      {running ? (
        <>
          <LoaderCircle size={15} className="animate-spin" aria-hidden />
          <progress
            aria-label={`${num(ended)} of ${num(total)}`}
            max={total}
            value={ended}
            className="h-1.5 w-40 overflow-hidden rounded-full bg-surface [&::-webkit-progress-bar]:bg-surface [&::-webkit-progress-value]:bg-primary"
          />
        </>
      ) : null}
      <span role="status" className="tnum">
        {running
          ? `${num(ended)} of ${num(total)}`
          : `${plural(done.length, noun.one, noun.many)} ${run.past}${ended < total ? `, ${num(total - ended)} left as they were` : ""}`}
        {failed.length > 0 && (
          <span className="text-bad-fg">
            {" · "}
            {num(failed.length)} failed: {nameOf(failed[0].item)}: {explain(failed[0].error)}
            {failed.length > 1 && ` (and ${num(failed.length - 1)} more)`}
          </span>
        )}
      </span>
      <span className="flex-1" />
      {running ? (
        <Button onClick={onStop}>Stop</Button>
      ) : (
        <>
          {failed.length > 0 && (
            <Button
              onClick={() => {
                run.again(failed.map(({ item }) => item));
              }}
            >
              Retry {num(failed.length)}
            </Button>
          )}
          {run.undo && done.length > 0 && <Button onClick={run.undo}>Undo</Button>}
          <Button variant="ghost" onClick={onDone}>
            Done <Kbd keys={["Esc"]} />
          </Button>
        </>
      )}
    </>
  );
}
