import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { explain } from "@/lib/api/problem";
import { tenantScope } from "@/lib/api/tenant-scope";
import { notify } from "@/lib/toasts";

/** Stops a run; agents that did not answer yet stop working on it. */
export function useCancelLiveQuery(tenant: string) {
  return useMutation({
    mutationFn: (id: string) =>
      answer(
        api.POST("/api/v1/live-queries/{id}/cancel", {
          params: { path: { id }, query: tenantScope(tenant) },
        }),
      ),
    onError: (error) => {
      notify(`Could not stop the run. ${explain(error)}`, "bad");
    },
  });
}
