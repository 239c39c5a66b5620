import type { ReactNode } from "react";
import { countValues, Facet } from "@/components/facets";
import { statuses } from "@/components/status-badge";
import type { Agent } from "@/lib/api/types";
import type { Filter } from "@/lib/grid/filter";
import { platformName } from "@/lib/platforms";

interface AgentFacetsProps {
  agents: Agent[];
  filters: Filter[];
  onFilters: (filters: Filter[]) => void;
}

/** How many agents are of each kind. A choice is the same filter that one could type under the column's head. */
export function AgentFacets({ agents, filters, onFilters }: AgentFacetsProps) {
  const chosen = (column: string) =>
    filters.find((filter) => filter.column === column && filter.text.startsWith("= "))?.text.slice(2);
  const choose = (column: string) => (value: string | undefined) => {
    const others = filters.filter((filter) => filter.column !== column);
    onFilters(value === undefined ? others : [...others, { column, text: `= ${value}` }]);
  };
  const facet = (
    column: string,
    title: string,
    of: (agent: Agent) => string,
    label: (value: string) => ReactNode = (value) => value,
  ) => (
    <Facet
      title={title}
      values={countValues(agents, (agent) => [of(agent)]).map(({ value, count }) => ({
        value,
        count,
        label: label(value),
      }))}
      chosen={chosen(column)}
      onChoose={choose(column)}
    />
  );
  return (
    <aside
      aria-label="Agents by kind"
      className="w-48 flex-none overflow-y-auto border-r border-border bg-bg py-1.5 max-md:hidden"
    >
      {facet(
        "status",
        "Status",
        ({ status }) => status,
        (value) => (
          <StatusLabel status={value as Agent["status"]} />
        ),
      )}
      {facet("platform", "Platform", ({ platform }) => platform, platformName)}
      {facet("tenant", "Tenant", ({ tenant_name }) => tenant_name)}
      {facet("version", "Agent version", ({ version }) => version)}
    </aside>
  );
}

const statusTones = {
  online: "text-ok-fg",
  offline: "text-off-fg",
  pending: "text-warn-fg",
  revoked: "text-bad-fg",
};

function StatusLabel({ status }: { status: Agent["status"] }) {
  const { icon: Icon, word } = statuses[status];
  return (
    <>
      <Icon size={13} strokeWidth={1.75} aria-hidden className={statusTones[status]} />
      {word}
    </>
  );
}
