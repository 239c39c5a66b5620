import type { GridColumn } from "@/components/data-grid/types";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { Person } from "@/lib/api/types";
import { textOf, type Value } from "@/lib/grid/column-store";
import { roleWord } from "@/lib/roles";

export const personFields: Record<string, (person: Person) => Value> = {
  name: ({ name }) => name,
  email: ({ email }) => email,
  role: ({ role }) => roleWord(role),
  status: ({ status }) => status,
  seen: ({ last_seen_at }) => last_seen_at,
  created: ({ created_at }) => created_at,
};

export function personColumns(people: Person[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(personFields[field](people[row]));
  return [
    {
      id: "name",
      header: "Name",
      width: 200,
      text: text("name"),
      cell: (row) => <span className="truncate font-[550]">{people[row].name}</span>,
    },
    { id: "email", header: "E-mail", width: 260, text: text("email") },
    { id: "role", header: "Role", width: 120, text: text("role") },
    {
      id: "status",
      header: "Status",
      width: 120,
      text: text("status"),
      cell: (row) => <StatusBadge status={people[row].status} />,
    },
    {
      id: "seen",
      header: "Last seen",
      width: 120,
      filterable: false,
      text: text("seen"),
      cell: (row) => <Time at={people[row].last_seen_at} />,
    },
    {
      id: "created",
      header: "Added",
      width: 120,
      filterable: false,
      text: text("created"),
      cell: (row) => <Time at={people[row].created_at} />,
    },
  ];
}
