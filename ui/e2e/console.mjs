/**
 * Goes through the console in Chromium: sign-in, agents, live query, findings; accessibility, the content security policy and
 * what may not be in storage are checked on the way.
 *
 * Usage: TENANTRA_URL=… TENANTRA_EMAIL=… TENANTRA_PASSWORD=… node e2e/console.mjs
 * Against the mock server: npm run e2e:mock
 */
import fs from "node:fs";
import { createRequire } from "node:module";
import { enter, launch, settings, signIn } from "./browser.mjs";

const where = settings();
const onMock = process.env.TENANTRA_MOCK === "1";
const axeSource = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const sql = "SELECT name, version, platform FROM os_version";

let passed = 0;
let failed = 0;
async function check(name, test) {
  try {
    await test();
    passed++;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed++;
    console.log(
      `FAILED  ${name}\n        ${String(error.message).replaceAll("\n", "\n        ").slice(0, 1200)}`,
    );
    await page
      .screenshot({ path: `${process.env.TMPDIR ?? "/tmp"}/console-e2e-${failed}.png` })
      .catch(() => undefined);
  }
}
function expect(condition, words) {
  if (!condition) throw new Error(words);
}

const browser = await launch();
const context = await browser.newContext({
  ignoreHTTPSErrors: true,
  viewport: { width: 1440, height: 900 },
  acceptDownloads: true,
});
const page = await context.newPage();
const violations = [];
const faults = [];
page.on("console", (message) => {
  const text = message.text();
  if (/Content Security Policy|TrustedHTML|TrustedScript|Trusted Type/i.test(text)) violations.push(text);
});
page.on("pageerror", (error) => faults.push(error.message));

/** Runs axe on the page as it is. It is evaluated by the debugger, which the page's policy does not bind. */
/** The page does not scroll sideways, once it has taken the width that the window was given. */
async function fitsItsWidth(name) {
  const fits = await page
    .waitForFunction(() => document.documentElement.scrollWidth <= window.innerWidth, undefined, {
      timeout: 5_000,
    })
    .catch(() => undefined);
  expect(fits, `${name} scrolls sideways`);
}

async function accessible(name) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const result = await globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return result.violations.map(
      ({ id, help, nodes }) => `${id}: ${help} (${nodes.map((node) => node.target).join(", ")})`,
    );
  });
  expect(found.length === 0, `${name}: ${found.join("\n")}`);
}

async function accessibleInBothThemes(name) {
  for (const theme of ["light", "dark"]) {
    await page.evaluate(async (dark) => {
      document.documentElement.classList.toggle("dark", dark);
      // Colours fade over; half-way they have another contrast. Spinners never end and are left out.
      const fading = document.getAnimations().filter((each) => each instanceof globalThis.CSSTransition);
      await Promise.allSettled(fading.map((each) => each.finished));
    }, theme === "dark");
    await accessible(`${name}, ${theme}`);
  }
  await page.evaluate(() => document.documentElement.classList.remove("dark"));
}

async function tokenless() {
  const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  expect(!/eyJ|token|bearer|[0-9a-f]{40}/i.test(stored), `storage holds ${stored}`);
  const readable = await page.evaluate(() => document.cookie);
  expect(readable === "", `script can read the cookie ${readable}`);
}

const rowsShown = () => page.getByRole("grid", { name: "Rows" }).getByRole("row");

await check("the policy is on, and framing, sniffing and inline script are refused", async () => {
  const response = await page.goto(`${where.url}/sign-in`);
  const headers = response.headers();
  const policy = headers["content-security-policy"] ?? "";
  for (const part of [
    "default-src 'none'",
    "script-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types default",
  ]) {
    expect(policy.includes(part), `the policy lacks ${part}: ${policy}`);
  }
  expect(!/unsafe-inline|unsafe-eval/.test(policy), "the policy allows inline code");
  expect(headers["x-content-type-options"] === "nosniff", "nosniff is missing");
  const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
  const second = await context.request.get(`${where.url}/sign-in`);
  expect(nonce && !second.headers()["content-security-policy"].includes(nonce), "the nonce is used twice");
  expect(
    (await second.text()).includes(/'nonce-([^']+)'/.exec(second.headers()["content-security-policy"])[1]),
    "the page does not hold its nonce",
  );
});

