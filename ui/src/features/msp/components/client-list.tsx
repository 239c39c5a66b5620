import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { Time } from "@/components/time";
import type { Listing } from "@/lib/api/client";
import type { Client } from "@/lib/api/types";
import { num } from "@/lib/format";
import type { Sort } from "@/lib/grid/filter";
import { clientColumns, clientFields, NeedsMe } from "./client-columns";
import { ClientPeek } from "./client-peek";

const noun = { one: "customer", many: "customers" };
const idOf = ({ id }: Client) => id;
const neediest: Sort = { column: "needs", descending: true };
const sortFields = { needs: "urgency" };
const facets: RecordFacet<Client>[] = [
  { column: "plan", title: "Plan", of: ({ plan }) => plan },
  { column: "status", title: "Status", of: ({ status }) => status },
];

/** Customers with their health, those first that need somebody. */
export function ClientList({
  clients,
  stale,
  search,
  onSearch,
  onSwitch,
  onBelow,
  onImpersonate,
}: {
  clients: Listing<Client>;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
  onSwitch: (client: Client) => void;
  /** Shows the tenants below a customer in place of it. */
  onBelow: (client: Client) => void;
  /** Absent when the person may not act in customers. */
  onImpersonate?: (client: Client) => void;
}) {
  return (
    <RecordList
      noun={noun}
      listing={clients}
      idOf={idOf}
      columns={clientColumns}
      fields={clientFields}
      defaultSort={neediest}
      sortFields={sortFields}
      facets={facets}
      stale={stale}
      search={search}
      onSearch={onSearch}
      onOpen={onSwitch}
      card={(client) => (
        <Card
          title={
            <button
              type="button"
              className="min-h-6 text-left hover:text-primary-text hover:underline"
              onClick={() => {
                onSwitch(client);
              }}
            >
              {client.name}
            </button>
          }
          badge={<NeedsMe client={client} />}
          facts={[
            `${num(client.agents_online)}/${num(client.agents)} agents`,
            `${num(client.findings_critical)} critical, ${num(client.findings_high)} high`,
            <Time key="seen" at={client.last_seen_at} />,
          ]}
        />
      )}
      peek={(id, client) =>
        client && (
          <ClientPeek
            key={id}
            client={client}
            onSwitch={onSwitch}
            onBelow={onBelow}
            onImpersonate={onImpersonate}
            onClose={() => {
              onSearch({ sel: undefined });
            }}
          />
        )
      }
    />
  );
}
