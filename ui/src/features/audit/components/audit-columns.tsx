import type { GridColumn } from "@/components/data-grid/types";
import type { AuditEntry } from "@/lib/api/types";
import { exactTime } from "@/lib/format";
import { textOf, type Value } from "@/lib/grid/column-store";

/** Who acted, and for whom where it was somebody else. */
export function actorOf({ actor, on_behalf }: AuditEntry): string {
  return on_behalf ? `${actor} for ${on_behalf}` : actor;
}

export const auditFields: Record<string, (entry: AuditEntry) => Value> = {
  seq: ({ seq }) => seq,
  at: ({ at }) => at,
  actor: actorOf,
  kind: ({ actor_kind }) => actor_kind,
  action: ({ action }) => action,
  object: ({ object }) => object,
  address: ({ address }) => address,
};

/** Times are exact: an audit is compared by them. */
export function auditColumns(entries: AuditEntry[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(auditFields[field](entries[row]));
  return [
    { id: "seq", header: "#", width: 76, align: "end", kind: "number", text: text("seq") },
    {
      id: "at",
      header: "Time",
      width: 190,
      filterable: false,
      text: (row) => exactTime(new Date(entries[row].at)),
    },
    { id: "actor", header: "Actor", width: 200, text: text("actor") },
    { id: "action", header: "Action", width: 190, mono: true, text: text("action") },
    { id: "object", header: "Object", width: 330, mono: true, text: text("object") },
    { id: "kind", header: "Kind", width: 88, text: text("kind") },
    { id: "address", header: "From", width: 140, mono: true, text: text("address") },
  ];
}
