import { Link } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useTitle } from "@/hooks/use-title";

export function NotFoundPage() {
  useTitle("Not found");
  return (
    <main className="pt-[16vh]">
      <h1 className="sr-only">Not found</h1>
      <EmptyState
        icon={Compass}
        title="No page at this address"
        action={
          <Button asChild>
            <Link to="/">Go to the start</Link>
          </Button>
        }
      >
        The link may be cut, or what it showed was removed.
      </EmptyState>
    </main>
  );
}
