import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";
import { makeRouter } from "@/app/router";
import { Toaster } from "@/components/ui/toast";
import { TooltipProvider } from "@/components/ui/tooltip";
import { acting, subscribeActing } from "@/lib/api/acting";
import { ApiError } from "@/lib/api/problem";
import { onSessionEnd } from "@/lib/api/session";
import { shareNonce } from "@/lib/csp";
import { notify } from "@/lib/toasts";
import { installTrustedTypes } from "@/lib/trusted-types";
import "@/styles/app.css";

installTrustedTypes();
shareNonce();

/** What one sees as oneself and what one sees in a customer's place never share a cache, nor a page that is still open. */
function makeConsole() {
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        // A refusal does not change by asking again; a lost connection may, and who was too many finds room a moment later.
        retry: (failures, error) =>
          error instanceof ApiError && error.status === 429
            ? failures < 4
            : failures < 2 && !(error instanceof ApiError && error.status < 500),
      },
    },
  });
  return { id: ++consoles, queries, router: makeRouter(queries) };
}

let consoles = 0;
let current = makeConsole();
const listeners = new Set<() => void>();

onSessionEnd(() => {
  const { queries, router } = current;
  const { href, pathname } = router.state.location;
  if (pathname === "/sign-in") return;
  void router.navigate({ to: "/sign-in", search: { return_to: href, ended: "1" } }).then(() => {
    queries.clear();
  });
});

let actedIn = "";
subscribeActing(() => {
  current.router.history.destroy();
  current.queries.clear();
  const leave = acting();
  if (leave) actedIn = leave.tenantName;
  else notify(`You act as yourself again, no longer in ${actedIn}`);
  window.history.pushState(null, "", leave ? "/" : "/msp/clients");
  current = makeConsole();
  for (const listener of listeners) listener();
});

function App() {
  const { id, queries, router } = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
  return (
    <QueryClientProvider client={queries}>
      <TooltipProvider delayDuration={400}>
        <RouterProvider key={id} router={router} />
      </TooltipProvider>
    </QueryClientProvider>
  );
}

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <Toaster>
      <App />
    </Toaster>
  </StrictMode>,
);
