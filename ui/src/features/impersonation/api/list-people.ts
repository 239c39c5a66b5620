import { useQuery } from "@tanstack/react-query";
import { answer, api, pageSize } from "@/lib/api/client";

/** The people of one tenant who can sign in: those that one may act for. */
export function useActivePeople(tenant: string) {
  return useQuery({
    queryKey: [tenant, "people", "active"],
    queryFn: async ({ signal }) => {
      const { items } = await answer(
        api.GET("/api/v1/users", { params: { query: { tenant, limit: pageSize } }, signal }),
      );
      return (items ?? []).filter(({ status }) => status === "active");
    },
  });
}
