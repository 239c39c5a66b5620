import { Command as Primitive } from "cmdk";
import { Search } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/lib/cn";

export const Command = Primitive;

export function CommandInput({
  end,
  ...props
}: ComponentProps<typeof Primitive.Input> & { end?: ReactNode }) {
  return (
    <div className="flex items-center gap-2 border-b border-border px-3">
      <Search size={15} className="shrink-0 text-fg-subtle" aria-hidden />
      <Primitive.Input className="h-10 min-w-0 flex-1 bg-transparent text-md outline-none" {...props} />
      {end}
    </div>
  );
}

export function CommandList({ className, ...props }: ComponentProps<typeof Primitive.List>) {
  return (
    <Primitive.List
      className={cn("min-h-0 flex-1 scroll-py-1 overflow-y-auto p-1 focus-visible:outline-none", className)}
      {...props}
    />
  );
}

export function CommandGroup(props: ComponentProps<typeof Primitive.Group>) {
  return (
    <Primitive.Group
      className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-fg-subtle"
      {...props}
    />
  );
}

export function CommandItem({ className, ...props }: ComponentProps<typeof Primitive.Item>) {
  return (
    <Primitive.Item
      className={cn(
        "flex min-h-8 items-center gap-2.5 rounded-sm px-2 data-[selected=true]:bg-hover max-md:min-h-10 [&_svg]:shrink-0 [&_svg]:text-fg-subtle",
        className,
      )}
      {...props}
    />
  );
}

export function CommandEmpty(props: ComponentProps<typeof Primitive.Empty>) {
  return <Primitive.Empty className="px-3 py-6 text-center text-fg-muted" {...props} />;
}
