import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantOnly } from "@/lib/api/tenant-scope";
import type { Role } from "@/lib/api/types";

export interface Invitation {
  email: string;
  name: string;
  role: Role;
}

/** Invites a person to the tenant: by mail where the installation sends mail, else by a link to hand over. */
export function useInvitePerson(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Invitation) =>
      answer(api.POST("/api/v1/users/invitations", { params: { query: tenantOnly(tenant) }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "people"] }),
  });
}
