import { ChevronRight } from "lucide-react";
import { createContext, useContext, useEffect, type ReactNode } from "react";

export interface Crumb {
  label: string;
  link?: ReactNode;
}

/** How a page tells the top bar where it is. */
export const BreadcrumbContext = createContext<(crumbs: Crumb[]) => void>(() => undefined);

/** Sets the parts below the tenant, for as long as the page shows. `link` is memoised by its label. */
export function useBreadcrumb(crumbs: Crumb[]): void {
  const set = useContext(BreadcrumbContext);
  const key = crumbs.map(({ label }) => label).join("\n");
  useEffect(() => {
    set(crumbs);
    // The labels stand for the crumbs: their links differ only in identity.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [set, key]);
}

export function Breadcrumb({ crumbs }: { crumbs: Crumb[] }) {
  return (
    <nav aria-label="Breadcrumb" className="min-w-0 flex-1">
      <ol className="flex min-w-0 items-center gap-1.5 text-fg-muted">
        {crumbs.map(({ label, link }, index) => {
          const last = index === crumbs.length - 1;
          return (
            <li
              key={`${index} ${label}`}
              className={
                last
                  ? "min-w-0 truncate font-semibold text-fg"
                  : "flex min-w-0 shrink items-center gap-1.5 max-sm:hidden"
              }
              aria-current={last ? "page" : undefined}
            >
              <span className="truncate">{last ? label : (link ?? label)}</span>
              {!last && <ChevronRight size={13} className="shrink-0 text-fg-disabled" aria-hidden />}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