await check("framing is refused by the browser", async () => {
  const outer = await context.newPage();
  await outer.goto("about:blank");
  await outer.setContent(`<iframe src="${where.url}/sign-in"></iframe>`);
  const framed = await outer.waitForEvent("frameattached", { timeout: 500 }).catch(() => null);
  const inner = framed ?? outer.frames()[1];
  await inner.waitForLoadState().catch(() => undefined);
  expect(!(await inner.locator("form").count()), "the sign-in form shows in a frame");
  await outer.close();
});

await check("sign-in is accessible, says what is wrong, and keeps nothing of it", async () => {
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await accessibleInBothThemes("sign-in");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Enter your e-mail address.").waitFor();
  await signIn(page, { ...where, password: "certainly wrong" });
  await page.getByText("do not match an account").waitFor();
});

await check("a link that does not hold says so, and who forgot a password asks for a new one", async () => {
  await page.goto(`${where.url}/invite#tni_nonsense`);
  await page.getByRole("heading", { name: "This link does not hold any more" }).waitFor();
  expect(!page.url().includes("#"), `the token stays in the address: ${page.url()}`);
  await accessibleInBothThemes("dead link");
  await page.goto(`${where.url}/reset`);
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.getByText("Enter your e-mail address.").waitFor();
  await accessibleInBothThemes("reset");
});

await check("an address of another host is not returned to", async () => {
  await page.goto(`${where.url}/sign-in?return_to=//example.org/x`);
  await page.getByLabel("E-mail").fill(where.email);
  await page.getByLabel("Password", { exact: true }).fill(where.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await enter(page);
  await page.waitForURL(/\/t\/[^/]+\/dashboard/);
  expect(page.url().startsWith(where.url), `went to ${page.url()}`);
});

let tenant = "";
await check("the dashboard answers what is open and where to start, and is accessible", async () => {
  tenant = /\/t\/([^/]+)/.exec(page.url())[1];
  await page.getByRole("heading", { name: "Open findings" }).waitFor();
  await page.getByRole("heading", { name: "Agents", exact: true }).waitFor();
  await accessibleInBothThemes("dashboard");
});

await check("agents are listed with a count, and the list is accessible", async () => {
  await page.goto(`${where.url}/t/${tenant}/agents`);
  await page.getByRole("grid", { name: "Agents" }).waitFor();
  await page.getByText(/\d+ agents?, \d+ online/).waitFor();
  expect((await page.title()).includes("Agents · "), `the title is ${await page.title()}`);
  await accessibleInBothThemes("agents");
  await tokenless();
});

await check("the session outlives a reload, without a token in storage", async () => {
  await page.reload();
  await page.getByRole("grid", { name: "Agents" }).waitFor();
  await tokenless();
});

await check("a filter stands in the address and survives a reload", async () => {
  await page.keyboard.press("/");
  await page.getByLabel("Filter Agent", { exact: true }).fill("no-such-agent-anywhere");
  await page.getByText("No agent passes the filters").waitFor();
  expect(page.url().includes("f=hostname:no-such-agent-anywhere"), page.url());
  await page.reload();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.getByRole("grid", { name: "Agents" }).getByRole("link").first().waitFor();
});

await check("an agent opens by keyboard, with its facts and collections", async () => {
  await page.getByRole("grid", { name: "Agents" }).focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/agents\/[\w-]{36}/);
  await page.getByRole("heading", { name: "Facts" }).waitFor();
  await accessibleInBothThemes("agent");
  await page
    .getByRole("navigation", { name: "Agent" })
    .getByRole("link", { name: /Collections/ })
    .click();
  await page.waitForURL(/collections$/);
  await page.getByRole("main").getByRole("table").or(page.getByText("No collection yet")).first().waitFor();
  await accessible("collections");
});

await check("G and Q open the live query; the palette finds pages", async () => {
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await page.getByRole("heading", { name: "Live query", level: 1 }).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder(/Page, agent/).fill("live");
  await page.getByRole("option", { name: /Live query/ }).waitFor();
  await accessible("palette");
  await page.keyboard.press("Escape");
});

