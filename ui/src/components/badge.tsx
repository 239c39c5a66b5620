import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

const line = "shadow-[inset_0_0_0_1px_var(--badge-line)]";

export const badgeVariants = cva(
  "inline-flex h-5 shrink-0 items-center gap-1 rounded-xs pr-[7px] pl-[5px] text-[11.5px] leading-none font-medium whitespace-nowrap [&_svg]:size-3 [&_svg]:shrink-0",
  {
    variants: {
      tone: {
        critical: "bg-critical-solid text-on-critical",
        high: `bg-high-bg text-high-fg [--badge-line:var(--high-line)] ${line}`,
        medium: `bg-medium-bg text-medium-fg [--badge-line:var(--medium-line)] ${line}`,
        low: `bg-low-bg text-low-fg [--badge-line:var(--low-line)] ${line}`,
        info: `bg-info-bg text-info-fg [--badge-line:var(--info-line)] ${line}`,
        ok: `bg-ok-bg text-ok-fg [--badge-line:var(--ok-line)] ${line}`,
        warn: `bg-warn-bg text-warn-fg [--badge-line:var(--warn-line)] ${line}`,
        bad: `bg-bad-bg text-bad-fg [--badge-line:var(--bad-line)] ${line}`,
        off: `bg-off-bg text-off-fg [--badge-line:var(--off-line)] ${line}`,
        wait: `bg-wait-bg text-wait-fg [--badge-line:var(--wait-line)] ${line}`,
      },
    },
    defaultVariants: { tone: "info" },
  },
);

export type Tone = NonNullable<VariantProps<typeof badgeVariants>["tone"]>;

/** An icon and a word in a status colour; the colour is never the only sign. */
export function Badge({ tone, className, ...props }: ComponentProps<"span"> & { tone: Tone }) {
  return <span className={cn(badgeVariants({ tone }), className)} {...props} />;
}
