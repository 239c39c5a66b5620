import { cva, type VariantProps } from "class-variance-authority";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

export const buttonVariants = cva(
  "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-sm font-medium whitespace-nowrap transition-colors duration-[90ms] disabled:text-fg-disabled aria-disabled:text-fg-disabled [&_svg]:shrink-0 [&:disabled_kbd]:opacity-50",
  {
    variants: {
      variant: {
        default:
          "border border-border-strong bg-surface shadow-sm hover:bg-hover data-[state=open]:bg-hover dark:bg-raised dark:hover:bg-hover",
        primary:
          "bg-primary text-on-primary hover:bg-primary-hover disabled:bg-sunken disabled:shadow-[inset_0_0_0_1px_var(--border)] aria-disabled:bg-sunken",
        danger: "bg-danger text-on-danger hover:bg-danger-hover disabled:bg-sunken",
        ghost:
          "text-fg-muted hover:bg-hover hover:text-fg data-[state=open]:bg-hover data-[state=open]:text-fg",
        link: "text-primary-text underline-offset-2 hover:underline",
      },
      size: {
        default: "h-7 px-2.5 max-md:h-9",
        small: "h-6 px-2 text-xs max-md:h-8",
        icon: "size-7 max-md:size-9",
        "icon-small": "size-6",
        inline: "h-auto min-h-6 p-0",
        large: "h-9 px-4",
      },
    },
    defaultVariants: { variant: "default", size: "default" },
  },
);

type ButtonProps = ComponentProps<"button"> & VariantProps<typeof buttonVariants> & { asChild?: boolean };

export function Button({ className, variant, size, asChild = false, type, ...props }: ButtonProps) {
  const Component = asChild ? Slot.Root : "button";
  return (
    <Component
      type={asChild ? undefined : (type ?? "button")}
      className={cn(buttonVariants({ variant, size }), className)}
      {...props}
    />
  );
}
