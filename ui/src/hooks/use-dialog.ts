import { useNavigate, useRouterState } from "@tanstack/react-router";

/**
 * A dialog whose being open stands in the address, as `#invite`: a link and the palette lead to it, Back leads away from it.
 * `allowed` is whether the person may do what it is for; without it the dialog stays closed whatever the address says.
 */
export function useDialog(name: string, allowed: boolean): [open: boolean, setOpen: (open: boolean) => void] {
  const navigate = useNavigate();
  const open = useRouterState({ select: ({ location }) => location.hash === name });
  const setOpen = (next: boolean) => {
    // The search stays as it is; the router cannot tell here which page's it is.
    const search = ((before: object) => before) as never;
    void navigate({ to: ".", search, hash: next ? name : undefined, replace: !next });
  };
  return [open && allowed, setOpen];
}
