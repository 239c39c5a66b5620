import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { Listing } from "@/lib/api/client";
import type { Person } from "@/lib/api/types";
import { roleWord } from "@/lib/roles";
import { personColumns, personFields } from "./person-columns";
import { PersonPeek } from "./person-peek";

const noun = { one: "person", many: "people" };
const idOf = ({ id }: Person) => id;
const facets: RecordFacet<Person>[] = [
  { column: "role", title: "Role", of: ({ role }) => roleWord(role) },
  { column: "status", title: "Status", of: ({ status }) => status },
];

/** Who has an account, and what may they do? */
export function PersonList({
  tenant,
  people,
  stale,
  canManage,
  search,
  onSearch,
}: {
  tenant: string;
  people: Listing<Person>;
  stale: boolean;
  canManage: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
}) {
  return (
    <RecordList
      noun={noun}
      listing={people}
      idOf={idOf}
      columns={personColumns}
      fields={personFields}
      facets={facets}
      stale={stale}
      search={search}
      onSearch={onSearch}
      card={(person) => (
        <Card
          title={person.name}
          badge={<StatusBadge status={person.status} />}
          facts={[roleWord(person.role), person.email, <Time key="seen" at={person.last_seen_at} />]}
        />
      )}
      peek={(id, person) =>
        person && (
          <PersonPeek
            key={id}
            tenant={tenant}
            person={person}
            canManage={canManage}
            onClose={() => {
              onSearch({ sel: undefined });
            }}
          />
        )
      }
    />
  );
}
