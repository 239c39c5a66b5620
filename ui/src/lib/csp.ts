import { setNonce } from "get-nonce";

/**
 * The nonce of this response's content security policy. The server puts it in place of the mark in index.html; a page served
 * without one (development) needs none.
 */
export const styleNonce = readNonce();

function readNonce(): string | undefined {
  const value = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content;
  return value && !value.startsWith("__") ? value : undefined;
}

/** Gives the nonce to the libraries that insert style elements of their own. */
export function shareNonce(): void {
  if (styleNonce) setNonce(styleNonce);
}
