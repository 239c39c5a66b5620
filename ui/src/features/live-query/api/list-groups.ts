import { useQuery } from "@tanstack/react-query";
import { answer, api, listAll, pageSize } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";

/** Groups of agents that a run can be narrowed to. */
export function useGroups(tenant: string) {
  return useQuery({
    queryKey: [tenant, "groups", "targets"],
    queryFn: async ({ signal }) => {
      const { items } = await listAll((cursor) =>
        answer(
          api.GET("/api/v1/groups", {
            params: { query: { ...tenantScope(tenant), limit: pageSize, cursor } },
            signal,
          }),
        ),
      );
      return items;
    },
    staleTime: 60_000,
  });
}
