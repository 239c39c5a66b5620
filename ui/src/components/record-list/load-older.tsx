import { LoaderCircle } from "lucide-react";
import { Button } from "@/components/ui/button";

/** Of a list that comes page by page, newest first: reads the next page while there is one. */
export function LoadOlder({
  query,
}: {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}) {
  if (!query.hasNextPage) return null;
  return (
    <Button onClick={() => void query.fetchNextPage()} disabled={query.isFetchingNextPage}>
      {query.isFetchingNextPage && <LoaderCircle size={15} className="animate-spin" aria-hidden />}
      Load older
    </Button>
  );
}
