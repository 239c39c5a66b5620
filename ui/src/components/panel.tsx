import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

/** A bordered part of a page with a title that is a noun. */
export function Panel({
  title,
  aside,
  className,
  children,
}: {
  title: string;
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}) {
  return (
    <section className={cn("overflow-hidden rounded-md border border-border bg-surface", className)}>
      <header className="flex min-h-9 items-center gap-2 px-3.5 pt-1">
        <h2 className="flex-1 font-semibold">{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** A name and its value, in a list of facts. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex min-h-8 items-center gap-4 border-t border-border px-3.5 py-1">
      <dt className="w-32 flex-none text-fg-muted">{name}</dt>
      <dd className="flex min-w-0 flex-1 items-center gap-1 break-words">{children}</dd>
    </div>
  );
}