await check("a statement that does not compile is underlined with the reason", async () => {
  await page.locator(".cm-content").click();
  await page.keyboard.insertText("SELECT * FROM no_such_table_here");
  await page.getByText(/Line 1, column \d+:.*no_such_table_here/).waitFor();
  await page.locator(".cm-lintRange-error").first().waitFor();
  await accessibleInBothThemes("live query with an error");
});

await check("columns are completed", async () => {
  await page.keyboard.press("Control+a");
  await page.keyboard.type("SELECT * FROM os_v", { delay: 10 });
  await page.locator(".cm-tooltip-autocomplete li", { hasText: "os_version" }).waitFor();
  await page.keyboard.press("Escape");
});

await check("a live query streams rows, and its ledger adds up to the agents asked", async () => {
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(sql);
  await page.getByText(/Reads 1 table/).waitFor();
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/run=/);
  expect(!/SELECT/i.test(decodeURIComponent(page.url())), "the statement is in the address");
  await rowsShown().nth(2).waitFor({ timeout: 30_000 });
  await page.getByText(/^\d[\d,]* of \d[\d,]* answered$/).waitFor();
  await page.getByRole("button", { name: /^Stop/ }).waitFor({ state: "detached", timeout: 90_000 });
  const lines = await page
    .getByRole("group", { name: "Outcomes" })
    .first()
    .getByRole("button")
    .allInnerTexts();
  const sum = lines.reduce(
    (total, text) => total + Number(/([\d,]+)\s*$/.exec(text)[1].replaceAll(",", "")),
    0,
  );
  const targets = await page.getByRole("tab", { name: /Agents/ }).innerText();
  expect(sum === Number(targets.replace(/\D/g, "")), `outcomes are ${sum} of ${targets}: ${lines}`);
  await accessibleInBothThemes("live query with rows");
});

await check("a link to the run shows its rows again without asking", async () => {
  await page.reload();
  await rowsShown().nth(2).waitFor({ timeout: 30_000 });
  await page.locator(".cm-content", { hasText: "FROM os_version" }).waitFor();
});

await check("an outcome filters the agents, and CSV holds what is shown", async () => {
  await page.getByRole("button", { name: /Offline/ }).click();
  await page.getByRole("grid", { name: "Agents asked" }).waitFor();
  await page.getByRole("tab", { name: /Rows/ }).click();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "CSV" }).click(),
  ]);
  const csv = fs.readFileSync(await file.path(), "utf8");
  const head = csv.split("\r\n")[0];
  expect(head.startsWith('\ufeff"Agent","Seen on","name"'), `the head is ${head}`);
  expect(!/(^|,)"[=+@]/m.test(csv), "a cell could be a formula");
});

if (onMock) {
  await check("hostile text in every column stays text", async () => {
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText("SELECT name FROM processes -- hostile");
    await page.keyboard.press("Control+Enter");
    await page.getByText("<img src=x onerror=document.title='owned'>").waitFor();
    await page.getByText("⟨U+202E⟩gnp.exe").waitFor();
    expect(!(await page.title()).includes("owned"), "a row's script ran");
    expect((await page.locator("[role=grid] img, [role=grid] script").count()) === 0, "a row became markup");
  });

  await check("100,000 rows: new ones wait while one reads, and few of them are ever drawn", async () => {
    await page.getByRole("button", { name: /^Stop/ }).waitFor({ state: "detached", timeout: 60_000 });
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText("SELECT name FROM processes -- big");
    await page.keyboard.press("Control+Enter");
    await page
      .getByText(/^proc-\d+$/)
      .first()
      .waitFor({ timeout: 30_000 });
    await page.getByRole("grid", { name: "Rows" }).hover();
    await page.mouse.wheel(0, 900);
    await page.getByRole("button", { name: /new rows?/ }).waitFor();
    await page.getByRole("button", { name: /^Stop/ }).waitFor({ state: "detached", timeout: 60_000 });
    await page.keyboard.press("Escape"); // leaves the editor, which would take the next key as text
    await page.keyboard.press(".");
    await page.getByText(/100,\d{3} of 100,\d{3} rows/).waitFor();
    const nodes = await rowsShown().count();
    expect(nodes < 60, `${nodes} rows are in the page`);
    await page.evaluate(() => document.querySelector("[role=grid][aria-label=Rows]").scrollBy(0, 1_000_000));
    await page.waitForFunction(
      () => document.querySelector("[role=grid][aria-label=Rows]").scrollTop > 900_000,
    );
    await rowsShown().nth(2).waitFor();
    const further = await rowsShown().count();
    expect(further < 60, `${further} rows are in the page after scrolling`);
    await page
      .getByRole("columnheader", { name: "name", exact: true })
      .getByRole("button", { name: "name", exact: true })
      .click();
    await page.locator("[aria-sort=ascending]", { hasText: "name" }).waitFor();
  });
}

