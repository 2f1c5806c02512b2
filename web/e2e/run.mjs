// SPDX-License-Identifier: Apache-2.0
// Drives the UI of a running daybook (or of the mock) through Chromium.
//   BASE_URL, DAYBOOK_USER, DAYBOOK_PASSWORD   where and who (an administrator)
//   SCREENSHOTS, CHROMIUM                      where pictures go, which browser
//   PREFIXES                                   `` (default), or `,/daybook` to run below both
// It writes a few events into tenant `main` first, by the ingest API, with ids of its own.
import { axe, base, check, clean, finish, launch, newPage, noSidewaysScroll, password, shot, signIn, user } from "./lib.mjs";
import { seed, wipeMark } from "./seed.mjs";

const mark = wipeMark();
const prefixes = (process.env.PREFIXES ?? "").split(",");
const browser = await launch();

async function readTokens(page) {
  return page.locator("[data-test=token]").allInnerTexts();
}
const queryOf = (page) => new URL(page.url()).searchParams;

async function signInFlow(prefix) {
  const page = await newPage(browser);
  await page.goto(`${base}${prefix}/ui/main/audit?query=type%20%3D%20UPDATE`);
  await page.getByLabel("User name").waitFor();
  check("a deep link without a session leads to sign-in", new URL(page.url()).pathname === `${prefix}/ui/signin`);
  await page.locator("[data-test=ledger-badge].ok").waitFor();
  await shot(page, "signin-light");
  await axe(page, "sign-in");
  await clean(page, "sign-in");
  page.expected.push(/status of 401/);
  await page.getByLabel("User name").fill(user);
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("alert").waitFor();
  check("a wrong password says so and keeps the name", (await page.getByLabel("User name").inputValue()) === user);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.locator("[role=grid]").waitFor();
  check("signing in returns to the deep link", queryOf(page).get("query") === "type = UPDATE");
  return page;
}

async function tableChecks(page) {
  await page.locator("[data-test=total]").filter({ hasText: /events?$/ }).waitFor();
  const heads = await page.getByRole("columnheader").allInnerTexts();
  check("five columns", heads.map((head) => head.replace(/ \(UTC\)/, "").trim()).join(",") === "Resource type,Type,User,Details,Date", heads.join(","));
  const types = await page.locator("[role=row] [data-field=type]").allInnerTexts();
  check("the filter of the address holds", types.length > 0 && types.every((type) => type === "UPDATE"), types.slice(0, 5).join(","));
  const nodes = await page.locator("[role=row][data-row]").count();
  check("rows are virtual", nodes < 100, String(nodes));
  await page.locator("[data-test=ledger-badge].ok").waitFor();
}

