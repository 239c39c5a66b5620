/**
 * Pictures of every page, light and dark, at 1440 and 390 px, in ui/screenshots: of a demo with several customers and machines,
 * or, against the mock server, of states that no demo has. They are for looking at, not for comparing.
 *
 * Usage: npm run screenshots [NAME…], npm run screenshots:mock
 */
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { enter, launch, settings, signIn } from "./browser.mjs";
import demoScenes from "./scenes.mjs";

const folder = fileURLToPath(new URL("../screenshots/", import.meta.url));
fs.mkdirSync(folder, { recursive: true });
const only = process.argv[2];
const where = settings();
const tenant = `${where.url}/t/northwind`;
const sql = `-- Services that answer on a public address, with the binary behind them
SELECT p.name, l.port, l.protocol, l.address, u.username, p.path, h.sha256
FROM listening_ports l
JOIN processes p USING (pid)
LEFT JOIN users u ON u.uid = p.uid
LEFT JOIN hash h ON h.path = p.path
WHERE l.address NOT IN ('127.0.0.1', '::1')
  AND l.port > 0;`;

async function runQuery(page, text, wide) {
  await page.goto(`${tenant}/query`);
  await page.locator(".cm-content").click();
  await page.keyboard.insertText(text);
  await page.getByText(/Reads \d/).waitFor();
  await page.getByRole("button", { name: /^Run/ }).click();
  if (wide) await page.getByRole("button", { name: /With rows/ }).waitFor();
  await page.getByText(/answered$/).waitFor({ state: "attached" });
}

