import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";

/** Has an agent make itself another key. The old one counts until the first message under the new one. */
export function rotateKey(tenant: string, id: string): Promise<unknown> {
  return answer(
    api.POST("/api/v1/agents/{id}/rotate-key", { params: { path: { id }, query: tenantScope(tenant) } }),
  );
}

export function useRotateKey(tenant: string) {
  return useMutation({ mutationFn: (id: string) => rotateKey(tenant, id) });
}

/** Has an agent go to another tenant. What it told stays in this one. */
export function useMoveAgent(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, to }: { id: string; to: string }) =>
      answer(
        api.POST("/api/v1/agents/{id}/move", {
          params: { path: { id }, query: tenantScope(tenant) },
          body: { tenant_id: to },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "agents"] }),
  });
}

/** Retires an agent for good: its requests are refused, lists leave it out, its rows stay in history. */
export function retireAgent(tenant: string, id: string): Promise<unknown> {
  return answer(
    api.POST("/api/v1/agents/{id}/decommission", { params: { path: { id }, query: tenantScope(tenant) } }),
  );
}

export function useRetireAgent(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => retireAgent(tenant, id),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "agents"] }),
  });
}
