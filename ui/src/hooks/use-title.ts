import { useEffect } from "react";

/** The tab's title: "Findings · Northwind Health · Tenantra". */
export function useTitle(...parts: (string | undefined)[]): void {
  const title = [...parts.filter(Boolean), "Tenantra"].join(" · ");
  useEffect(() => {
    document.title = title;
  }, [title]);
}
