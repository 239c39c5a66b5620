import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api, listAll, pageSize } from "@/lib/api/client";

/** The tenants that the person may see: their own and what lies below it. */
export const tenantsQuery = queryOptions({
  queryKey: ["tenants"],
  queryFn: ({ signal }) =>
    listAll((cursor) =>
      answer(api.GET("/api/v1/tenants", { params: { query: { limit: pageSize, cursor } }, signal })),
    ),
  staleTime: 60_000,
});

export function useTenants(enabled: boolean) {
  return useQuery({ ...tenantsQuery, enabled });
}