async function filterFlow(page) {
  const input = page.locator("[data-test=query]");
  await page.keyboard.press("/");
  check("/ puts the cursor into the filter bar", await input.evaluate((node) => node === document.activeElement));
  await page.keyboard.type(`detail.run = ${mark}`);
  await page.keyboard.press("Enter");
  await page.locator("[data-test=total]").filter({ hasText: /^3 events$/ }).waitFor();
  check("a typed filter joins the one of the address", (await readTokens(page)).length === 2);
  await page.locator("[role=row] [data-field=flowId]").first().click();
  await page.waitForURL(/flowId/);
  check("a click on a chip adds a filter", /flowId = /.test(queryOf(page).get("query")), queryOf(page).get("query"));
  await page.getByRole("button", { name: /^Remove filter flowId/ }).click();
  await page.getByRole("button", { name: /^Remove filter type/ }).click();
  await page.locator("[data-test=total]").filter({ hasText: /^6 events$/ }).waitFor();
  await page.locator("[role=row] [data-field=type][data-value=DELETE]").first().click({ modifiers: ["Alt"] });
  await page.waitForURL(/%21%3D|!=/);
  await page.locator("[data-test=total]").filter({ hasText: /^5 events$/ }).waitFor();
  check("Alt-click excludes", queryOf(page).get("query").includes("type != DELETE"), queryOf(page).get("query"));
  await input.fill("namespac = x");
  await input.press("Enter");
  await page.locator(".qtok.wrong").waitFor();
  check("a wrong filter stays, in red, with its reason", (await page.locator(".qtok.wrong").count()) === 1);
  await page.getByRole("button", { name: /^Remove filter namespac/ }).click();
  await page.goBack();
  await page.goBack();
  await page.reload();
  await page.locator("[data-test=total]").filter({ hasText: /^5 events$/ }).waitFor();
  check("the address survives going back and a reload", queryOf(page).get("query").includes("type != DELETE"));
  await input.fill("namespace under web.e2e");
  await input.press("Enter");
  await page.locator("[data-test=token]").nth(2).waitFor();
  await page.locator("[data-test=total]").filter({ hasText: /^5 events$/ }).waitFor();
  check("namespace prefix", true);
  await input.fill("username in (e2e.deployer, e2e.person");
  await input.press("Enter");
  await page.locator("[data-test=token]").nth(3).waitFor();
  await page.locator("[role=grid]").waitFor();
  check("a list of values", queryOf(page).get("query").includes("username in (e2e.deployer, e2e.person)"));
  check("a service account is told in words", (await page.getByText("service account").count()) > 0);
}

async function rangeFlow(page) {
  await page.keyboard.press("Escape");
  await page.locator("[data-test=range]").click();
  await shot(page, "range-light");
  await page.getByRole("button", { name: "Last hour" }).click();
  await page.waitForURL(/range=PT1H/);
  await page.locator("[role=grid]").waitFor();
  check("a preset stands in the address", queryOf(page).get("range") === "PT1H");
  await page.locator("[data-test=range]").click();
  await page.getByLabel("Typed").fill("2001-01-01..2001-01-02");
  await page.getByRole("button", { name: "Apply" }).last().click();
  await page.locator("[data-test=state]").waitFor();
  await shot(page, "empty-light");
  await axe(page, "empty state");
  check("an empty range says so", (await page.locator("[data-test=state]").innerText()).includes("Nothing matches"));
  await page.getByRole("button", { name: "All time" }).last().click();
  await page.locator("[role=grid]").waitFor();
}

async function eventFlow(page, prefix) {
  await page.goto(`${base}${prefix}/ui/main/audit?query=${encodeURIComponent(`detail.run = ${mark} AND resource = FLOW AND type = UPDATE`)}`);
  await page.locator("[role=grid]").waitFor();
  await page.locator("[role=row] .date").last().click();
  const drawer = page.locator("[data-test=drawer]");
  await drawer.waitFor();
  await page.locator("[data-test=diff]").waitFor();
  const diff = await page.locator("[data-test=diff]").innerText();
  check("the difference shows the changed lines", diff.includes("timeout: PT5M") && diff.includes("timeout: PT15M"), diff.slice(0, 200));
  check("and where they stand", diff.includes("load_sap"), diff.slice(0, 200));
  check("focus is in the drawer", await drawer.evaluate((node) => node.contains(document.activeElement)));
  await page.locator("[data-test=proof-badge][data-status=verified]").waitFor();
  const steps = await page.locator("[data-test=proof] .step").evaluateAll((nodes) => nodes.map((node) => `${node.dataset.step}:${node.dataset.ok}`));
  check("the proof verifies, step by step", steps.length === 7 && steps.every((step) => step.endsWith(":true")), steps.join(" "));
  await page.mouse.move(5, 700);
  await shot(page, "event-light");
  await axe(page, "event, light");
  await page.locator("[data-test=split]").click();
  await shot(page, "event-split-light");
  await page.getByRole("link", { name: "Proof", exact: true }).click();
  await page.waitForTimeout(300);
  await shot(page, "event-proof-light");
  await page.getByRole("link", { name: "Raw JSON", exact: true }).click();
  await page.waitForTimeout(300);
  await shot(page, "event-raw-light");
  const raw = await page.locator(".rawbox pre").first().innerText();
  check("raw JSON is the hashed part", JSON.parse(raw).action === "UPDATE");
  await clean(page, "event");
  const first = queryOf(page).get("event");
  await page.keyboard.press("k");
  await page.waitForFunction((was) => new URL(location.href).searchParams.get("event") !== was, first);
  check("j and k step through the events", queryOf(page).get("event") !== first);
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "detached" });
  await page.waitForTimeout(150);
  check("Escape closes and focus is back in the table", await page.evaluate(() => document.activeElement?.closest("[role=row]") !== null));
  await page.goto(`${base}${prefix}/ui/main/audit?event=${encodeURIComponent(first)}`);
  await page.locator("[data-test=proof-badge][data-status=verified]").waitFor();
  check("a link to an event opens it", (await drawer.innerText()).includes("e2e-ledger-sync"));
}

