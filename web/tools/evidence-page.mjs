// SPDX-License-Identifier: Apache-2.0
// Builds dist/evidence.html: one file with everything in it, under a policy that lets nothing else in. The server
// writes the evidence into its JSON block.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const BUDGET_KB = 60;
const STYLES = ["styles/tokens.css", "styles/base.css", "styles/controls.css", "evidence/evidence.css"];
const src = (name) => new URL(`../src/${name}`, import.meta.url);

const built = await build({
  configFile: false,
  logLevel: "warn",
  build: {
    write: false,
    target: "es2022",
    minify: true,
    lib: { entry: src("evidence/page.ts").pathname, formats: ["iife"], name: "daybookEvidence" },
  },
});
const script = [built].flat()[0].output[0].code.trim();
if (script.includes("</script") || script.includes("<!--")) throw new Error("the script would end itself");

// The fonts of the UI are files; a page that is one file takes the system's.
const css = STYLES.map((name) => readFileSync(src(name), "utf8")).join("\n").replace(/@font-face \{[^}]*\}/g, "");
const style = css.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\s+/g, " ").replace(/ ?([{};,]) ?/g, "$1").trim();

const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const policy = [
  "default-src 'none'", `script-src ${hash(script)}`, `style-src ${hash(style)}`, "base-uri 'none'", "form-action 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

const html = `<!doctype html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Evidence</title>
<style>${style}</style>
</head>
<body>
<div id="app"></div>
<noscript>This page verifies its evidence with JavaScript. Without it: daybook-verify FILE.</noscript>
<script type="application/json" id="evidence"></script>
<script>${script}</script>
</body>
</html>
`;
writeFileSync(new URL("../dist/evidence.html", import.meta.url), html);
const packed = gzipSync(html, { level: 9 }).length / 1024;
process.stdout.write(`evidence page: ${packed.toFixed(1)} KB of ${BUDGET_KB} KB\n`);
if (packed > BUDGET_KB) throw new Error("over budget");
