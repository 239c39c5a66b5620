import { Link } from "@tanstack/react-router";
import { Panel } from "@/components/panel";
import type { Agent, Finding, Tenant } from "@/lib/api/types";
import { num } from "@/lib/format";
import { severityOf } from "@/lib/severity";

/** The same answers for each tenant below: agents, those away, and what is open there. */
export function CustomersPanel({
  tenants,
  agents,
  findings,
}: {
  tenants: Tenant[];
  agents: Agent[];
  findings: Finding[];
}) {
  const rows = tenants
    .map((tenant) => {
      const own = agents.filter(({ tenant_id }) => tenant_id === tenant.id);
      const open = findings.filter(({ tenant_id }) => tenant_id === tenant.id);
      return {
        tenant,
        agents: own.length,
        offline: own.filter(({ status }) => status === "offline").length,
        critical: open.filter(({ severity }) => severityOf(severity) === "critical").length,
        high: open.filter(({ severity }) => severityOf(severity) === "high").length,
        open: open.length,
      };
    })
    .filter(({ agents: count, open }) => count > 0 || open > 0)
    .sort((a, b) => b.critical - a.critical || b.high - a.high || b.open - a.open);
  const head = "px-2 py-1.5 text-right text-xs font-medium text-fg-muted";
  const cell = "px-2 py-1.5 text-right tnum";
  return (
    <Panel title="Customers">
      <div className="overflow-x-auto">
        <table className="w-full">
          <thead>
            <tr>
              <th scope="col" className={`${head} pl-3.5 text-left`}>
                Tenant
              </th>
              <th scope="col" className={head}>
                Agents
              </th>
              <th scope="col" className={head}>
                Offline
              </th>
              <th scope="col" className={head}>
                Critical
              </th>
              <th scope="col" className={head}>
                High
              </th>
              <th scope="col" className={`${head} pr-3.5`}>
                Open
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.tenant.id} className="border-t border-border hover:bg-hover">
                <th scope="row" className="px-2 py-1.5 pl-3.5 text-left font-[550]">
                  <Link
                    to="/t/$tenant"
                    params={{ tenant: row.tenant.slug }}
                    className="hover:text-primary-text hover:underline"
                  >
                    {row.tenant.name}
                  </Link>
                </th>
                <td className={cell}>{num(row.agents)}</td>
                <td className={cell}>{num(row.offline)}</td>
                <td className={`${cell} ${row.critical > 0 ? "font-semibold text-critical-fg" : ""}`}>
                  {num(row.critical)}
                </td>
                <td className={`${cell} ${row.high > 0 ? "font-semibold text-high-fg" : ""}`}>
                  {num(row.high)}
                </td>
                <td className={`${cell} pr-3.5`}>{num(row.open)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