await check("findings are listed, worst first, and accessible", async () => {
  await page.goto(`${where.url}/t/${tenant}/findings`);
  await page.getByRole("grid", { name: "Findings" }).waitFor();
  await page.getByRole("grid", { name: "Findings" }).getByRole("link").first().waitFor();
  await accessibleInBothThemes("findings");
});

await check("a finding shows its failing rows with the failing cell", async () => {
  const grid = page.getByRole("grid", { name: "Findings" });
  await grid.focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Space");
  await page
    .getByRole("complementary", { name: "Finding", exact: true })
    .getByRole("heading", { name: "Failing rows" })
    .waitFor();
  expect(page.url().includes("sel="), page.url());
  await page.getByRole("heading", { name: "History" }).waitFor();
  await accessibleInBothThemes("finding beside the list");
  await page.keyboard.press("Escape");
  await page.getByRole("complementary", { name: "Finding", exact: true }).waitFor({ state: "detached" });
});

await check("a finding has a page of its own", async () => {
  await page.getByRole("grid", { name: "Findings" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/findings\/[\w-]{36}/);
  await page.getByRole("heading", { name: "Failing rows" }).waitFor();
  await accessible("finding");
});

if (!onMock) {
  /** Every further page: where it is, and what shows that its data came. */
  const pages = [
    ["compliance", () => page.getByRole("grid", { name: "checks" })],
    ["alerts", () => page.getByText("No open alert").or(page.getByRole("grid", { name: "alerts" }))],
    ["rules", () => page.getByRole("grid", { name: "rules" })],
    ["packs", () => page.getByRole("grid", { name: "packs" })],
    ["notifications", () => page.getByText("Nothing sent yet").or(page.getByRole("grid"))],
    ["modules", () => page.getByRole("grid", { name: "modules" })],
    ["tenants", () => page.getByRole("grid", { name: "tenants" })],
    [
      "people",
      () => page.getByRole("grid", { name: "people" }).or(page.getByText("Nobody has an account here")),
    ],
    ["audit", () => page.getByRole("grid", { name: "entries" })],
    ["settings", () => page.getByText("This one")],
    ["inventory/software", () => page.getByRole("grid", { name: "programs" })],
    ["inventory/accounts", () => page.getByRole("grid", { name: "accounts" })],
    [
      "inventory/autoruns",
      () => page.getByRole("grid", { name: "autoruns" }).or(page.getByText("No autoruns yet")),
    ],
    [
      "inventory/extensions",
      () =>
        page
          .getByRole("grid", { name: "browser extensions" })
          .or(page.getByText("No browser extensions yet")),
    ],
    [
      "inventory/ports",
      () => page.getByRole("grid", { name: "listeners" }).or(page.getByText("No listeners yet")),
    ],
  ];
  for (const [name, shown] of pages) {
    await check(`${name} shows its data, accessible, wide and on a phone`, async () => {
      await page.goto(`${where.url}/t/${tenant}/${name}`);
      // What an agent collects rarely may come some minutes after its start.
      for (let tries = 1; tries <= 12; tries++) {
        try {
          await shown().first().waitFor({ timeout: 20_000 });
          break;
        } catch (late) {
          if (tries === 12) throw late;
          await page.reload();
        }
      }
      await accessibleInBothThemes(name);
      await page.setViewportSize({ width: 390, height: 844 });
      await page.getByRole("heading", { level: 1 }).waitFor();
      await fitsItsWidth(name);
      await page.setViewportSize({ width: 1440, height: 900 });
    });
  }

  await check("the audit log verifies itself", async () => {
    await page.goto(`${where.url}/t/${tenant}/audit`);
    await page.getByRole("button", { name: "Verify" }).click();
    await page.getByText("Verified").waitFor();
  });
}

await check("findings are put together by check, and a check opens its findings", async () => {
  await page.goto(`${where.url}/t/${tenant}/findings`);
  await page.getByRole("grid", { name: "Findings" }).waitFor();
  await page.getByRole("button", { name: "By check" }).click();
  const checks = page.getByRole("grid", { name: "checks" });
  await checks.waitFor();
  expect(page.url().includes("group=check"), page.url());
  await accessible("findings by check");
  await checks.focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Enter");
  await page.getByRole("grid", { name: "Findings" }).waitFor();
  expect(page.url().includes("f=title"), page.url());
});

await check("an agent tells what it is to do, and a pack what it costs", async () => {
  await page.goto(`${where.url}/t/${tenant}/agents`);
  await page.getByRole("grid").getByRole("link").first().click();
  await page.getByRole("link", { name: "Configuration" }).click();
  await page.getByRole("grid", { name: "scheduled queries" }).waitFor();
  await accessible("configuration of an agent");
  await page.goto(`${where.url}/t/${tenant}/packs?sel=inventory`);
  await page
    .getByText(/CPU a run/)
    .first()
    .waitFor({ timeout: 60_000 });
  await accessible("pack beside the list");
});

if (onMock) {
  await check("many rows are selected by keyboard, changed with their outcome, and put back", async () => {
    await page.goto(`${where.url}/t/${tenant}/findings`);
    await page.getByRole("gridcell").first().waitFor();
    const before = await page.getByRole("button", { name: /^Open \d/ }).innerText();
    await page.getByRole("grid", { name: "Findings" }).focus();
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("x");
    await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("Shift+ArrowDown");
    await page.getByText("3 selected").waitFor();
    await accessible("selected findings");
    await page.keyboard.press("a");
    await page.getByText("3 findings acknowledged").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("3 findings put back").waitFor();
    await page.waitForFunction((text) => document.body.innerText.includes(text), before);
    await page.keyboard.press("Escape");
    await page.getByRole("region", { name: "Selected findings" }).waitFor({ state: "detached" });
  });

  await check("a view keeps filters under a name, and the list opens with it", async () => {
    await page.goto(`${where.url}/t/${tenant}/agents?f=platform:=+windows`);
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByRole("menuitem", { name: /Save as a view/ }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("Windows here");
    await page.getByRole("button", { name: "Save view" }).click();
    await page.getByRole("button", { name: "Windows here" }).click();
    await page.getByRole("menuitemcheckbox", { name: /Open the list with it/ }).click();
    await page.getByText("Changed what the list opens with.").first().waitFor();
    await page.goto(`${where.url}/t/${tenant}/agents`);
    await page.waitForURL(/f=platform:(=|%3D)/);
    await page.getByRole("button", { name: "Windows here" }).click();
    await page.getByRole("menuitem", { name: "Delete Windows here" }).click();
    await page.getByText("Deleted the view.").first().waitFor();
  });

  await check("a column is pinned, hidden and sorted from its head, by pointer and by keyboard", async () => {
    await page.goto(`${where.url}/t/${tenant}/agents`);
    const head = (name) => page.getByRole("columnheader", { name, exact: true });
    await head("Version").hover();
    await head("Version").getByRole("button", { name: "Column Version" }).click();
    await page.getByRole("menuitem", { name: "Pin at the start" }).click();
    await page.waitForURL(/cols=version%7C/);
    const grid = page.getByRole("grid", { name: "Agents" });
    await page.setViewportSize({ width: 760, height: 900 });
    const before = await head("Version").boundingBox();
    await grid.evaluate((element) => element.scrollBy(400, 0));
    await page.waitForFunction(() => document.querySelector("[role=grid]").scrollLeft > 0);
    const after = await head("Version").boundingBox();
    expect(before.x === after.x, `a pinned column moved from ${before.x} to ${after.x}`);
    await page.setViewportSize({ width: 1440, height: 900 });
    // The menu took focus and gave it back to the grid.
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Alt+ArrowDown");
    await page.getByRole("menuitem", { name: "Sort descending" }).click();
    await page.waitForURL(/sort=-version/);
    await page.keyboard.press("Alt+ArrowDown");
    await page.getByRole("menuitem", { name: "Hide" }).click();
    await head("Version").waitFor({ state: "detached" });
    expect(!page.url().includes("%7C"), `the pin outlives its column: ${page.url()}`);
  });

  await check("a lost stream shows, and comes back when it is asked to", async () => {
    await page.route("**/api/v1/events*", (route) => route.abort());
    await page.goto(`${where.url}/t/${tenant}/agents`);
    await page.getByText("Reconnecting").waitFor();
    await page.getByText("No connection to the server.").waitFor();
    await accessibleInBothThemes("lost stream");
    await Promise.all([
      page.waitForRequest(/\/api\/v1\/events/),
      page.getByRole("button", { name: "Try now" }).click(),
    ]);
    await page.unroute("**/api/v1/events*");
    await page.getByText("Live", { exact: true }).waitFor({ timeout: 60_000 });
    await page.getByText("No connection to the server.").waitFor({ state: "detached" });
  });

  await check("an analyst asks a live question and saves it as a rule", async () => {
    await page.goto(`${where.url}/t/${tenant}/query`);
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText("SELECT port, address FROM listening_ports WHERE port = 2375");
    await page.getByText(/CPU an agent/).waitFor();
    await page.keyboard.press("Control+Enter");
    await rowsShown().nth(2).waitFor({ timeout: 30_000 });
    await page.getByRole("tab", { name: "Chart" }).click();
    await page.getByRole("group", { name: "Kind of chart" }).waitFor();
    await accessibleInBothThemes("chart of a run");
    await page.getByRole("button", { name: "Save as" }).click();
    await page.getByRole("menuitem", { name: "Rule…" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("Docker listens");
    await accessible("save as a rule");
    await page.getByRole("button", { name: "Save rule" }).click();
    await page
      .getByText(/Saved the rule docker-listens/)
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Open rules" }).click();
    await page.waitForURL(/rules\?sel=docker-listens/);
    await page.getByRole("grid", { name: "rules" }).getByText("Docker listens").waitFor();
  });

  await check("each side of an agent shows, and the shell asks it", async () => {
    const agent = `${where.url}/t/${tenant}/agents/c0000000-0000-7000-8000-000000000002`;
    for (const [side, shown] of [
      ["processes", () => page.getByRole("grid", { name: "processes" })],
      ["drift", () => page.getByRole("grid", { name: "agent changes" })],
      ["log", () => page.getByRole("heading", { name: "Dearest queries" })],
    ]) {
      await page.goto(`${agent}/${side}`);
      await shown().first().waitFor();
      await accessible(`agent, ${side}`);
    }
    await page.goto(`${agent}/shell`);
    await page.getByRole("textbox", { name: /SQL to run on/ }).fill("SELECT name FROM processes");
    await page.keyboard.press("Control+Enter");
    await page.getByText(/rows? in /).waitFor();
    expect(!/SELECT/i.test(decodeURIComponent(page.url())), "the statement is in the address");
    await accessible("shell");
  });

  /** Pages that show rows, and those of one agent. In the tenant hostile, every text that somebody wrote is an attack. */
  const hostilePages = [
    "agents",
    "findings",
    "alerts",
    "rules",
    "packs",
    "notifications",
    "modules",
    "people",
    "audit",
    "agents/c0000000-0000-7000-8000-000000000002/collections",
    "agents/c0000000-0000-7000-8000-000000000002/drift",
    "agents/c0000000-0000-7000-8000-000000000002/log",
    "findings/d0000000-0000-7000-8000-000000000001",
  ];
  for (const name of hostilePages) {
    await check(`S52: text that tries to be markup or a formula stays text on ${name}`, async () => {
      await page.goto(`${where.url}/t/hostile/${name}`);
      await page
        .getByText(/<img src=x/)
        .first()
        .waitFor({ timeout: 20_000 });
      // The name of an agent stands in the title as text; a script that ran would leave nothing else there.
      expect((await page.title()) !== "owned", "a row's script ran");
      expect(
        (await page.locator("main img, main script, main iframe, main object").count()) === 0,
        "a row became markup",
      );
      const csvButton = page.getByRole("button", { name: "CSV", exact: true });
      if ((await csvButton.count()) === 0) return;
      const [file] = await Promise.all([page.waitForEvent("download"), csvButton.first().click()]);
      const csv = fs.readFileSync(await file.path(), "utf8");
      expect(/"'=HYPERLINK/.test(csv), "the file does not hold the hostile text");
      expect(!/(^|,)"[=+@\t\r]/m.test(csv.slice(1)), "a cell could be a formula");
      await tokenless();
    });
  }

  await check("acknowledging takes the finding from the queue, and the next one is current", async () => {
    await page.goto(`${where.url}/t/${tenant}/findings`);
    const before = await page.getByRole("button", { name: /^Open \d/ }).innerText();
    await page.getByRole("gridcell").first().waitFor();
    await page.getByRole("grid", { name: "Findings" }).focus();
    await page.keyboard.press("j");
    await page.keyboard.press("Space");
    await page.waitForURL(/sel=/);
    const first = page.url();
    await page.keyboard.press("a");
    await page.getByText(/^Acknowledged: /).waitFor();
    await page.waitForFunction((text) => !document.body.innerText.includes(text), before.replace("\n", "\n"));
    expect(page.url() !== first && page.url().includes("sel="), "no next finding is current");
  });

  await check("a list that cannot load says so and can be retried", async () => {
    await page.goto(`${where.url}/t/broken/agents`);
    await page.getByText("Could not load the agents").waitFor({ timeout: 20_000 });
    await page.getByRole("button", { name: "Retry" }).waitFor();
    await accessible("error");
  });

  await check("an empty tenant shows how to enrol", async () => {
    await page.goto(`${where.url}/t/empty/agents`);
    await page.getByRole("button", { name: /enrol command/ }).click();
    await page
      .getByText(/tenantra-agent enroll/)
      .first()
      .waitFor();
    await accessible("enrolment");
  });
}

await check("a phone reads the same pages without scrolling sideways", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const name of ["agents", "findings", "query"]) {
    await page.goto(`${where.url}/t/${tenant}/${name}`);
    await page.getByRole("navigation", { name: "Pages" }).waitFor();
    await page.getByRole("heading", { level: 1 }).waitFor();
    await fitsItsWidth(name);
    await accessible(`${name} on a phone`);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
});

await check("sign-out ends the session for good", async () => {
  await page.goto(`${where.url}/t/${tenant}/agents`);
  await page.getByRole("button", { name: /account, theme and keys/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in to Tenantra" }).waitFor();
  await page.goto(`${where.url}/t/${tenant}/agents`);
  await page.getByRole("heading", { name: "Sign in to Tenantra" }).waitFor();
});

if (onMock) {
  await check("a one-time password is replaced before anything else", async () => {
    await signIn(page, { url: where.url, email: "new@contoso.example", password: "one-time-password" });
    await page.getByRole("heading", { name: "Choose a new password" }).waitFor();
    await accessible("new password");
    await page.goto(`${where.url}/t/${tenant}/agents`);
    await page.getByRole("heading", { name: "Choose a new password" }).waitFor();
    await page.getByLabel("Current password").fill("one-time-password");
    await page.getByLabel("New password", { exact: true }).fill("short");
    await page.getByLabel("New password again").fill("short");
    await page.getByRole("button", { name: "Set password" }).click();
    await page.getByText("Use at least 12 characters.").waitFor();
    await page.getByLabel("New password", { exact: true }).fill("four words in a row");
    await page.getByLabel("New password again").fill("four words in a row");
    await page.getByRole("button", { name: "Set password" }).click();
    await page.getByRole("grid", { name: "Agents" }).waitFor();
  });
}

await check("nothing broke the policy and no script failed on the way", async () => {
  expect(violations.length === 0, violations.join("\n"));
  expect(faults.length === 0, faults.join("\n"));
});

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
