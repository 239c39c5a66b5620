/** What the pictures of the demo show: the way to each page, and what is there when it is drawn. */

const statement = `-- Services that answer on an address, with who runs them
SELECT p.name, l.port, l.protocol, l.address, u.username, p.path
FROM listening_ports l
JOIN processes p USING (pid)
LEFT JOIN users u ON u.uid = p.uid
WHERE l.port > 0;`;

/** Waits until the page has its head and nothing says that it loads. */
async function settled(page) {
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await page.waitForFunction(
    () =>
      ![...document.querySelectorAll("main [role=status]")].some((each) =>
        /^(Load|Read)ing /.test(each.textContent),
      ),
  );
}

/** Scenes by name; each takes a page of somebody signed in, and whether it is wide. */
export default function scenes({ url }) {
  const tenant = `${url}/t/northwind`;
  const at = (path) => async (page) => {
    await page.goto(path.startsWith("/") ? url + path : `${tenant}/${path}`);
    await settled(page);
  };
  /** A list with the peek of one of its rows; a phone shows the list alone. */
  const peek = (path, cell) => async (page, wide) => {
    await at(path)(page);
    if (wide) await page.getByRole("gridcell", { name: cell }).first().click();
    if (wide) await page.getByRole("complementary").last().waitFor();
    await settled(page);
  };
  const opened = (path, cell) => async (page, wide) => {
    await at(path)(page);
    if (wide) await page.getByRole("gridcell", { name: cell }).first().dblclick();
    else await page.getByRole("link", { name: cell }).first().click();
    await page.waitForURL((address) => address.pathname.split("/").length > path.split("/").length + 3);
    await settled(page);
  };
  const agent = (side) => async (page, wide) => {
    await opened("agents", "web-02.berlin")(page, wide);
    if (!side) return;
    await page.goto(`${page.url().split("?")[0]}/${side}`);
    await settled(page);
  };
  const ask = async (page) => {
    await at("query")(page);
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText(statement);
    await page
      .getByText(/CPU an agent|Reads \d/)
      .first()
      .waitFor();
    await page.keyboard.press("Control+Enter");
    await page.getByRole("button", { name: /^Stop/ }).waitFor({ state: "detached", timeout: 60_000 });
    await page
      .getByText(/answered$/)
      .first()
      .waitFor({ state: "attached" });
  };
  return {
    dashboard: at("dashboard"),
    "dashboard-msp": at("/t/contoso/dashboard"),
    clients: at("/msp/clients?below=contoso"),
    "client-peek": async (page, wide) => {
      await at("/msp/clients?below=contoso")(page);
      if (wide) await page.getByRole("gridcell", { name: "Northwind Health" }).click();
      await settled(page);
    },
    "query-empty": at("query"),
    query: ask,
    "query-chart": async (page) => {
      await ask(page);
      await page.getByRole("tab", { name: "Chart" }).click();
      await page.getByRole("group", { name: "Kind of chart" }).waitFor();
    },
    agents: at("agents"),
    "agent-peek": peek("agents", "web-02.berlin"),
    agent: agent(""),
    ...Object.fromEntries(
      [
        "collections",
        "processes",
        "ports",
        "software",
        "users",
        "autoruns",
        "compliance",
        "findings",
        "drift",
        "log",
        "configuration",
        "shell",
      ].map((side) => [`agent-${side}`, agent(side)]),
    ),
    groups: at("groups"),
    "group-peek": peek("groups", "Web servers"),
    ...Object.fromEntries(
      ["software", "accounts", "ports", "services", "autoruns", "certificates"].map((kind) => [
        `inventory-${kind}`,
        at(`inventory/${kind}`),
      ]),
    ),
    drift: at("drift"),
    scans: at("scans"),
    scan: opened("scans", /agents?|Everything|All/),
    compliance: at("compliance"),
    frameworks: at("compliance/frameworks"),
    framework: async (page, wide) => {
      await at("compliance/frameworks")(page);
      if (wide) await page.getByRole("gridcell", { name: "CIS Controls v8", exact: true }).dblclick();
      else await page.getByText("CIS Controls v8").first().click();
      await page.getByText(/controls met/).waitFor();
      await settled(page);
    },
    check: at("compliance/ssh-root-login"),
    waivers: at("compliance/waivers"),
    findings: at("findings"),
    "finding-peek": peek("findings", /SSH|root/),
    finding: async (page, wide) => {
      await at("findings")(page);
      if (wide) await page.getByRole("gridcell").nth(3).dblclick();
      else await page.locator("main").getByRole("link").first().click();
      await page.waitForURL(/findings\/\w/);
      await settled(page);
    },
    alerts: at("alerts"),
    "alert-peek": peek("alerts", /account/),
    rules: at("rules"),
    "rule-peek": peek("rules", /finding/),
    "rule-new": at("rules/-"),
    packs: at("packs"),
    "pack-peek": peek("packs", /inventory/i),
    notifications: at("notifications"),
    channels: at("notifications/channels"),
    modules: at("modules"),
    "module-peek": peek("modules", "acpi_tables"),
    tenants: at("tenants"),
    "tenant-peek": peek("tenants", "Northwind Health"),
    people: at("people"),
    "person-peek": peek("people", "Lee Park"),
    grants: at("people/grants"),
    audit: at("audit"),
    usage: at("usage"),
    settings: at("settings"),
    switcher: async (page) => {
      await at("agents")(page);
      await page.getByRole("button", { name: /Switch tenant/ }).click();
      await page.getByRole("option").first().waitFor();
    },
    palette: async (page) => {
      await at("agents")(page);
      await page.keyboard.press("Control+k");
      await page.getByPlaceholder("Page, agent").fill("web");
      await page.getByRole("option").first().waitFor();
    },
    keys: async (page) => {
      await at("agents")(page);
      await page.keyboard.press("?");
      await page.getByRole("dialog").waitFor();
    },
    bell: async (page) => {
      await at("dashboard")(page);
      await page
        .getByRole("button", { name: /notification|alert/i })
        .first()
        .click();
    },
  };
}