const mockScenes = {
  agents: async (page) => {
    await page.goto(`${tenant}/agents`);
    await page.getByText("412 agents").waitFor();
  },
  agent: async (page) => {
    await page.goto(`${tenant}/agents`);
    await page.getByRole("link", { name: "app-01.berlin" }).first().click();
    await page.getByRole("heading", { name: "Facts" }).waitFor();
  },
  collection: async (page) => {
    await mockScenes.agent(page);
    await page.getByRole("link", { name: /Collections/ }).click();
    await page.waitForURL(/collections$/);
    await page.getByRole("link", { name: "inventory/listening_ports" }).click();
    await page.getByText(/of \d+ rows/).waitFor();
  },
  "agents-empty": async (page) => {
    await page.goto(`${where.url}/t/empty/agents`);
    await page.getByRole("button", { name: /enrol command/ }).click();
    await page.getByText("Waiting for the first agent").waitFor();
  },
  "agents-error": async (page) => {
    await page.goto(`${where.url}/t/broken/agents`);
    await page.getByText("Could not load the agents").waitFor({ timeout: 20_000 });
  },
  "query-empty": async (page) => {
    await page.goto(`${tenant}/query`);
    await page.getByText("Ask every agent").waitFor();
  },
  "query-running": async (page, wide) => {
    await runQuery(page, sql, wide);
  },
  "query-done": async (page, wide) => {
    await runQuery(page, sql, wide);
    await page.getByRole("button", { name: /^Stop/ }).waitFor({ state: "detached", timeout: 20_000 });
  },
  "query-error": async (page) => {
    await page.goto(`${tenant}/query`);
    await page.locator(".cm-content").click();
    await page.keyboard.insertText("SELECT name, port\nFROM listening_prts\nWHERE port > 1024");
    await page.getByText(/no such table/).waitFor();
  },
  "query-completion": async (page) => {
    await page.goto(`${tenant}/query`);
    await page.locator(".cm-content").click();
    await page.keyboard.type("SELECT * FROM list", { delay: 20 });
    await page.locator(".cm-tooltip-autocomplete li", { hasText: "listening_ports" }).waitFor();
  },
  findings: async (page) => {
    await page.goto(`${tenant}/findings`);
    await page
      .getByText(/\d open/)
      .first()
      .waitFor();
  },
  "finding-peek": async (page, wide) => {
    await page.goto(`${tenant}/findings`);
    await page
      .getByText(/\d open/)
      .first()
      .waitFor();
    if (!wide) return;
    await page.getByRole("gridcell", { name: "Root cannot log in over SSH" }).first().click();
    await page.getByRole("heading", { name: "Failing rows" }).waitFor();
  },
  finding: async (page) => {
    await page.goto(`${tenant}/findings/d0000000-0000-7000-8000-000000000001`);
    await page.getByRole("heading", { name: "Failing rows" }).waitFor();
  },
  "findings-selected": async (page, wide) => {
    await mockScenes.findings(page);
    if (!wide) return;
    await page.getByRole("grid", { name: "Findings" }).focus();
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("x");
    for (let row = 0; row < 4; row++) await page.keyboard.press("Shift+ArrowDown");
    await page.getByText("5 selected").waitFor();
  },
  "query-chart": async (page, wide) => {
    await mockScenes["query-done"](page, wide);
    await page.getByRole("tab", { name: "Chart" }).click();
    await page.getByRole("group", { name: "Kind of chart" }).waitFor();
  },
  "query-save": async (page) => {
    await page.goto(`${tenant}/query`);
    await page.locator(".cm-content").click();
    await page.keyboard.insertText("SELECT name FROM processes");
    await page.getByRole("button", { name: "Save as" }).click();
    await page.getByRole("menuitem", { name: "Rule…" }).click();
    await page.getByRole("dialog").waitFor();
  },
  ...Object.fromEntries(
    [
      ["agents/c0000000-0000-7000-8000-000000000002/processes", "agent-processes", /of \d+ rows/],
      ["agents/c0000000-0000-7000-8000-000000000002/drift", "agent-drift", "Added"],
      ["agents/c0000000-0000-7000-8000-000000000002/log", "agent-log", "Dearest queries"],
      ["agents/c0000000-0000-7000-8000-000000000002/shell", "agent-shell", "Statements only read"],
      ["alerts", "alerts", /Docker/],
      ["rules", "rules", /Docker/],
      ["packs", "packs", "Inventory"],
      ["notifications", "notifications", /Docker/],
      ["modules", "modules", "listening_ports"],
      ["audit", "audit", "queries.run"],
      ["people", "people", "Mara Reyes"],
      ["settings", "settings", "This one"],
      ["dashboard", "dashboard", "Open findings"],
      ["compliance", "compliance", /Root cannot/],
    ].map(([path, name, shown]) => [
      name,
      async (page) => {
        await page.goto(`${tenant}/${path}`);
        await page.getByText(shown).first().waitFor({ state: "attached" });
      },
    ]),
  ),
  palette: async (page) => {
    await mockScenes.agents(page);
    await page.keyboard.press("Control+k");
    await page.getByPlaceholder("Page, agent").fill("web");
    await page.getByRole("option").first().waitFor();
  },
  tenants: async (page, wide) => {
    await mockScenes.agents(page);
    if (!wide) return;
    await page.getByRole("button", { name: /Switch tenant/ }).click();
    await page.getByRole("option", { name: /Berlin/ }).waitFor();
  },
  keys: async (page) => {
    await mockScenes.agents(page);
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
  },
};

const onMock = process.env.TENANTRA_MOCK === "1";
const scenes = onMock ? mockScenes : demoScenes(where);
/** Pictures of the mock server have names of their own. */
const prefix = onMock ? "state-" : "";

const browser = await launch();
for (const theme of ["light", "dark"]) {
  for (const [width, height] of [
    [1440, 900],
    [390, 844],
  ]) {
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: theme,
      ignoreHTTPSErrors: true,
    });
    const page = await context.newPage();
    page.on("pageerror", (error) => {
      console.error(`${theme} ${width}: ${error.message}`);
    });
    page.on("console", (message) => {
      if (message.type() === "error") console.error(`${theme} ${width}: ${message.text()}`);
    });
    await page.goto(`${where.url}/sign-in`);
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    const picture = (name) =>
      page.screenshot({ animations: "disabled", path: `${folder}${prefix}${name}-${theme}-${width}.png` });
    if (!only) await picture("sign-in");
    await signIn(page, where);
    await enter(page);
    await page.waitForURL(/\/t\//);
    for (const [name, show] of Object.entries(scenes)) {
      if (only && !name.startsWith(only)) continue;
      try {
        await show(page, width > 1000);
      } catch (error) {
        console.error(`${name} ${theme} ${width}: ${error.message.split("\n")[0]}`);
      }
      await picture(name);
    }
    await context.close();
  }
}
await browser.close();
console.log(`pictures in ${folder}`);
