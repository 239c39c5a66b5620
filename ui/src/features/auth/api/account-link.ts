import { useMutation, useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { startSession } from "@/lib/api/session";

/** No session's token goes along: the link itself says who it is for. */
const plainFetch = (request: Request) => fetch(request);

/** Whom an invitation or a reset is for. The token is asked for once: it does not change while the page shows. */
export function useAccountLink(token: string) {
  return useQuery({
    queryKey: ["account-link", token],
    queryFn: ({ signal }) =>
      answer(api.POST("/api/v1/auth/link", { body: { token }, fetch: plainFetch, signal })),
    enabled: token !== "",
    staleTime: Infinity,
  });
}

/** Sets the password of the link's person. Who was invited is signed in by it; who reset a password signs in with it. */
export function useAccountLinkPassword() {
  return useMutation({
    mutationFn: async (body: { token: string; password: string }) => {
      const used = await answer(api.POST("/api/v1/auth/link/use", { body, fetch: plainFetch }));
      if (used.access_token) startSession({ ...used, must_change_password: false });
      return { signedIn: used.access_token !== "" };
    },
  });
}

/** Has a link for a new password mailed, where there is such a person: the answer is the same either way. */
export function useRequestReset() {
  return useMutation({
    mutationFn: (email: string) =>
      answer(api.POST("/api/v1/auth/reset-request", { body: { email }, fetch: plainFetch })),
  });
}
