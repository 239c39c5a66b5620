import { cn } from "@/lib/cn";

/** Tenantra's sign: one root, many leaves. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={cn("size-6.5 shrink-0", className)} aria-hidden>
      <rect width="32" height="32" rx="8" className="fill-primary" />
      <path
        fill="none"
        className="stroke-on-primary"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
        d="M9 10h14M16 10v13"
      />
      <circle cx="9" cy="10" r="2.6" className="fill-on-primary" />
      <circle cx="23" cy="10" r="2.6" className="fill-on-primary" />
      <circle cx="16" cy="23" r="2.6" className="fill-on-primary" />
    </svg>
  );
}
