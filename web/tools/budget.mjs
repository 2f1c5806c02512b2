// SPDX-License-Identifier: Apache-2.0
// Fails the build above the sizes agreed for the UI (gzip -9): what the audit page loads before and with its
// first rows, everything, and the styles.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const assets = new URL("../dist/assets/", import.meta.url);
const files = readdirSync(assets).map((name) => ({ name, bytes: gzipSync(readFileSync(new URL(name, assets)), { level: 9 }).length }));
const sum = (list) => list.reduce((total, file) => total + file.bytes, 0);
const js = files.filter((file) => file.name.endsWith(".js"));
// Loaded only when an event is opened, a key list asked for, or a password entered again.
const later = /^(EventDrawer|KeysDialog|SignIn)/;
const rows = [
  ["JS, route Audit", sum(js.filter((file) => !later.test(file.name))), 190],
  ["JS, all", sum(js), 320],
  ["CSS", sum(files.filter((file) => file.name.endsWith(".css"))), 20],
];
for (const [what, bytes, limit] of rows) process.stdout.write(`${what}: ${(bytes / 1024).toFixed(1)} KB of ${limit} KB\n`);
if (rows.some(([, bytes, limit]) => bytes > limit * 1024)) {
  process.stderr.write("over budget\n");
  process.exit(1);
}
