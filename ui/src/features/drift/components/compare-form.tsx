import { Field } from "@/components/field";
import { SelectField } from "@/components/select-field";
import type { Agent } from "@/lib/api/types";

interface Choice {
  collection?: string;
  a?: string;
  b?: string;
  /** As of these times, as in the address; now when absent. */
  from?: string;
  to?: string;
}

/** A time of the address as the browser's field has it, by the person's clock. */
function toField(time: string | undefined): string {
  if (!time) return "";
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return "";
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

function fromField(text: string): string | undefined {
  return text ? new Date(text).toISOString() : undefined;
}

/** What is compared: a collection, agent A at a time, and agent B, or the same, at another. */
export function CompareForm({
  agents,
  collections,
  value,
  onValue,
}: {
  agents: Agent[];
  collections: string[];
  value: Choice;
  onValue: (change: Choice) => void;
}) {
  const options = agents.map(({ id, hostname }) => ({ value: id, label: hostname }));
  return (
    <div className="grid flex-none gap-3 px-5 pb-3 max-sm:px-4 sm:grid-cols-2 xl:grid-cols-5">
      <SelectField
        label="Collection"
        options={[
          { value: "", label: "Choose a collection" },
          ...collections.map((each) => ({ value: each, label: each })),
        ]}
        value={value.collection ?? ""}
        onValue={(collection) => {
          onValue({ collection: collection || undefined });
        }}
      />
      <SelectField
        label="A"
        options={options}
        value={value.a ?? ""}
        onValue={(a) => {
          onValue({ a });
        }}
      />
      <Field
        label="A as of"
        type="datetime-local"
        value={toField(value.from)}
        onChange={(event) => {
          onValue({ from: fromField(event.target.value) });
        }}
      />
      <SelectField
        label="B"
        options={[
          { value: "", label: "The same agent" },
          ...options.filter(({ value: id }) => id !== value.a),
        ]}
        value={value.b ?? ""}
        onValue={(b) => {
          onValue({ b: b || undefined });
        }}
      />
      <Field
        label="B as of"
        type="datetime-local"
        value={toField(value.to)}
        onChange={(event) => {
          onValue({ to: fromField(event.target.value) });
        }}
      />
    </div>
  );
}
