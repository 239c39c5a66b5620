import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";

/** The catalogue of tables that agents can answer from. It changes with the server's version only. */
export const tablesQuery = queryOptions({
  queryKey: ["tables"],
  queryFn: async () => (await answer(api.GET("/api/v1/tables"))).items ?? [],
  staleTime: Infinity,
});

export function useTables(enabled = true) {
  return useQuery({ ...tablesQuery, enabled });
}
