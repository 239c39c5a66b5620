import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { restoreSession } from "@/lib/api/session";
import { signIn } from "./sign-in";

export interface PasswordChange {
  email: string | null;
  currentPassword: string;
  newPassword: string;
}

/**
 * Sets a new password and gets a session under it: the server may end all sessions with the old one. The answer says whether
 * there is one; without it the person signs in again.
 */
async function changePassword({ email, currentPassword, newPassword }: PasswordChange): Promise<boolean> {
  await answer(
    api.POST("/api/v1/auth/password", {
      body: { current_password: currentPassword, new_password: newPassword },
    }),
  );
  if (email) {
    await signIn({ email, password: newPassword });
    return true;
  }
  return restoreSession();
}

export function useChangePassword() {
  return useMutation({ mutationFn: changePassword });
}
