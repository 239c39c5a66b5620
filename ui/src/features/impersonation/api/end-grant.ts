import { useMutation, useQueryClient } from "@tanstack/react-query";
import { stopActing, type Acting } from "@/lib/api/acting";
import { answer, api } from "@/lib/api/client";
import type { Grant } from "@/lib/api/types";

/** Ends somebody's acting in a tenant, for those who manage its people. */
export function useEndGrant(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, tenant_id }: Grant) =>
      answer(
        api.POST("/api/v1/impersonations/{id}/end", {
          params: { path: { id }, query: { tenant: tenant_id } },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "grants"] }),
  });
}

function endOwn({ grant, tenantId }: Acting, keepalive: boolean) {
  return api.POST("/api/v1/impersonations/{id}/end", {
    params: { path: { id: grant }, query: { tenant: tenantId } },
    keepalive,
  });
}

/** Ends one's own acting, at the server and here. */
export function useEndActing() {
  return useMutation({
    mutationFn: (leave: Acting) => answer(endOwn(leave, false)),
    // The person wants out: the token leaves memory also when the server cannot be reached, where the grant soon expires.
    onSettled: stopActing,
  });
}

/** Ends the grant while the page goes: its token is in this page's memory only, so nobody could use it afterwards. */
export function endActingOnLeave(leave: Acting): void {
  void endOwn(leave, true).catch(() => undefined);
}
