/** A demo with the machines, people and happenings that pictures need: the real server, and real agents in namespaces of their own. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { connect } from "./api.mjs";
import { customers, happenings, machines, people } from "./story.mjs";

const programs = fileURLToPath(new URL("../../../bin/", import.meta.url));
const machine = fileURLToPath(new URL("machine.sh", import.meta.url));
const email = "admin@tenantra.local";
/** Milliseconds for a start, and for what agents report for the first time, on a machine that others use too. */
const patience = { start: 240_000, reports: 900_000 };

/** Starts it; answers how to sign in, and how to end it. */
export async function startDemo() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tenantra-pictures-"));
  const children = [];
  const stop = async () => {
    // The machines first: an agent that loses its server writes of it.
    for (const { child, ended } of children.reverse()) {
      child.stdin?.end();
      if (!child.stdin) child.kill("SIGTERM");
      await ended;
    }
    fs.rmSync(folder, { recursive: true, force: true });
  };
  const start = (program, args, options) => {
    const child = spawn(program, args, options);
    const ended = new Promise((resolve) => child.once("exit", resolve));
    children.push({ child, ended });
    return { child, ended };
  };
  try {
    const url = `https://localhost:${await freePort()}`;
    const passwordFile = path.join(folder, "password");
    const { ended } = start(
      path.join(programs, "tenantra-fleet"),
      ["demo", "--listen", url.replace("https://localhost", "127.0.0.1"), "--password-file", passwordFile],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    await Promise.race([
      until("the demo's start", patience.start, () => fs.existsSync(passwordFile)),
      ended.then((code) => Promise.reject(new Error(`the demo ended with ${code}`))),
    ]);
    const password = fs.readFileSync(passwordFile, "utf8").trim();
    const api = await connect(url, email, password);
    for (const { parent, ...customer } of customers)
      await api("POST", "/tenants", { tenant: parent, body: customer });
    for (const { tenant, ...person } of people) await api("POST", "/users", { tenant, body: person });
    const stdin = new Map();
    for (const { name, kind, tenant, tags } of machines) {
      const { secret } = await api("POST", "/enroll-secrets", { tenant, body: { max_uses: 1, tags } });
      const { child } = start(
        "unshare",
        [
          "--mount",
          "--pid",
          "--uts",
          "--fork",
          "--kill-child",
          machine,
          name,
          kind,
          path.join(programs, "tenantra-agent"),
          url,
        ],
        { stdio: ["pipe", "ignore", "inherit"] },
      );
      child.stdin.write(`${secret}\n`);
      stdin.set(name, child.stdin);
    }
    await until("the first reports of all agents", patience.reports, async () => {
      const { items } = await api("GET", "/agents", {
        tenant: "root",
        query: { recursive: true, limit: 100 },
      });
      return items.length > machines.length && items.every(({ open_findings: open }) => open > 0);
    });
    await happenings(api, (name, change) => stdin.get(name).write(`${change}\n`));
    return { url, email, password, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function until(what, milliseconds, holds) {
  const end = Date.now() + milliseconds;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what}: nothing in ${milliseconds / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

/** A port of loopback that nobody listens on now. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
