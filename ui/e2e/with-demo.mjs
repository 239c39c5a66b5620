/**
 * Runs a script against a demo with several customers and machines: node e2e/with-demo.mjs SCRIPT [ARGUMENT…]
 * Needs bin/ and ui/dist from make build, and root, since each machine has namespaces of its own.
 */
import { spawn } from "node:child_process";
import { startDemo } from "./fleet/demo.mjs";

const [script, ...rest] = process.argv.slice(2);
if (!script || process.getuid?.() !== 0) {
  console.error(
    script
      ? "machines in namespaces of their own need root"
      : "usage: node e2e/with-demo.mjs SCRIPT [ARGUMENT…]",
  );
  process.exit(2);
}
const demo = await startDemo();
const child = spawn(process.execPath, [script, ...rest], {
  stdio: "inherit",
  env: {
    ...process.env,
    TENANTRA_URL: demo.url,
    TENANTRA_EMAIL: demo.email,
    TENANTRA_PASSWORD: demo.password,
  },
});
for (const signal of ["SIGTERM", "SIGINT"])
  process.on(signal, () => {
    child.kill("SIGTERM");
  });
child.on("exit", async (code) => {
  await demo.stop();
  process.exit(code ?? 1);
});
