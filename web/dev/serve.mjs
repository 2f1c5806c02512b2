// SPDX-License-Identifier: Apache-2.0
// `npm run mock`: the built UI over the mock. `npm run dev`: the mock as API behind vite's own server.
import { startMock } from "./mock.mjs";

const { url } = await startMock(Number(process.env.PORT ?? 7411));
process.stdout.write(`mock on ${url}/ui/ (admin or viewer, password daybook)\n`);
if (process.argv.includes("--vite")) {
  const { createServer } = await import("vite");
  const vite = await createServer({ server: { host: "127.0.0.1" } });
  await vite.listen();
  vite.printUrls();
}
