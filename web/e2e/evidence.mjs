// SPDX-License-Identifier: Apache-2.0
// A page of evidence, saved and opened from disk: it verifies by itself, and says what is wrong when it was changed.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { axe, base, check, clean, finish, launch, newPage, noSidewaysScroll, password, shot, user } from "./lib.mjs";
import { seed, wipeMark } from "./seed.mjs";

const folder = mkdtempSync(join(tmpdir(), "evidence-"));
const file = (name) => pathToFileURL(join(folder, name)).href;
const headers = { "Content-Type": "application/json", Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
const mark = wipeMark();

async function ask(name, body) {
  const answer = await fetch(`${base}/api/v1/main/auditlogs/evidence`, { method: "POST", headers, body: JSON.stringify({ format: "html", ...body }) });
  const text = await answer.text();
  check(`evidence for ${name}`, answer.status === 200, `${answer.status} ${text.slice(0, 200)}`);
  writeFileSync(join(folder, name), text);
  return text;
}
async function open(browser, name, options = {}) {
  const page = await newPage(browser, options);
  await page.goto(file(name));
  await page.locator("[data-test=verdict]").waitFor();
  return page;
}
const verdict = (page) => page.locator("[data-test=verdict]").getAttribute("data-ok");

async function good(browser) {
  for (const scheme of ["light", "dark"]) {
    const page = await open(browser, "good.html", { colorScheme: scheme });
    check(`${scheme}: verified from file://`, (await verdict(page)) === "true", await page.locator("[data-test=verdict]").innerText());
    check(`${scheme}: six events`, (await page.locator("details.event[data-ok=true]").count()) === 6);
    await page.locator("details.event").nth(1).locator("summary").click();
    check(`${scheme}: the difference is shown`, (await page.locator(".diff").innerText()).includes("timeout: PT15M"));
    await page.waitForTimeout(150);
    await page.screenshot({ path: `${process.env.SCREENSHOTS ?? "e2e/shots"}/evidence-${scheme}.png`, fullPage: true });
    await axe(page, `evidence, ${scheme}`);
    await clean(page, `evidence, ${scheme}`);
    await page.context().close();
  }
  const phone = await open(browser, "good.html", { viewport: { width: 390, height: 844 } });
  await noSidewaysScroll(phone, "evidence, 390");
  await shot(phone, "evidence-390");
  await phone.context().close();
}

async function keys(browser) {
  const page = await open(browser, "good.html");
  const own = await (await fetch(`${base}/tlog/key`)).text();
  await page.locator("#key").fill(own.split("\n")[0]);
  await page.locator(".keyform button").click();
  check("the key kept elsewhere verifies it", (await verdict(page)) === "true" && (await page.locator(".outside").count()) === 1);
  await page.locator("#key").fill("daybook/other+00000000+AAAA");
  await page.locator(".keyform button").click();
  check("another key does not", (await verdict(page)) === "false");
  await clean(page, "keys");
  await page.context().close();
}

async function tampered(browser, text) {
  const at = text.indexOf('"bytes":"', text.indexOf('id="evidence"')) + 30;
  writeFileSync(join(folder, "bad.html"), `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`);
  const page = await open(browser, "bad.html");
  check("a changed byte is found", (await verdict(page)) === "false");
  check("and the entry named", /entry \d/.test(await page.locator(".wrong").innerText()), await page.locator(".wrong").innerText());
  check("one event is marked, the others hold", (await page.locator("details.event[data-ok=false]").count()) === 1);
  await shot(page, "evidence-tampered");
  await axe(page, "tampered evidence");
  await clean(page, "tampered evidence");
  await page.context().close();
}

async function policy(browser, text) {
  const inserted = text.replace('<div id="app">', '<script>window.__ran = true</script><div id="app">');
  writeFileSync(join(folder, "script.html"), inserted);
  const page = await newPage(browser);
  page.expected.push(/Content Security Policy/);
  await page.goto(file("script.html"));
  await page.locator("[data-test=verdict]").waitFor();
  check("a script that was put in does not run", (await page.evaluate(() => window.__ran)) === undefined);
  await page.context().close();
}

const browser = await launch();
try {
  await seed(mark);
  const text = await ask("good.html", { filters: `details[run]=${mark}` });
  check("it names no address", !/(src|href)="?https?:/.test(text) && !readFileSync(join(folder, "good.html"), "utf8").includes("<link"));
  await good(browser);
  await keys(browser);
  await tampered(browser, text);
  await policy(browser, text);
} catch (error) {
  check("the run went through", false, error.stack);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
process.exit(finish());
