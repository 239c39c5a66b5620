import { useSuspenseQuery } from "@tanstack/react-query";
import { meAt } from "@/lib/api/me";
import type { Me } from "@/lib/api/types";
import { useTenant } from "./use-tenant";

/** Who is signed in, with role, rights and plan in the tenant of the address. */
export function useMe(): Me {
  return useSuspenseQuery(meAt(useTenant())).data;
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
