// SPDX-License-Identifier: Apache-2.0
// `npm run e2e:mock`: the browser test against dev/mock.mjs, below both prefixes, and what only the mock can
// do: a tampered proof, a ledger that was rolled back, newer events.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { startMock } from "../dev/mock.mjs";

const { server, url } = await startMock(0);
const run = (file) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url))], {
      stdio: "inherit",
      env: { ...process.env, BASE_URL: url, PREFIXES: ",/daybook" },
    });
    child.on("exit", (code) => resolve(code ?? 1));
  });
const codes = [await run("run.mjs"), await run("tamper.mjs")];
server.close();
server.closeAllConnections();
process.exit(codes.every((code) => code === 0) ? 0 : 1);
