import { FlaskConical } from "lucide-react";
import { useMemo } from "react";
import { Badge } from "@/components/badge";
import type { GridColumn } from "@/components/data-grid/types";
import { Fact, Panel } from "@/components/panel";
import { Peek, PeekSection } from "@/components/peek";
import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { SqlText } from "@/components/sql-text";
import { Time } from "@/components/time";
import type { AgentConfig as Config } from "@/lib/api/types";
import { num, plural } from "@/lib/format";
import { textOf, type Value } from "@/lib/grid/column-store";
import { scheduleText } from "@/lib/schedule-text";

type Query = NonNullable<Config["config"]["queries"]>[number];

const noun = { one: "scheduled query", many: "scheduled queries" };
const idOf = ({ collection }: Query) => collection;
const kindOf = ({ collection }: Query) => collection.slice(0, collection.indexOf(":"));
const fields: Record<string, (query: Query) => Value> = {
  collection: ({ collection }) => collection,
  kind: kindOf,
  when: scheduleText,
  interval: ({ interval_seconds }) => interval_seconds,
  mode: ({ mode }) => mode,
  sql: ({ sql }) => sql,
};
const facets: RecordFacet<Query>[] = [{ column: "kind", title: "Of", of: kindOf }];
/** Schedules sort by how often, not by their words. */
const sortFields = { when: "interval" };

/** What an agent is to do: whether that has arrived, who says what otherwise, and its scheduled queries. */
export function AgentConfig({
  config,
  stale,
  search,
  onSearch,
}: {
  config: Config;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
}) {
  const listing = useMemo(() => ({ items: config.config.queries ?? [], complete: true }), [config]);
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      <div className="grid flex-none items-start gap-3 p-5 pb-3 max-sm:p-4 md:grid-cols-2">
        <InForce config={config} />
        <Layers config={config} />
      </div>
      <h2 className="flex-none px-5 pb-1.5 text-xs font-semibold text-fg-muted max-sm:px-4">
        Scheduled queries
      </h2>
      <div className="flex min-h-90 flex-1 flex-col">
        <RecordList
          noun={noun}
          listing={listing}
          idOf={idOf}
          columns={columns}
          fields={fields}
          sortFields={sortFields}
          facets={facets}
          stale={stale}
          search={search}
          onSearch={onSearch}
          card={(query) => <Card title={query.collection} facts={[scheduleText(query), query.mode]} />}
          peek={(id, query) =>
            query && (
              <Peek
                key={id}
                label="Scheduled query"
                title={<span className="font-mono text-md">{id}</span>}
                subtitle={`${scheduleText(query)}, ${query.mode}`}
                onClose={() => {
                  onSearch({ sel: undefined });
                }}
              >
                <PeekSection title="SQL">
                  <SqlText sql={query.sql} label={`SQL of ${id}`} />
                </PeekSection>
                {query.discovery && (
                  <PeekSection title="Only while this gives a row">
                    <SqlText sql={query.discovery} label={`Discovery of ${id}`} />
                  </PeekSection>
                )}
              </Peek>
            )
          }
        />
      </div>
    </div>
  );
}

function InForce({ config }: { config: Config }) {
  const { heartbeat_seconds: heartbeat, allowed_class: allowed, disabled_tables: off } = config.config;
  return (
    <Panel title="In force">
      <dl className="mt-1">
        <Fact name="Version">
          <span className="tnum">{config.version}</span>
          {config.arrived ? (
            <Badge tone="ok">On the agent</Badge>
          ) : (
            <Badge tone="warn">
              {config.has_version ? `The agent still has ${config.has_version}` : "The agent has none yet"}
            </Badge>
          )}
        </Fact>
        <Fact name="Reports">{heartbeat ? `every ${heartbeat} s` : "as the agent chooses"}</Fact>
        <Fact name="May read">{allowed ? `columns up to class ${allowed}` : "nothing"}</Fact>
        <Fact name="Tables off">
          <span className="min-w-0 truncate" title={(off ?? []).join(", ")}>
            {off && off.length > 0 ? off.join(", ") : "none"}
          </span>
        </Fact>
      </dl>
    </Panel>
  );
}

/** What was said for the tenants above, for groups and for this agent alone; the nearest counts. */
function Layers({ config }: { config: Config }) {
  const layers = config.layers ?? [];
  const parts = config.parts ?? [];
  return (
    <Panel title="Said otherwise">
      {layers.length === 0 ? (
        <p className="border-t border-border px-3.5 py-3 text-fg-muted">
          Nothing is said for this agent alone, for its groups or its tenant: it does what packs, modules and
          checks follow from.
        </p>
      ) : (
        <ul className="mt-1">
          {layers.map(({ kind, target, name, version, state, in_canary, changed_at, changed_by }) => (
            <li
              key={`${kind} ${target}`}
              className="flex min-h-8 items-center gap-2 border-t border-border px-3.5 py-1"
            >
              <span className="min-w-0 flex-1 truncate">
                <span className="text-fg-muted">{kind}</span> <span className="font-medium">{name}</span>
              </span>
              {state === "rolling" && (
                <Badge tone={in_canary ? "wait" : "off"}>
                  <FlaskConical aria-hidden />
                  {in_canary ? "Tries it" : "Not yet"}
                </Badge>
              )}
              {state === "stopped" && <Badge tone="bad">Taken back</Badge>}
              <span className="text-xs text-fg-muted tnum">
                version {num(version)}, {changed_by}, <Time at={changed_at} />
              </span>
            </li>
          ))}
          {parts.map(({ name, value, from_name }) => (
            <li key={name} className="flex min-h-8 items-center gap-2 border-t border-border px-3.5 py-1">
              <span className="min-w-0 flex-1 truncate font-mono text-xs">{name}</span>
              <span className="font-mono text-xs">{value}</span>
              <span className="text-xs text-fg-muted">{from_name}</span>
            </li>
          ))}
        </ul>
      )}
      <p className="border-t border-border px-3.5 py-2 text-xs text-fg-subtle">
        {plural(parts.length, "value")} set by {plural(layers.length, "layer")}. Change them with tenantractl
        config set.
      </p>
    </Panel>
  );
}

function columns(queries: Query[]): GridColumn[] {
  const text = (field: string) => (row: number) => textOf(fields[field](queries[row]));
  return [
    { id: "collection", header: "Collection", width: 320, mono: true, text: text("collection") },
    { id: "when", header: "Runs", width: 230, text: text("when") },
    { id: "mode", header: "Tells", width: 110, text: text("mode") },
    { id: "sql", header: "SQL", width: 460, mono: true, text: text("sql") },
  ];
}
