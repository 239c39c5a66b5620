import { useEffect } from "react";
import { useActing } from "./use-acting";

/** The tab's title: "Findings · Northwind Health · Tenantra", with the customer in front while one acts there. */
export function useTitle(...parts: (string | undefined)[]): void {
  const acting = useActing();
  const title = [acting && `Acting in ${acting.tenantName}`, ...parts.filter(Boolean), "Tenantra"]
    .filter(Boolean)
    .join(" · ");
  useEffect(() => {
    document.title = title;
  }, [title]);
}
