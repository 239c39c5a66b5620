/** A stand-in for the server: the built console under its content security policy, and the API with sample data. */
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as data from "./data.mjs";
import { hostile } from "./hostile.mjs";
import { cancelRun, describeRun, findRun, listRuns, startRun, streamRun } from "./live-query.mjs";
import * as operate from "./operate.mjs";

/** The built console: of this checkout, or of TENANTRA_DIST. */
const dist = process.env.TENANTRA_DIST ?? fileURLToPath(new URL("../../dist/", import.meta.url));
const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
export const account = { email: "mara@contoso.example", password: "correct horse battery" };
/** An account whose password somebody else set. */
export const newcomer = { email: "new@contoso.example", password: "one-time-password" };
/** Seconds that an access token holds: short, so that tests see it renewed. */
const tokenLife = 60;

const policy = (nonce) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types default",
  ].join("; ");

const sessions = new Map();
const tokens = new Map();

function send(response, status, body, headers = {}) {
  response.writeHead(status, {
    "Content-Type": status < 400 ? "application/json" : "application/problem+json",
    "Cache-Control": "no-store",
    ...headers,
  });
  response.end(JSON.stringify(body));
}
const problem = (response, status, detail, more = {}) =>
  send(response, status, {
    title: http.STATUS_CODES[status],
    status,
    detail,
    code: "",
    request_id: "req-7f3a",
    ...more,
  });

function grant(response, email, mustChange) {
  const cookie = randomBytes(12).toString("hex");
  const token = randomBytes(24).toString("hex");
  sessions.set(cookie, { email, mustChange });
  tokens.set(token, Date.now() + tokenLife * 1000);
  send(
    response,
    200,
    { access_token: token, expires_in: tokenLife, must_change_password: mustChange },
    { "Set-Cookie": `tenantra=${cookie}; HttpOnly; SameSite=Strict; Path=/` },
  );
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const text = Buffer.concat(parts).toString();
  return text ? JSON.parse(text) : {};
}

const inTenant = (slug) => (item) => {
  if (slug === "empty") return false;
  const site = data.tenants.find((tenant) => tenant.slug === slug);
  return !site || site.depth < 2 || item.tenant_name === site.name;
};

const routes = [
  [
    "POST",
    /^\/auth\/login$/,
    async ({ body, response }) => {
      if (body.email === account.email && body.password === account.password)
        return grant(response, body.email, false);
      if (body.email === newcomer.email && body.password === newcomer.password)
        return grant(response, body.email, newcomer.password === "one-time-password");
      return problem(response, 401, "e-mail or password is wrong");
    },
  ],
  [
    "POST",
    /^\/auth\/refresh$/,
    ({ request, response }) => {
      const cookie = /tenantra=(\w+)/.exec(request.headers.cookie ?? "")?.[1];
      const session = sessions.get(cookie);
      if (!session) return problem(response, 401, "no session");
      sessions.delete(cookie);
      return grant(response, session.email, session.mustChange);
    },
  ],
  [
    "POST",
    /^\/auth\/logout$/,
    ({ response }) => {
      sessions.clear();
      return send(response, 200, {}, { "Set-Cookie": "tenantra=; Max-Age=0; Path=/" });
    },
  ],
  [
    "POST",
    /^\/auth\/password$/,
    ({ body, response }) => {
      if (body.current_password !== newcomer.password)
        return problem(response, 403, "the current password is wrong");
      newcomer.password = body.new_password;
      return grant(response, newcomer.email, false);
    },
  ],
  [
    "POST",
    /^\/auth\/link$/,
    ({ response }) => problem(response, 400, "the link does not hold any more", { code: "invalid" }),
  ],
  ["POST", /^\/auth\/reset-request$/, ({ response }) => send(response, 200, {})],
  ["GET", /^\/me$/, ({ response }) => send(response, 200, data.me)],
  ["GET", /^\/tenants$/, ({ response }) => send(response, 200, { items: data.tenants })],
  [
    "POST",
    /^\/enroll-secrets$/,
    ({ response }) =>
      send(response, 200, {
        id: "f1",
        secret: "tne_4kq2mz7w3xv9d1r8b5nc6hj0",
        expires_at: new Date(Date.now() + 86_400_000).toISOString(),
        max_uses: 0,
      }),
  ],
  [
    "GET",
    /^\/agents$/,
    ({ query, response, send }) =>
      send(response, 200, { items: data.agents.filter(inTenant(query.get("tenant"))) }),
  ],
  [
    "GET",
    /^\/agents\/([\w-]+)$/,
    ({ parts: [agentId], response, send }) => {
      const agent = data.agents.find(({ id }) => id === agentId);
      return agent
        ? send(response, 200, { ...agent, ...data.agentCost })
        : problem(response, 404, "there is no such agent");
    },
  ],
  [
    "GET",
    /^\/agents\/[\w-]+\/collections$/,
    ({ response, send }) => send(response, 200, { items: data.collections }),
  ],
  [
    "GET",
    /^\/agents\/[\w-]+\/collections\/([^/]+)\/rows$/,
    ({ parts: [name], response, send }) => {
      const rows = data.agents
        .slice(0, name.includes("rpm") ? 0 : 60)
        .flatMap((_, number) => data.answerRows(number));
      return send(response, 200, { columns: data.resultColumns, rows });
    },
  ],
  ["GET", /^\/tables$/, ({ response }) => send(response, 200, { items: data.tables })],
  [
    "POST",
    /^\/queries\/lint$/,
    ({ body, response }) => {
      const used = [...body.sql.matchAll(/\b(?:from|join)\s+(\w+)/gi)];
      const unknown = used.find(([, name]) => !data.tables.some((table) => table.name === name));
      if (unknown) {
        const offset = unknown.index + unknown[0].length - unknown[1].length;
        const before = body.sql.slice(0, offset).split("\n");
        const error = {
          message: `no such table: ${unknown[1]}`,
          offset,
          line: before.length,
          column: before.at(-1).length + 1,
        };
        return send(response, 200, { ok: false, error, tables: [], columns: [] });
      }
      const names = [...new Set(used.map(([, name]) => name))];
      const columns = names.flatMap((name) =>
        data.tables
          .find((table) => table.name === name)
          .columns.filter((column) => new RegExp(`\\b${column.name}\\b`).test(body.sql))
          .map((column) => `${name}.${column.name}`),
      );
      return send(response, 200, { ok: true, error: null, tables: names, columns });
    },
  ],
  [
    "POST",
    /^\/live-queries$/,
    ({ body, response }) => send(response, 200, startRun(body.sql, body.target ?? {})),
  ],
  ["GET", /^\/live-queries$/, ({ response }) => send(response, 200, { items: listRuns() })],
  [
    "GET",
    /^\/live-queries\/([\w-]+)$/,
    ({ parts: [runId], response }) => {
      const run = findRun(runId);
      return run ? send(response, 200, describeRun(run)) : problem(response, 404, "there is no such run");
    },
  ],
  [
    "GET",
    /^\/live-queries\/([\w-]+)\/stream$/,
    ({ parts: [runId], response }) => {
      const run = findRun(runId);
      if (!run) return problem(response, 404, "there is no such run");
      response.writeHead(200, { "Content-Type": "application/x-ndjson", "Cache-Control": "no-store" });
      return streamRun(run, response);
    },
  ],
  [
    "POST",
    /^\/live-queries\/([\w-]+)\/cancel$/,
    ({ parts: [runId], response }) => {
      cancelRun(findRun(runId));
      return send(response, 200, {});
    },
  ],
  [
    "GET",
    /^\/findings$/,
    ({ query, response, send }) => {
      const agent = query.get("agent_id");
      const items = data.findings.filter(
        (finding) =>
          inTenant(query.get("tenant"))(finding) &&
          finding.state === (query.get("state") ?? finding.state) &&
          (!agent || finding.agent_id === agent),
      );
      return send(response, 200, { items });
    },
  ],
  [
    "GET",
    /^\/findings\/([\w-]+)$/,
    ({ parts: [findingId], response, send }) => {
      const finding = data.findings.find(({ id }) => id === findingId);
      return finding
        ? send(response, 200, data.findingDetail(finding))
        : problem(response, 404, "there is no such finding");
    },
  ],
  [
    "POST",
    /^\/findings\/([\w-]+)\/acknowledge$/,
    ({ parts: [findingId], response }) => {
      data.findings.find(({ id }) => id === findingId).state = "acknowledged";
      return send(response, 200, {});
    },
  ],
  [
    "GET",
    /^\/events$/,
    ({ response }) => {
      response.writeHead(200, { "Content-Type": "application/x-ndjson", "Cache-Control": "no-store" });
      response.write("\n");
    },
  ],
];

