import { answer, api } from "@/lib/api/client";
import { tenantOnly } from "@/lib/api/tenant-scope";

/** Gives an agent these tags and no others. */
export function setAgentTags(tenant: string, id: string, tags: string[]) {
  return answer(
    api.PUT("/api/v1/agents/{id}/tags", {
      params: { path: { id }, query: tenantOnly(tenant) },
      body: { tags },
    }),
  );
}
