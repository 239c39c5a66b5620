import type { ReactNode } from "react";

/** The one column of every page before the console: sign, question, what is asked for. */
export function SignInColumn({
  logo,
  title,
  lead,
  children,
}: {
  logo: ReactNode;
  title: string;
  lead: ReactNode;
  children: ReactNode;
}) {
  return (
    <main className="grid min-h-full place-items-center px-4 py-10">
      <div className="w-full max-w-[360px]">
        {logo}
        <h1 className="text-xl font-[650]">{title}</h1>
        <div className="mt-1 mb-6 text-fg-muted">{lead}</div>
        {children}
      </div>
    </main>
  );
}
