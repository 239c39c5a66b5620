import { useParams } from "@tanstack/react-router";
import { wholeInstallation } from "@/lib/api/tenant-scope";

/** The tenant of the address. It is always there: links to tenant data cannot be made without it. */
export function useTenant(): string {
  return useParams({ strict: false }).tenant ?? wholeInstallation;
}
