import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { startSession } from "@/lib/api/session";

export interface Credentials {
  email: string;
  password: string;
  /** Of the second factor, or a recovery code. */
  code?: string;
}

export async function signIn(credentials: Credentials): Promise<{ mustChangePassword: boolean }> {
  // No token goes along: a 401 here means a wrong password, not an ended session.
  const plainFetch = (request: Request) => fetch(request);
  const token = await answer(api.POST("/api/v1/auth/login", { body: credentials, fetch: plainFetch }));
  startSession(token);
  return { mustChangePassword: token.must_change_password };
}

export function useSignIn() {
  return useMutation({ mutationFn: signIn });
}
