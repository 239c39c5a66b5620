import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import type { Me } from "@/lib/api/types";

/** Who is signed in, where, and what they may do. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: () => answer(api.GET("/api/v1/me")),
  staleTime: 5 * 60_000,
});

export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

/** Asks whether the tenant's plan has a feature; what it lacks is shown locked, with the plan that has it. */
export function useHas(): (feature: string) => boolean {
  const { features } = useMe();
  return (feature) => features?.includes(feature) ?? false;
}

/** Asks whether the person may do something; what they may not is not shown. */
export function useCan(): (permission: string) => boolean {
  const { permissions } = useMe();
  return (permission) => permissions?.includes(permission) ?? false;
}
