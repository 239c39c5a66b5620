import { useQuery } from "@tanstack/react-query";
import { answer, api, listAll, pageSize } from "@/lib/api/client";

/** The customers directly below a tenant with their health, each with all below it. */
export function useClients(below: string, enabled = true) {
  return useQuery({
    queryKey: [below, "clients"],
    enabled,
    queryFn: ({ signal }) =>
      listAll((cursor) =>
        answer(
          api.GET("/api/v1/msp/clients", {
            params: { query: { tenant: below, recursive: true, limit: pageSize, cursor } },
            signal,
          }),
        ),
      ),
    // Health is no event; it is read anew often enough to work by it.
    refetchInterval: 60_000,
  });
}
