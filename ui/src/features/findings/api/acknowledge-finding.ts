import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Listing } from "@/lib/api/client";
import { explain } from "@/lib/api/problem";
import { tenantScope } from "@/lib/api/tenant-scope";
import type { Finding } from "@/lib/api/types";
import { notify } from "@/lib/toasts";

/** Marks a finding as seen. It leaves the open list at once and comes back with the reason when the server refuses. */
export function useAcknowledgeFinding(tenant: string) {
  const queries = useQueryClient();
  const lists = { queryKey: [tenant, "findings", "list"] };
  return useMutation({
    mutationFn: (finding: Finding) =>
      answer(
        api.POST("/api/v1/findings/{id}/acknowledge", {
          params: { path: { id: finding.id }, query: tenantScope(tenant) },
          body: {},
        }),
      ),
    onMutate: async (finding) => {
      await queries.cancelQueries(lists);
      const before = queries.getQueriesData<Listing<Finding>>(lists);
      for (const [key, listing] of before) {
        if (!listing) continue;
        queries.setQueryData(key, {
          ...listing,
          items: listing.items.filter(({ id, state }) => id !== finding.id || state !== "open"),
        });
      }
      return { before };
    },
    onError: (error, _finding, context) => {
      for (const [key, listing] of context?.before ?? []) queries.setQueryData(key, listing);
      notify(`Could not acknowledge the finding. ${explain(error)}`, "bad");
    },
    onSuccess: (_answer, finding) => {
      notify(`Acknowledged: ${finding.title} on ${finding.hostname}`);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: [tenant, "findings"] }),
  });
}
