import { Link } from "@tanstack/react-router";
import { Layers } from "lucide-react";
import { EmptyState } from "@/components/states";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { Collection } from "@/lib/api/types";
import { num } from "@/lib/format";
import { collectionState } from "./collection-state";

/** Every collection of an agent: how many rows, how old, and the error of one that failed. */
export function CollectionList({
  tenant,
  agentId,
  collections,
}: {
  tenant: string;
  agentId: string;
  collections: Collection[];
}) {
  if (collections.length === 0) {
    return (
      <EmptyState icon={Layers} title="No collection yet">
        First rows arrive within a minute once a pack is set for this tenant.
      </EmptyState>
    );
  }
  const head = "h-[30px] border-b border-border px-3 text-left text-xs font-medium text-fg-muted";
  return (
    <div className="overflow-x-auto rounded-md border border-border bg-surface">
      <table className="w-full">
        <thead className="bg-bg">
          <tr>
            <th scope="col" className={head}>
              Collection
            </th>
            <th scope="col" className={`${head} w-24 text-right`}>
              Rows
            </th>
            <th scope="col" className={`${head} w-32 max-sm:hidden`}>
              Last batch
            </th>
            <th scope="col" className={`${head} w-32`}>
              State
            </th>
          </tr>
        </thead>
        <tbody>
          {collections.map((each) => (
            <tr
              key={each.collection}
              className="h-8 hover:bg-hover [&:not(:last-child)>td]:border-b [&>td]:border-border"
            >
              <td className="px-3 py-1">
                <Link
                  to="/t/$tenant/agents/$agentId/collections/$collection"
                  params={{ tenant, agentId, collection: each.collection }}
                  className="inline-block min-h-6 py-0.5 font-mono text-xs hover:text-primary-text hover:underline"
                >
                  {each.collection}
                </Link>
                {each.error && <p className="text-xs text-bad-fg">{each.error}</p>}
              </td>
              <td className="px-3 text-right tnum">{num(each.rows)}</td>
              <td className="px-3 max-sm:hidden">
                <Time at={each.last_batch_at} />
              </td>
              <td className="px-3">
                <StatusBadge status={collectionState(each)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
