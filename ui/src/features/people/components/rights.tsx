import { Check, Minus } from "lucide-react";
import { ErrorState } from "@/components/states";
import { Skeleton } from "@/components/ui/skeleton";
import { useAccess } from "../api/explain-access";

/** Each right of a person in this tenant, with the reason in the server's words. */
export function Rights({ tenant, user }: { tenant: string; user: string }) {
  const access = useAccess(tenant, user);
  if (access.isPending) {
    return (
      <div role="status">
        <span className="sr-only">Loading the rights</span>
        <Skeleton className="h-40" />
      </div>
    );
  }
  if (!access.data) {
    return <ErrorState what="load the rights" error={access.error} retry={() => void access.refetch()} />;
  }
  const { summary, rights } = access.data;
  return (
    <>
      <p className="mb-2 text-md">{summary}</p>
      <ul className="divide-y divide-border rounded-sm border border-border">
        {(rights ?? []).map(({ permission, may, why }) => (
          <li key={permission} className="flex items-start gap-2 px-2.5 py-1.5">
            {may ? (
              <Check size={15} className="mt-px shrink-0 text-ok-fg" aria-label="May" />
            ) : (
              <Minus size={15} className="mt-px shrink-0 text-off-fg" aria-label="May not" />
            )}
            <span className="min-w-0 flex-1">
              <span className="font-mono text-xs">{permission}</span>
              <span className="block text-xs text-fg-muted">{why}</span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
