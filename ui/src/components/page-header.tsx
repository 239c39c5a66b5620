import type { ReactNode } from "react";

/** The head of a page: its one h1, the answer to its question in a line, and its actions. It stays while content scrolls. */
export function PageHeader({
  title,
  badge,
  answer,
  actions,
}: {
  title: string;
  badge?: ReactNode;
  answer?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <header className="flex min-h-13 flex-none flex-wrap items-center gap-x-3 gap-y-1 px-5 py-2.5 max-sm:px-4">
      <h1 className="text-xl font-[650]">{title}</h1>
      {badge}
      <div className="min-w-0 flex-1 text-fg-muted max-sm:order-1 max-sm:basis-full">{answer}</div>
      {actions && <div className="no-print flex items-center gap-2 max-sm:ml-auto">{actions}</div>}
    </header>
  );
}