async function keyFlow(page, prefix) {
  await page.goto(`${base}${prefix}/ui/main/audit?query=${encodeURIComponent(`detail.run = ${mark}`)}`);
  await page.locator("[role=grid]").waitFor();
  await page.locator("h1").click();
  await page.keyboard.press("j");
  await page.waitForFunction(() => document.activeElement?.dataset?.cell === "0");
  await page.keyboard.press("j");
  await page.waitForFunction(() => document.activeElement?.closest("[data-row]")?.dataset.row === "1");
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => document.activeElement?.dataset?.cell === "1");
  await page.keyboard.press("f");
  await page.waitForURL(/type/);
  check("j, arrow and f filter by the cell", /type = /.test(queryOf(page).get("query")), queryOf(page).get("query"));
  await page.locator("h1").click();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
  await shot(page, "keys-light");
  await axe(page, "key list");
  await page.keyboard.press("Escape");
  await page.keyboard.press("d");
  await page.waitForURL(/density=compact/);
  check("density in the address", true);
  await clean(page, "keyboard");
}

async function wholeList(page, prefix) {
  await page.goto(`${base}${prefix}/ui/main/audit`);
  await page.locator("[role=grid]").waitFor();
  await page.locator("[data-test=ledger-badge].ok").waitFor();
  await page.mouse.move(5, 700);
  await shot(page, "audit-light");
  await axe(page, "audit, light, 1440");
  await page.locator("[data-test=theme]").click();
  check("dark theme", (await page.locator("html").getAttribute("data-theme")) === "dark");
  await shot(page, "audit-dark");
  await axe(page, "audit, dark, 1440");
  await page.reload();
  check("the theme is kept and set before the first paint", (await page.locator("html").getAttribute("data-theme")) === "dark");
  await page.locator("[role=grid]").waitFor();
  await page.locator("[role=row] .date").first().click();
  await page.locator("[data-test=proof-badge][data-status=verified]").waitFor();
  await page.mouse.move(5, 700);
  await shot(page, "event-dark");
  await axe(page, "event, dark");
  await page.keyboard.press("Escape");
  await page.locator("[data-test=theme]").click();
  const total = Number((await page.locator("[data-test=total]").innerText()).replace(/\D/g, ""));
  for (let i = 0; i < 12; i += 1) {
    await page.locator(".scroll").evaluate((node) => node.scrollBy(0, 1800));
    await page.waitForTimeout(60);
  }
  const rows = Number((await page.locator("[role=grid]").getAttribute("aria-rowcount")) ?? 0) - 1;
  const last = await page.locator("[role=row][data-row]").last().getAttribute("data-row");
  check("scrolling loads older events", rows === total && (total <= 20 || Number(last) > 20), `${last} of ${total}`);
  check("and keeps few rows in the document", (await page.locator("[role=row][data-row]").count()) < 100);
  await page.goto(`${base}${prefix}/ui/_all/audit`);
  await page.locator("[role=grid]").waitFor();
  check("all tenants", (await page.locator("[role=row] [aria-label^='tenant ']").count()) > 0);
  await page.locator("[role=row] .date").first().click();
  await page.locator("[data-test=proof-badge][data-status=verified]").waitFor();
  await clean(page, "whole list");
}

