/** Runs a script against the mock server: node e2e/with-mock.mjs SCRIPT [ARGUMENT…] */
import { spawn } from "node:child_process";
import { account, startMock } from "./mock/server.mjs";

const [script, ...rest] = process.argv.slice(2);
if (!script) {
  console.error("usage: node e2e/with-mock.mjs SCRIPT [ARGUMENT…]");
  process.exit(2);
}
const mock = await startMock();
const child = spawn(process.execPath, [script, ...rest], {
  stdio: "inherit",
  env: {
    ...process.env,
    TENANTRA_URL: mock.url,
    TENANTRA_EMAIL: account.email,
    TENANTRA_PASSWORD: account.password,
    TENANTRA_MOCK: "1",
  },
});
process.on("SIGTERM", () => {
  child.kill("SIGTERM");
});
child.on("exit", (code) => {
  mock.close();
  process.exit(code ?? 1);
});
