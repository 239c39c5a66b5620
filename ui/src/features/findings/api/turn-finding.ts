import { useMutation, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { answer, api, type Listing } from "@/lib/api/client";
import { explain } from "@/lib/api/problem";
import { tenantScope } from "@/lib/api/tenant-scope";
import type { Finding } from "@/lib/api/types";
import { notify } from "@/lib/toasts";

/** Says that an open finding was seen. */
export function acknowledgeFinding(tenant: string, { id }: Finding, reason?: string) {
  return answer(
    api.POST("/api/v1/findings/{id}/acknowledge", {
      params: { path: { id }, query: tenantScope(tenant) },
      body: { reason },
    }),
  );
}

/** Takes an acknowledgement back. */
export function reopenFinding(tenant: string, { id }: Finding) {
  return answer(
    api.POST("/api/v1/findings/{id}/reopen", {
      params: { path: { id }, query: tenantScope(tenant) },
      body: { reason: "taken back" },
    }),
  );
}

/** Has all lists and pages of findings ask the server again. */
export function refreshFindings(queries: QueryClient, tenant: string) {
  return queries.invalidateQueries({ queryKey: [tenant, "findings"] });
}

/**
 * Acknowledges a finding, or takes that back. It leaves its list at once and comes back with the reason when the server refuses;
 * what was acknowledged can be undone from the message.
 */
export function useTurnFinding(tenant: string) {
  const queries = useQueryClient();
  const lists = { queryKey: [tenant, "findings", "list"] };
  const turn = useMutation({
    mutationFn: ({ finding, to }: { finding: Finding; to: "acknowledged" | "open" }): Promise<unknown> =>
      to === "open" ? reopenFinding(tenant, finding) : acknowledgeFinding(tenant, finding),
    onMutate: async ({ finding, to }) => {
      await queries.cancelQueries(lists);
      const before = queries.getQueriesData<Listing<Finding>>(lists);
      for (const [key, listing] of before) {
        if (!listing) continue;
        queries.setQueryData(key, {
          ...listing,
          items: listing.items.filter(({ id, state }) => id !== finding.id || state === to),
        });
      }
      return { before };
    },
    onError: (error, { to }, context) => {
      for (const [key, listing] of context?.before ?? []) queries.setQueryData(key, listing);
      notify(`Could not ${to === "open" ? "reopen" : "acknowledge"} the finding. ${explain(error)}`, "bad");
    },
    onSuccess: (_answer, { finding, to }) => {
      if (to === "open") notify(`Open again: ${finding.title} on ${finding.hostname}`);
      else {
        notify(`Acknowledged: ${finding.title} on ${finding.hostname}`, "ok", {
          label: "Undo",
          run: () => {
            turn.mutate({ finding, to: "open" });
          },
        });
      }
    },
    onSettled: () => refreshFindings(queries, tenant),
  });
  return turn;
}
