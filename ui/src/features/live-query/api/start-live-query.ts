import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";
import { targetBody, type Target } from "../target";

/** Asks the agents of a target now. The run lives on the server, so leaving the page does not end it. */
export function useStartLiveQuery(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ sql, target }: { sql: string; target: Target }) =>
      answer(
        api.POST("/api/v1/live-queries", {
          params: { query: tenantScope(tenant) },
          body: { sql, target: targetBody(target) },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "live-queries"] }),
  });
}
