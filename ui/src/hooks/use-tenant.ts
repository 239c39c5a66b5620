import { useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { meQuery } from "@/lib/api/me";
import { wholeInstallation } from "@/lib/api/tenant-scope";

/** The tenant of the address; on the pages of an MSP, which have none, one's own. */
export function useTenant(): string {
  const queries = useQueryClient();
  const { tenant } = useParams({ strict: false });
  return tenant ?? queries.getQueryData(meQuery.queryKey)?.tenant.slug ?? wholeInstallation;
}
