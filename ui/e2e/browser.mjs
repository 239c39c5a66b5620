import { chromium } from "playwright-core";

/** Debian's Chromium, without anything that calls out by itself. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** What the run needs to know; missing parts end it with a word. */
export function settings() {
  const { TENANTRA_URL: url, TENANTRA_EMAIL: email, TENANTRA_PASSWORD: password } = process.env;
  if (!url || !email || !password) {
    console.error("set TENANTRA_URL, TENANTRA_EMAIL and TENANTRA_PASSWORD, or use npm run e2e:mock");
    process.exit(2);
  }
  return { url: url.replace(/\/$/, ""), email, password };
}

export async function signIn(page, { url, email, password }) {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Leaves the second factor for later, where sign-in asks for one: waits until the console shows. */
export async function enter(page) {
  const later = page.getByRole("button", { name: "Not now" });
  await page.getByRole("navigation", { name: "Pages" }).or(later).first().waitFor();
  if (await later.isVisible()) await later.click();
}