async function small(state, prefix) {
  for (const scheme of ["light", "dark"]) {
    const page = await newPage(browser, { viewport: { width: 390, height: 844 }, storageState: state, hasTouch: true });
    await page.addInitScript((theme) => localStorage.setItem("daybook.theme", theme), scheme);
    await page.goto(`${base}${prefix}/ui/main/audit`);
    await page.locator("[role=grid]").waitFor();
    await page.locator("[data-test=ledger-badge].ok").waitFor();
    await page.waitForTimeout(250);
    await shot(page, `audit-390-${scheme}`);
    await axe(page, `audit, ${scheme}, 390`);
    await noSidewaysScroll(page, `audit, 390 ${scheme}`);
    await page.locator("[role=row] .date").first().click();
    await page.locator("[data-test=proof-badge][data-status=verified]").waitFor({ state: "attached" });
    await page.waitForTimeout(250);
    await shot(page, `event-390-${scheme}`);
    await axe(page, `event, ${scheme}, 390`);
    await noSidewaysScroll(page, `event, 390 ${scheme}`);
    await page.locator("[data-test=close]").click();
    await page.getByRole("button", { name: "Menu" }).click();
    await page.getByRole("dialog").waitFor();
    check(`menu, 390 ${scheme}: shows its words`, await page.getByRole("dialog").getByText("Audit logs").isVisible());
    await page.waitForTimeout(150);
    await shot(page, `menu-390-${scheme}`);
    await axe(page, `menu, ${scheme}, 390`);
    await clean(page, `390 ${scheme}`);
    await page.context().close();
  }
  const tiny = await newPage(browser, { viewport: { width: 320, height: 640 }, storageState: state });
  await tiny.goto(`${base}${prefix}/ui/main/audit`);
  await tiny.locator("[role=grid]").waitFor();
  await noSidewaysScroll(tiny, "audit, 320");
  await tiny.context().close();
}

async function leave(page, prefix) {
  await page.goto(`${base}${prefix}/ui/main/audit`);
  await page.locator("[role=grid]").waitFor();
  await page.context().clearCookies();
  page.expected.push(/status of 401/);
  await page.locator("[data-test=refresh]").click();
  await page.getByRole("dialog", { name: "Sign in again" }).waitFor();
  await shot(page, "signin-again-light");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.locator("[role=grid]").waitFor();
  check("a lost session is renewed over the page", new URL(page.url()).pathname === `${prefix}/ui/main/audit`);
  await page.locator("[data-test=sign-out]").click();
  await page.getByLabel("User name").waitFor();
  await page.goto(`${base}${prefix}/ui/main/audit`);
  await page.getByLabel("User name").waitFor();
  check("signed out is signed out", true);
  await clean(page, "leaving");
}

try {
  await seed(mark);
  for (const prefix of prefixes) {
    process.stdout.write(`# prefix "${prefix}"\n`);
    const page = await signInFlow(prefix);
    await tableChecks(page);
    await filterFlow(page);
    await rangeFlow(page);
    await clean(page, "filters");
    await eventFlow(page, prefix);
    await keyFlow(page, prefix);
    await wholeList(page, prefix);
    await small(await page.context().storageState(), prefix);
    await leave(page, prefix);
    await page.context().close();
  }
} catch (error) {
  check("the run went through", false, error.stack);
  for (const context of browser.contexts()) {
    const last = context.pages().at(-1);
    if (last) await shot(last, "failure").catch(() => {});
  }
} finally {
  await browser.close();
}
process.exit(finish());
