import { useNavigate } from "@tanstack/react-router";

/** Changes parts of the address's search in place: filters, sort, the open row. The page stays, and so does the rest. */
export function useSearchChange<Search extends object>(): (change: Partial<Search>) => void {
  const navigate = useNavigate();
  return (change) => {
    // The page's own route checked what it knows of the search; the router cannot tell here which route that is.
    void navigate({
      to: ".",
      search: ((before: object) => ({ ...before, ...change })) as never,
      replace: true,
    });
  };
}
