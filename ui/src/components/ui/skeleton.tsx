import { cn } from "@/lib/cn";

/** A place that will hold data, in its final size. It appears after 100 ms: fast answers show no flash. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cn("animate-appear rounded-xs bg-sunken dark:bg-hover", className)} />;
}
