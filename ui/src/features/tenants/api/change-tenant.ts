import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import type { Plan, Tenant } from "@/lib/api/types";

export type TenantChange =
  | { change: "edit"; name: string; plan: Plan }
  | { change: "move"; parent: string }
  | { change: "suspend" | "archive" | "resume"; reason?: string };

/** Renames, moves, suspends, archives a tenant or serves it again. Ids of tenants hold wherever one stands. */
export function useChangeTenant() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ tenant, ...what }: TenantChange & { tenant: Tenant }) => {
      const params = { path: { id: tenant.id } };
      switch (what.change) {
        case "edit":
          return answer(
            api.PATCH("/api/v1/tenants/{id}", { params, body: { name: what.name, plan: what.plan } }),
          );
        case "move":
          return answer(api.POST("/api/v1/tenants/{id}/move", { params, body: { parent_id: what.parent } }));
        case "suspend":
          return answer(
            api.POST("/api/v1/tenants/{id}/suspend", {
              params,
              body: { confirm: tenant.slug, reason: what.reason },
            }),
          );
        case "archive":
          return answer(
            api.POST("/api/v1/tenants/{id}/archive", {
              params,
              body: { confirm: tenant.slug, reason: what.reason },
            }),
          );
        case "resume":
          return answer(api.POST("/api/v1/tenants/{id}/resume", { params, body: {} }));
      }
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["tenants"] }),
  });
}
