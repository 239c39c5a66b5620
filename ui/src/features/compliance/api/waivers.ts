import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, listAll, pageSize } from "@/lib/api/client";
import { tenantOnly, tenantScope } from "@/lib/api/tenant-scope";
import type { Waiver } from "@/lib/api/types";

/** Failures that were accepted, are asked to be, or were, in the tenant and below. */
export function useWaivers(tenant: string) {
  return useQuery({
    queryKey: [tenant, "compliance", "waivers"],
    queryFn: ({ signal }) =>
      listAll((cursor) =>
        answer(
          api.GET("/api/v1/compliance/waivers", {
            params: { query: { ...tenantScope(tenant), all: true, limit: pageSize, cursor } },
            signal,
          }),
        ),
      ),
  });
}

export interface WaiverWish {
  check: string;
  reason: string;
  expires_at: string;
  agent_id?: string;
  tag?: string;
}

/** Asks that a failure be accepted for a while; somebody else approves it. */
export function useAskWaiver(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: WaiverWish) =>
      answer(api.POST("/api/v1/compliance/waivers", { params: { query: tenantOnly(tenant) }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "compliance"] }),
  });
}

/** Approves a waiver that somebody else asked for. */
export function useApproveWaiver(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, tenant_id }: Waiver) =>
      answer(
        api.POST("/api/v1/compliance/waivers/{id}/approve", {
          params: { path: { id }, query: { tenant: tenant_id } },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "compliance"] }),
  });
}

/** Refuses a waiver that is asked for, or ends one before it expires. */
export function useEndWaiver(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ waiver, reason }: { waiver: Waiver; reason: string }) =>
      answer(
        api.POST("/api/v1/compliance/waivers/{id}/end", {
          params: { path: { id: waiver.id }, query: { tenant: waiver.tenant_id } },
          body: reason ? { reason } : {},
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "compliance"] }),
  });
}
