import { useState } from "react";
import { Field } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import type { Agent } from "@/lib/api/types";
import { explain } from "@/lib/api/problem";
import { runBulk } from "@/lib/bulk-run";
import { plural } from "@/lib/format";
import { notify } from "@/lib/toasts";

/** Gives a tag to many agents, or takes it from them. Those that have it already are left alone. */
export function TagDialog({
  agents,
  known,
  onTags,
  onClose,
}: {
  agents: Agent[];
  /** Tags in use, offered while one types. */
  known: string[];
  onTags: (agent: Agent, tags: string[]) => Promise<unknown>;
  onClose: () => void;
}) {
  const [progress, setProgress] = useState<{ ended: number; total: number } | null>(null);
  const [error, setError] = useState<Error | null>(null);

  const apply = async (changed: { agent: Agent; before: string[]; after: string[] }[], words: string) => {
    setError(null);
    const end = await runBulk(
      changed,
      ({ agent, after }) => onTags(agent, after),
      ({ done, failed, total }) => {
        setProgress({ ended: done.length + failed.length, total });
      },
    );
    if (end.failed.length > 0) {
      setProgress(null);
      const [{ item, error: why }] = end.failed;
      setError(
        new Error(
          `${plural(end.failed.length, "agent")} could not be changed. ${item.agent.hostname}: ${explain(why)}`,
        ),
      );
      return;
    }
    notify(`${plural(end.done.length, "agent")} ${words}`, "ok", {
      label: "Undo",
      run: () => {
        void runBulk(
          end.done,
          ({ agent, before }) => onTags(agent, before),
          () => undefined,
        ).then(onClose);
      },
    });
    onClose();
  };

  return (
    <FormDialog
      title={`Tag ${plural(agents.length, "agent")}`}
      description="Live queries, packs and rules can be narrowed to a tag."
      verb={progress ? `${progress.ended} of ${progress.total}` : "Change tags"}
      pending={progress !== null}
      error={error}
      onClose={onClose}
      onSubmit={(form) => {
        const tag = String(form.get("tag")).trim();
        const add = form.get("change") === "add";
        if (tag === "") {
          setError(new Error("Enter a tag."));
          return;
        }
        const changed = agents
          .map((agent) => ({ agent, before: agent.tags ?? [] }))
          .filter(({ before }) => before.includes(tag) !== add)
          .map(({ agent, before }) => ({
            agent,
            before,
            after: add ? [...before, tag] : before.filter((each) => each !== tag),
          }));
        void apply(changed, add ? `tagged ${tag}` : `lost the tag ${tag}`);
      }}
    >
      <Field label="Tag" name="tag" list="known-tags" maxLength={64} autoComplete="off" />
      <datalist id="known-tags">
        {known.map((tag) => (
          <option key={tag} value={tag} />
        ))}
      </datalist>
      <fieldset className="flex gap-4">
        <legend className="sr-only">What to do</legend>
        <label className="flex min-h-6 items-center gap-2">
          <input type="radio" name="change" value="add" defaultChecked className="accent-primary" />
          Add it
        </label>
        <label className="flex min-h-6 items-center gap-2">
          <input type="radio" name="change" value="remove" className="accent-primary" />
          Take it away
        </label>
      </fieldset>
    </FormDialog>
  );
}
