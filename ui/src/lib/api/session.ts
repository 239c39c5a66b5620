import { acting, stopActing } from "./acting";
import { problemOf } from "./problem";
import { askStepUp } from "./step-up";
import type { Token } from "./types";

/**
 * The access token lives in this module's memory and nowhere else (SECURITY-MODEL.md 2.8). A reload gets a new one through the
 * HttpOnly cookie that only the refresh route reads.
 */
let token: { value: string; expiresAt: number; mustChangePassword: boolean } | null = null;
let refreshing: Promise<boolean> | null = null;
const endedListeners = new Set<() => void>();

/** Milliseconds before its end at which a token is replaced, so that no call starts with one about to die. */
const renewalMargin = 20_000;

/** Takes over the answer of sign-in or refresh. */
export function startSession(answer: Token): void {
  token = {
    value: answer.access_token,
    expiresAt: Date.now() + answer.expires_in * 1000,
    mustChangePassword: answer.must_change_password,
  };
}

export function endSession(): void {
  token = null;
  stopActing();
  for (const listener of endedListeners) listener();
}

/** Calls back when the session ended by itself or by sign-out; the answer stops that. */
export function onSessionEnd(listener: () => void): () => void {
  endedListeners.add(listener);
  return () => endedListeners.delete(listener);
}

/** Whether the person has to choose a password before anything else. */
export function mustChangePassword(): boolean {
  return token?.mustChangePassword ?? false;
}

export function hasSession(): boolean {
  return token !== null;
}

/** Gets a token through the cookie; false when there is no session. Calls at the same time share one request. */
export function restoreSession(): Promise<boolean> {
  refreshing ??= withTabLock(refresh).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function refresh(): Promise<boolean> {
  const response = await fetch("/api/v1/auth/refresh", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    credentials: "same-origin",
    body: "{}",
  });
  if (response.ok) {
    startSession((await response.json()) as Token);
    return true;
  }
  if (response.status === 401 || response.status === 403) return false;
  throw problemOf(response, await response.json().catch(() => null));
}

/** Refresh tokens are used once, so two tabs must not present the same one. */
async function withTabLock(work: () => Promise<boolean>): Promise<boolean> {
  // Plain http other than localhost has no locks; two tabs there may end each other's session, and nothing worse.
  const locks = navigator.locks as LockManager | null | undefined;
  return locks ? await locks.request("tenantra.refresh", work) : work();
}

/**
 * fetch with the Authorization header. A 401 is answered once with a fresh token; when there is none the session ends and
 * the 401 reaches the caller. Where the server wants to be shown again who calls, the person is asked and the call repeated.
 */
export async function authorizedFetch(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await fetchWithSession(request);
  if (response.status !== 403 || !(await wantsStepUp(response)) || !(await askStepUp())) return response;
  return fetchWithSession(again);
}

async function wantsStepUp(response: Response): Promise<boolean> {
  const problem = (await response
    .clone()
    .json()
    .catch(() => null)) as { code?: string } | null;
  return problem?.code === "step_up_required";
}

async function fetchWithSession(request: Request): Promise<Response> {
  const leave = acting();
  if (leave) {
    const response = await fetch(withToken(request, leave.token));
    // It cannot be renewed: it ran out, or the customer ended it. One goes on as oneself, which whoever listens shows.
    if (response.status === 401 && acting() === leave) stopActing();
    return response;
  }
  if (token && Date.now() > token.expiresAt - renewalMargin) await restoreSession();
  const again = request.clone();
  const response = await fetch(withToken(request));
  if (response.status !== 401) return response;
  if (await restoreSession()) return fetch(withToken(again));
  endSession();
  return response;
}

function withToken(request: Request, value = token?.value): Request {
  if (value) request.headers.set("Authorization", `Bearer ${value}`);
  return request;
}
