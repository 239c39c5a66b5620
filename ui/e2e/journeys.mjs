/**
 * What people of different roles come for, from sign-in to the end: an administrator enrols a second factor and acts in a
 * customer, whose people see it; an auditor goes from a failed control to its row; who writes a rule knows how noisy it is before
 * it is saved; a billing viewer finds nothing else; each role of each plan opens what it is shown.
 *
 * Usage: TENANTRA_URL=… TENANTRA_EMAIL=… TENANTRA_PASSWORD=… node e2e/journeys.mjs    (an account without a second factor)
 */
import { launch, settings, signIn } from "./browser.mjs";
import { totp } from "./totp.mjs";

const where = settings();
const customer = "northwind";
const password = "four quiet words here";
const run = Date.now().toString(36);
const reason = `Ticket ${run}: findings do not close`;

let passed = 0;
let failed = 0;
async function check(name, test) {
  const began = Date.now();
  try {
    await test();
    passed++;
    console.log(`ok      ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed++;
    console.log(
      `FAILED  ${name}\n        ${String(error.message).slice(0, 800).replaceAll("\n", "\n        ")}`,
    );
    for (const [number, page] of browser
      .contexts()
      .flatMap((context) => context.pages())
      .entries()) {
      await page
        .screenshot({ path: `${process.env.TMPDIR ?? "/tmp"}/journey-${failed}-${number}.png` })
        .catch(() => undefined);
    }
  }
}
function expect(condition, words) {
  if (!condition) throw new Error(words);
}

const browser = await launch();
/** A browser of one's own: nobody shares a session. */
async function person() {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 1440, height: 900 },
  });
  const page = await context.newPage();
  page.setDefaultTimeout(25_000);
  return page;
}
const pagesShown = (page) =>
  page.getByRole("navigation", { name: "Pages" }).getByRole("link").allInnerTexts();

/** Invites a person by the page, and gives the link that one hands over. */
async function invite(admin, name, role, tenant = customer) {
  await admin.goto(`${where.url}/t/${tenant}/people`);
  await admin.getByRole("button", { name: "Invite" }).first().click();
  const dialog = admin.getByRole("dialog");
  await dialog.getByLabel("E-mail").fill(`${name}-${run}@${tenant}.example`);
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("Role").selectOption(role);
  await dialog.getByRole("button", { name: "Invite" }).click();
  const link = await admin.getByRole("region", { name: "Invitation" }).innerText();
  await admin.getByRole("button", { name: "I have kept it" }).click();
  return `/invite#${link.trim().split("#")[1]}`;
}

/** Accepts an invitation and is in the console. */
async function accept(link) {
  const page = await person();
  await page.goto(where.url + link);
  await page.getByRole("heading", { name: /^Welcome to/ }).waitFor();
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByLabel("Password again").fill(password);
  await page.getByRole("button", { name: "Set password" }).click();
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
  return page;
}

/** Opens every page of one's navigation in a tenant: none may give an error; what the plan lacks is locked. */
async function visitAll(page, tenant) {
  await page.goto(`${where.url}/t/${tenant}`);
  const links = page.getByRole("navigation", { name: "Pages" }).getByRole("link");
  await links.first().waitFor();
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  const count = await links.count();
  let locked = 0;
  for (let place = 0; place < count; place++) {
    const link = links.nth(place);
    const name = await link.innerText();
    const title = await page.title();
    await link.click();
    // The page before stays until the next one is loaded; the first one may be it.
    if (place > 0) await page.waitForFunction((before) => document.title !== before, title);
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    // A skeleton says to those who hear it what it waits for.
    await page.waitForFunction(
      () =>
        ![...document.querySelectorAll("main [role=status]")].some((each) =>
          /^(Load|Read)ing /.test(each.textContent),
        ),
    );
    const errors = await page
      .getByRole("alert")
      .filter({ hasText: /^Could not / })
      .allInnerTexts();
    expect(errors.length === 0, `${name}: ${errors}`);
    if (await page.getByText("Not in this plan").count()) locked++;
  }
  return { pages: count, locked };
}

const admin = await person();
await check("a powerful role sets up a second factor before the console opens", async () => {
  await signIn(admin, where);
  await admin.getByRole("heading", { name: "Set up a second factor" }).waitFor();
  const key = (await admin.getByRole("region", { name: "Key" }).innerText()).trim();
  await admin.getByLabel("2. Type the code that it shows").fill(totp(key));
  await admin.getByRole("button", { name: "Switch on" }).click();
  await admin.getByRole("button", { name: "I have kept them" }).click();
  await admin.getByRole("navigation", { name: "Pages" }).waitFor();
});

let owner;
await check("an invitation says to what, and whoever accepts it is in", async () => {
  owner = await accept(await invite(admin, "Dana", "ADMIN"));
  await owner.waitForURL(/\/t\/northwind\//);
  expect(!owner.url().includes("#"), `the token stays in the address: ${owner.url()}`);
});

await check("who acts in a customer sees it above everything and in the title", async () => {
  await admin.goto(`${where.url}/msp/clients?below=contoso`);
  await admin.getByRole("gridcell", { name: "Northwind Health" }).click();
  await admin.getByRole("button", { name: /^Act in it/ }).click();
  await admin.getByLabel("Reason").fill(reason);
  await admin.getByRole("button", { name: "Start acting" }).click();
  await admin.getByText(/^Acting as Read only in Northwind Health/).waitFor();
  await admin.getByRole("heading", { level: 1 }).waitFor();
  expect((await admin.title()).startsWith("Acting in Northwind Health"), await admin.title());
  const shown = await pagesShown(admin);
  expect(!shown.includes("Live query"), `a read-only role has ${shown}`);
});

await check("the customer sees who acts, why, and what they did", async () => {
  await owner.goto(`${where.url}/t/${customer}/people/grants`);
  await owner.getByRole("gridcell", { name: reason }).click();
  await owner.getByRole("complementary", { name: "Access from above" }).getByText(reason).waitFor();
  await owner.getByRole("link", { name: /acts in Northwind Health/ }).waitFor();
  await owner.getByRole("link", { name: "What was done" }).click();
  await owner.getByRole("gridcell", { name: "grants.start" }).first().waitFor();
});

await check("the customer ends it, and who acted is themselves again", async () => {
  await owner.goBack();
  await owner.getByRole("button", { name: "End it now" }).click();
  await owner
    .getByText(/no longer acts in Northwind Health/)
    .first()
    .waitFor();
  await admin.reload();
  await admin.getByRole("navigation", { name: "Pages" }).waitFor();
  expect(!(await admin.title()).startsWith("Acting"), await admin.title());
});

await check("an auditor goes from a failed control to its row", async () => {
  const auditor = await accept(await invite(admin, "Aude", "READONLY"));
  await auditor.goto(`${where.url}/t/${customer}/compliance/frameworks`);
  await auditor.getByRole("gridcell", { name: "CIS Controls v8", exact: true }).dblclick();
  await auditor.getByText(/controls met/).waitFor();
  await auditor.getByRole("button", { name: /×\d/ }).first().click();
  await auditor
    .getByRole("complementary", { name: "Control" })
    .getByRole("listitem")
    .filter({ hasText: /agents? fails?/ })
    .getByRole("link")
    .first()
    .click();
  await auditor
    .getByRole("grid", { name: "verdicts" })
    .getByRole("gridcell", { name: "Fail" })
    .first()
    .click();
  await auditor.getByRole("heading", { name: "Failing rows" }).waitFor();
  expect((await auditor.getByRole("button", { name: /^Waive/ }).count()) === 0, "who only reads may waive");
});

await check("a rule is written with completion, mistakes and a dry run, and saved", async () => {
  await owner.goto(`${where.url}/t/${customer}/rules`);
  await owner.getByRole("link", { name: "Create rule" }).click();
  const editor = owner.getByRole("textbox", { name: "Text of the rule" });
  await editor.click();
  await owner.keyboard.press("Control+a");
  await owner.keyboard.insertText(`rule: listens-${run}
title: Something listens
on: collection
collections: [pack:inventory/listening-ports]
sql: |
  SELECT name, address, port FROM listening_ports WHERE prt > 0
severity: low
message: "{{ rows[0].name }} on {{ agent.hostname }} listens."
group_by: [agent.id]
fixtures:
  - {name: any, rows: {listening_ports: [{name: sshd, address: 0.0.0.0, port: 22}]}, fires: true}
  - {name: none, rows: {listening_ports: []}, fires: false}
when: `);
  await owner.keyboard.type("le", { delay: 30 });
  await owner.getByRole("option", { name: /^len/ }).waitFor();
  await owner.keyboard.press("Escape");
  await owner.keyboard.type("n(rows) > 0");
  // The mistake leads to its place: the cursor is before the column's name.
  await owner.getByRole("button", { name: /prt/ }).click();
  await owner.keyboard.press("ArrowRight");
  await owner.keyboard.type("o");
  await owner.getByText(/^Holds\. Reads listening_ports/).waitFor();
  await owner.keyboard.press("Control+Enter");
  await owner.getByText(/^Would (fire now|have fired)/).waitFor();
  await owner.keyboard.press("Control+s");
  await owner.waitForURL((url) => url.searchParams.get("sel") === `listens-${run}`);
  await owner.getByRole("grid", { name: "rules" }).getByText("Something listens").first().waitFor();
});

await check("a billing viewer lands on usage, and finds no page of others", async () => {
  const viewer = await accept(await invite(admin, "Bill", "BILLING_VIEWER"));
  const shown = await pagesShown(viewer);
  await viewer.goto(`${where.url}/t/${customer}`);
  await viewer.waitForURL(/\/usage$/);
  await viewer.getByRole("heading", { name: /^Of the plan/ }).waitFor();
  for (const page of [
    "Dashboard",
    "Live query",
    "Agents",
    "Compliance",
    "Findings",
    "Users and roles",
    "Audit",
  ]) {
    expect(!shown.includes(page), `a billing viewer has ${shown}`);
  }
  await viewer.goto(`${where.url}/t/${customer}/agents`);
  await viewer.getByText(/lacks the permission agents.read/).waitFor();
});

await check("each role opens every page that it is shown, without an error", async () => {
  const roles = ["READONLY", "USER", "MANAGER"];
  const links = [];
  for (const role of roles) links.push(await invite(admin, role.toLowerCase(), role));
  const visits = [];
  for (const link of links) {
    const page = await accept(link);
    visits.push((await visitAll(page, customer)).pages);
    await page.context().close();
  }
  expect(
    visits.every((pages) => pages > 5),
    `the roles ${roles} see ${visits} pages`,
  );
});

await check(
  "a tenant of the free plan is made, and its administrator opens every page they are shown",
  async () => {
    const free = `free-${run}`;
    await admin.goto(`${where.url}/t/contoso/tenants`);
    await admin.getByRole("button", { name: "Create tenant" }).click();
    const dialog = admin.getByRole("dialog");
    await dialog.getByLabel("Name", { exact: true }).fill("Free");
    await dialog.getByLabel("Name in addresses").fill(free);
    await dialog.getByLabel("Plan").selectOption("free");
    await dialog.getByRole("button", { name: "Create" }).click();
    await dialog.waitFor({ state: "detached" });
    const page = await accept(await invite(admin, "founder", "ADMIN", free));
    const { pages, locked } = await visitAll(page, free);
    expect(pages > 5 && locked > 0, `the administrator sees ${pages} pages, ${locked} locked`);
  },
);

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
