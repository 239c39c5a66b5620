import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantOnly } from "@/lib/api/tenant-scope";

/** The channels that a rule may name. */
export function useChannelNames(tenant: string) {
  return useQuery({
    queryKey: [tenant, "channels", "names"],
    queryFn: async ({ signal }) => {
      const { items } = await answer(
        api.GET("/api/v1/channels", { params: { query: tenantOnly(tenant) }, signal }),
      );
      return (items ?? []).map(({ name }) => name);
    },
  });
}
