import { useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import { ErrorState } from "@/components/states";

/** A route that could not load at all: its code, or who is signed in. */
export function RouteErrorPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <ErrorState
      what="load this page"
      error={error}
      className="pt-[16vh]"
      retry={() => {
        reset();
        void router.invalidate();
      }}
    />
  );
}
