import { TriangleAlert } from "lucide-react";

/** Why a form was refused, spoken as it appears. */
export function FormProblem({ children }: { children: string }) {
  return (
    <p
      role="alert"
      className="flex gap-2 rounded-sm bg-bad-bg px-2.5 py-2 text-bad-fg shadow-[inset_0_0_0_1px_var(--bad-line)]"
    >
      <TriangleAlert size={15} className="mt-px shrink-0" aria-hidden />
      <span>{children}</span>
    </p>
  );
}
