import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, listAll, pageSize } from "@/lib/api/client";
import type { paths } from "@/lib/api/schema";
import { tenantOnly, tenantScope } from "@/lib/api/tenant-scope";

export type GroupDraft = paths["/api/v1/groups"]["post"]["requestBody"]["content"]["application/json"];

/** Groups of agents of the tenant and below, by name. */
export function useGroups(tenant: string) {
  return useQuery({
    queryKey: [tenant, "groups", "list"],
    queryFn: ({ signal }) =>
      listAll((cursor) =>
        answer(
          api.GET("/api/v1/groups", {
            params: { query: { ...tenantScope(tenant), limit: pageSize, cursor } },
            signal,
          }),
        ),
      ),
  });
}

/** The agents that are in a group now. */
export function useGroupAgents(tenant: string, id: string) {
  return useQuery({
    queryKey: [tenant, "groups", "agents", id],
    queryFn: ({ signal }) =>
      listAll((cursor) =>
        answer(
          api.GET("/api/v1/groups/{id}/agents", {
            params: { path: { id }, query: { ...tenantScope(tenant), limit: pageSize, cursor } },
            signal,
          }),
        ),
      ),
  });
}

/** Makes a group or changes one; of a fixed one also says who is in it. */
export function useSaveGroup(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, draft, members }: { id?: string; draft: GroupDraft; members?: string[] }) => {
      const query = tenantOnly(tenant);
      const saved = await answer(
        id === undefined
          ? api.POST("/api/v1/groups", { params: { query }, body: draft })
          : api.PUT("/api/v1/groups/{id}", { params: { path: { id }, query }, body: draft }),
      );
      if (members) {
        await answer(
          api.PUT("/api/v1/groups/{id}/agents", {
            params: { path: { id: saved.id }, query },
            body: { agent_ids: members },
          }),
        );
      }
      return saved;
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "groups"] }),
  });
}

export function useDeleteGroup(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(api.DELETE("/api/v1/groups/{id}", { params: { path: { id }, query: tenantOnly(tenant) } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "groups"] }),
  });
}
