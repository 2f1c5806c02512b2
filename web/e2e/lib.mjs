// SPDX-License-Identifier: Apache-2.0
// What the browser tests share: the browser, the checks that hold on every page, reports.
import { AxeBuilder } from "@axe-core/playwright";
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";

export const base = (process.env.BASE_URL ?? "http://127.0.0.1:7411").replace(/\/+$/, "");
export const user = process.env.DAYBOOK_USER ?? "admin";
export const password = process.env.DAYBOOK_PASSWORD ?? "daybook";
export const shots = process.env.SCREENSHOTS ?? "e2e/shots";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export function launch() {
  mkdirSync(shots, { recursive: true });
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: FLAGS });
}

const results = [];
export function check(what, good, detail = "") {
  results.push({ what, good });
  process.stdout.write(`${good ? "ok  " : "FAIL"} ${what}${good || detail === "" ? "" : `: ${detail}`}\n`);
}
export function finish() {
  const failed = results.filter((result) => !result.good).length;
  process.stdout.write(`${results.length - failed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

// A page that notes console errors, exceptions, refused resources and requests to other hosts.
export async function newPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  await context.addInitScript(() => {
    window.__violations = [];
    document.addEventListener("securitypolicyviolation", (event) => {
      window.__violations.push(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const problems = [];
  page.problems = problems;
  page.expected = []; // Patterns of console errors that a test provokes itself.
  page.on("console", (message) => {
    if (message.type() === "error" && !page.expected.some((pattern) => pattern.test(message.text()))) problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    const saved = request.isNavigationRequest() && request.url().startsWith("file:"); // A page opened from disk.
    if (!saved && !request.url().startsWith(base) && !request.url().startsWith("data:")) problems.push(`request to ${request.url()}`);
  });
  return page;
}

export async function clean(page, where) {
  const violations = await page.evaluate(() => window.__violations);
  const all = [...page.problems, ...violations.map((violation) => `csp: ${violation}`)];
  check(`${where}: no console error, no policy violation, no request elsewhere`, all.length === 0, all.slice(0, 5).join(" | "));
  page.problems.length = 0;
}

export async function axe(page, where) {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  const words = violations.map((v) => `${v.id} (${v.nodes.length}): ${v.nodes[0]?.target.join(" ")} ${v.nodes[0]?.failureSummary?.split("\n")[1] ?? ""}`);
  check(`${where}: axe finds nothing`, violations.length === 0, words.join(" | "));
}

export async function shot(page, name) {
  await page.screenshot({ path: `${shots}/${name}.png` });
}

export async function noSidewaysScroll(page, where) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  check(`${where}: no sideways scroll`, wide <= 0, `${wide} px`);
}

export async function signIn(page, path = "/ui/") {
  await page.goto(base + path);
  await page.getByLabel("User name").fill(user);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.locator("[role=grid], [data-test=state]").first().waitFor();
}
