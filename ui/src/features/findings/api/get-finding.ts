import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";

export function useFinding(tenant: string, id: string) {
  return useQuery({
    queryKey: [tenant, "findings", "one", id],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/findings/{id}", { params: { path: { id }, query: tenantScope(tenant) }, signal }),
      ),
  });
}
