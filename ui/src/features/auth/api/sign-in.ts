import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { startSession } from "@/lib/api/session";

export interface Credentials {
  email: string;
  password: string;
}

export async function signIn(credentials: Credentials): Promise<{ mustChangePassword: boolean }> {
  const token = await answer(api.POST("/api/v1/auth/login", { body: credentials }));
  startSession(token);
  return { mustChangePassword: token.must_change_password };
}

export function useSignIn() {
  return useMutation({ mutationFn: signIn });
}
