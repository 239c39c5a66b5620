import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantOnly } from "@/lib/api/tenant-scope";
import type { View } from "@/lib/api/types";

/** The saved views of a list: the person's own, then those that others share in the tenant. */
export function useViews(tenant: string, page: string) {
  return useQuery({
    queryKey: [tenant, "views", page],
    queryFn: async ({ signal }) =>
      (await answer(api.GET("/api/v1/views", { params: { query: { ...tenantOnly(tenant), page } }, signal })))
        .items ?? [],
    staleTime: 60_000,
    // Without its views a list is whole: it does not wait for them, nor say that they are missing.
    retry: false,
  });
}

export type ViewChange =
  | { change: "create"; name: string; search: string; shared: boolean }
  | { change: "update"; view: View; search: string }
  | { change: "delete"; view: View }
  | { change: "default"; view: View; on: boolean };

/** Saves, changes and deletes views of a list, and says with which one it opens. */
export function useChangeView(tenant: string, page: string) {
  const queries = useQueryClient();
  const query = tenantOnly(tenant);
  return useMutation({
    mutationFn: async (asked: ViewChange): Promise<unknown> => {
      switch (asked.change) {
        case "create": {
          const { name, search, shared } = asked;
          return answer(
            api.POST("/api/v1/views", { params: { query }, body: { page, name, search, shared } }),
          );
        }
        case "update": {
          const { id, name, shared } = asked.view;
          return answer(
            api.PUT("/api/v1/views/{id}", {
              params: { path: { id }, query },
              body: { name, search: asked.search, shared },
            }),
          );
        }
        case "delete":
          return answer(api.DELETE("/api/v1/views/{id}", { params: { path: { id: asked.view.id }, query } }));
        case "default":
          return answer(
            api.PUT("/api/v1/views/{id}/default", {
              params: { path: { id: asked.view.id }, query },
              body: { default: asked.on },
            }),
          );
      }
    },
    onSettled: () => queries.invalidateQueries({ queryKey: [tenant, "views", page] }),
  });
}
