import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

export function Input({ className, type, ...props }: ComponentProps<"input">) {
  return (
    <input
      type={type}
      className={cn(
        "h-7 w-full min-w-0 rounded-sm border border-border-control bg-surface px-2 text-fg transition-colors duration-[90ms] max-md:h-9",
        "aria-invalid:border-bad disabled:text-fg-disabled dark:bg-sunken",
        className,
      )}
      {...props}
    />
  );
}
