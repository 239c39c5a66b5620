import { Link } from "@tanstack/react-router";
import { OctagonAlert } from "lucide-react";
import { Panel } from "@/components/panel";
import type { Client } from "@/lib/api/types";
import { num } from "@/lib/format";

const shown = 10;

/** The same answers for each customer, those first that need somebody. */
export function CustomersPanel({ clients }: { clients: Client[] }) {
  const rows = clients
    .toSorted(
      (a, b) =>
        (b.needs_me?.length ?? 0) - (a.needs_me?.length ?? 0) ||
        b.findings_critical - a.findings_critical ||
        b.findings_high - a.findings_high,
    )
    .slice(0, shown);
  const head = "px-2 py-1.5 text-xs font-medium text-fg-muted";
  const cell = "px-2 py-1.5 text-right tnum";
  return (
    <Panel
      title="Customers"
      aside={
        <Link to="/msp/clients" className="text-primary-text underline-offset-2 hover:underline">
          All {num(clients.length)}
        </Link>
      }
    >
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Customers">
        <table className="w-full">
          <thead>
            <tr>
              <th scope="col" className={`${head} pl-3.5 text-left`}>
                Customer
              </th>
              <th scope="col" className={`${head} text-left`}>
                Needs me
              </th>
              {["Compliance", "Critical", "High", "Agents on/all"].map((name) => (
                <th key={name} scope="col" className={`${head} text-right last:pr-3.5`}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((client) => (
              <tr key={client.id} className="border-t border-border hover:bg-hover">
                <th scope="row" className="px-2 py-1.5 pl-3.5 text-left font-[550]">
                  <Link
                    to="/t/$tenant"
                    params={{ tenant: client.slug }}
                    className="hover:text-primary-text hover:underline"
                  >
                    {client.name}
                  </Link>
                </th>
                <td className="px-2 py-1.5 text-left">
                  {(client.needs_me ?? []).length > 0 ? (
                    <span className="inline-flex items-center gap-1.5 text-bad-fg">
                      <OctagonAlert size={13} className="shrink-0" aria-hidden />
                      {(client.needs_me ?? []).join("; ")}
                    </span>
                  ) : (
                    <span className="text-fg-subtle">nothing</span>
                  )}
                </td>
                <td className={cell}>
                  {client.compliance_score === null ? (
                    <span className="text-fg-subtle">not judged</span>
                  ) : (
                    `${client.compliance_score.toFixed(1)} %`
                  )}
                </td>
                <td
                  className={`${cell} ${client.findings_critical > 0 ? "font-semibold text-critical-fg" : ""}`}
                >
                  {num(client.findings_critical)}
                </td>
                <td className={`${cell} ${client.findings_high > 0 ? "font-semibold text-high-fg" : ""}`}>
                  {num(client.findings_high)}
                </td>
                <td className={`${cell} pr-3.5`}>
                  {num(client.agents_online)}/{num(client.agents)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