async function serveApi(request, response, url) {
  const route = url.pathname.replace("/api/v1", "");
  const open = route.startsWith("/auth/") && route !== "/auth/password";
  const token = request.headers.authorization?.replace("Bearer ", "");
  if (!open && !((tokens.get(token) ?? 0) > Date.now())) return problem(response, 401, "sign in first");
  // Tests ask for a failure by this tenant name, which no tenant has.
  if (url.searchParams.get("tenant") === "broken" && route !== "/me")
    return problem(response, 503, "The database does not answer.");
  for (const [method, pattern, handle] of [...operate.routes, ...routes]) {
    const match = pattern.exec(route);
    if (request.method !== method || !match) continue;
    if (method === "POST" && !request.headers["content-type"]?.startsWith("application/json"))
      return problem(response, 415, "send Content-Type: application/json");
    const body = ["POST", "PUT"].includes(request.method) ? await bodyOf(request) : {};
    const parts = match.slice(1).map(decodeURIComponent);
    const answer =
      url.searchParams.get("tenant") === "hostile" && request.method === "GET"
        ? (to, status, items) => send(to, status, hostile(items))
        : send;
    return handle({ request, response, body, query: url.searchParams, parts, send: answer });
  }
  return problem(response, 404, "no such route");
}

function serveFile(response, pathname) {
  const file = path.join(dist, path.normalize(pathname));
  const found = file.startsWith(dist) && fs.existsSync(file) && fs.statSync(file).isFile();
  if (!found && /\.\w+$/.test(pathname)) {
    response.writeHead(404).end();
    return;
  }
  const nonce = randomBytes(16).toString("base64url");
  const served = found ? file : path.join(dist, "index.html");
  let content = fs.readFileSync(served);
  if (served.endsWith("index.html")) content = content.toString().replaceAll("__CSP_NONCE__", nonce);
  response.writeHead(200, {
    "Content-Type": types[path.extname(served)] ?? "application/octet-stream",
    "Content-Security-Policy": policy(nonce),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
  });
  response.end(content);
}

/** Starts the mock on a free loopback port. */
export function startMock() {
  const server = http.createServer((request, response) => {
    const url = new URL(request.url, "http://localhost");
    if (url.pathname.startsWith("/api/")) void serveApi(request, response, url);
    else serveFile(response, url.pathname);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve({
        url: `http://127.0.0.1:${server.address().port}`,
        close: () => server.closeAllConnections() ?? server.close(),
      });
    });
  });
}
