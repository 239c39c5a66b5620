import { useMutation } from "@tanstack/react-query";
import { startActing } from "@/lib/api/acting";
import { answer, api } from "@/lib/api/client";
import type { Role } from "@/lib/api/types";
import { roleWord } from "@/lib/roles";

export interface Wish {
  /** Address of the customer's tenant. */
  tenant: string;
  reason: string;
  minutes: number;
  /** As one of the customer's people, or else with a role. */
  user?: { id: string; name: string };
  role?: Exclude<Role, "SUPER_ADMIN" | "MSP_ADMIN">;
}

/** Asks for leave to act in a customer's tenant and uses it from then on. */
export function useStartActing() {
  return useMutation({
    mutationFn: async ({ tenant, reason, minutes, user, role }: Wish) => {
      const { grant, access_token } = await answer(
        api.POST("/api/v1/impersonations", {
          params: { query: { tenant } },
          body: { reason, minutes, ...(user ? { user_id: user.id } : { role }) },
        }),
      );
      startActing({
        token: access_token,
        grant: grant.id,
        tenantId: grant.tenant_id,
        tenantName: grant.tenant_name,
        as: user?.name ?? roleWord(grant.role),
        expiresAt: Date.parse(grant.expires_at),
      });
    },
  });
}
