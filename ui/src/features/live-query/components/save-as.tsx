import { ChevronDown, Save } from "lucide-react";
import { useState } from "react";
import { Field } from "@/components/field";
import { fieldErrors, FormDialog } from "@/components/form-dialog";
import { SelectField } from "@/components/select-field";
import { SqlText } from "@/components/sql-text";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { notify } from "@/lib/toasts";
import { useSaveQuery, type AlertOn } from "../api/saved-queries";

type Kind = "query" | "pack" | "rule";

const kinds: Record<Kind, { item: string; title: string; says: string; verb: string }> = {
  query: {
    item: "Query…",
    title: "Save the query",
    says: "It stands under Saved, for you or for everybody here.",
    verb: "Save query",
  },
  pack: {
    item: "Pack query…",
    title: "Save as a pack query",
    says: "Agents run it by themselves and send what changes.",
    verb: "Save pack query",
  },
  rule: {
    item: "Rule…",
    title: "Save as a rule",
    says: "Agents run it by themselves; a row that it gives raises an alert.",
    verb: "Save rule",
  },
};

const intervals = [
  { value: "300", label: "5 minutes" },
  { value: "3600", label: "hour" },
  { value: "86400", label: "day" },
];
const severities = ["critical", "high", "medium", "low"].map((value) => ({ value, label: value }));

/** A name as packs and rules write theirs: `Public listeners` is `public-listeners`. */
export function shortName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
}

/** Keeps the statement: as it is, as a query that agents run by themselves, or as a rule over what they then send. */
export function SaveAs({
  tenant,
  sql,
  canSchedule,
  onRules,
}: {
  tenant: string;
  /** What is in the editor, asked for when one saves. */
  sql: () => string;
  /** Whether the person may make packs and rules here. */
  canSchedule: boolean;
  /** Opens the rules, once one is made. */
  onRules: (rule: string) => void;
}) {
  const [saving, setSaving] = useState<{ kind: Kind; sql: string } | null>(null);
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button variant="ghost">
            <Save size={15} strokeWidth={1.75} aria-hidden />
            Save as
            <ChevronDown size={13} aria-hidden />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          {(Object.keys(kinds) as Kind[])
            .filter((kind) => kind === "query" || canSchedule)
            .map((kind) => (
              <DropdownMenuItem
                key={kind}
                onSelect={() => {
                  const text = sql().trim();
                  if (text === "") notify("Write a statement first.", "bad");
                  else setSaving({ kind, sql: text });
                }}
              >
                {kinds[kind].item}
              </DropdownMenuItem>
            ))}
        </DropdownMenuContent>
      </DropdownMenu>
      {saving && (
        <SaveDialog
          tenant={tenant}
          {...saving}
          onRules={onRules}
          onClose={() => {
            setSaving(null);
          }}
        />
      )}
    </>
  );
}

function SaveDialog({
  tenant,
  kind,
  sql,
  onRules,
  onClose,
}: {
  tenant: string;
  kind: Kind;
  sql: string;
  onRules: (rule: string) => void;
  onClose: () => void;
}) {
  const save = useSaveQuery(tenant);
  const [missing, setMissing] = useState<Error | null>(null);
  const { title, says, verb } = kinds[kind];
  const errors = fieldErrors(save.error);
  return (
    <FormDialog
      title={title}
      description={says}
      verb={verb}
      pending={save.isPending}
      error={missing ?? save.error}
      onClose={onClose}
      onSubmit={(form) => {
        const text = (name: string) => String(form.get(name) ?? "").trim();
        const name = text("name");
        const short = shortName(name);
        if (short === "") {
          setMissing(new Error("Give it a name."));
          return;
        }
        setMissing(null);
        save.mutate(
          {
            draft: { name, description: text("description"), sql, shared: form.get("shared") !== null },
            schedule:
              kind === "query"
                ? undefined
                : { pack: shortName(text("pack")), query: short, intervalSeconds: Number(text("interval")) },
            alert:
              kind === "rule"
                ? { rule: short, title: name, severity: text("severity") as AlertOn["severity"] }
                : undefined,
          },
          {
            onSuccess: (collection) => {
              onClose();
              if (kind === "rule") {
                notify(`Saved the rule ${short}. It watches ${collection}.`, "ok", {
                  label: "Open rules",
                  run: () => {
                    onRules(short);
                  },
                });
              } else notify(collection ? `Saved. Agents send it as ${collection}.` : `Saved ${name}.`);
            },
          },
        );
      }}
    >
      <Field label="Name" name="name" maxLength={100} error={errors.name ?? errors.rule ?? errors.query} />
      <Field label="Description" name="description" maxLength={500} />
      {kind !== "query" && (
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Pack" name="pack" defaultValue="own" maxLength={60} error={errors.pack} />
          <SelectField label="Runs every" name="interval" options={intervals} defaultValue="3600" />
        </div>
      )}
      {kind === "rule" && (
        <SelectField label="Severity" name="severity" options={severities} defaultValue="medium" />
      )}
      {kind === "query" && (
        <label className="flex min-h-6 items-center gap-2">
          <input type="checkbox" name="shared" className="size-4 accent-primary" />
          Everybody in this tenant and below sees it
        </label>
      )}
      <SqlText sql={sql} />
    </FormDialog>
  );
}
