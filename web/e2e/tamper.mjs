// SPDX-License-Identifier: Apache-2.0
// Against the mock only: a server that lies must turn the page red.
import { axe, base, check, clean, finish, launch, newPage, shot, signIn } from "./lib.mjs";

const mock = (what) => fetch(`${base}/__mock/${what}`);
const browser = await launch();
try {
  const page = await newPage(browser);
  await signIn(page);
  await page.locator("[data-test=ledger-badge].ok").waitFor();
  await mock("event");
  await mock("event");
  await mock("event");
  await page.locator("[data-test=newer]").waitFor({ timeout: 25_000 });
  check("newer events are offered, not pushed in", (await page.locator("[data-test=newer]").innerText()).includes("3 newer events"));
  await shot(page, "newer-light");
  await page.locator("[data-test=newer]").click();
  await page.locator("[data-test=newer]").waitFor({ state: "detached" });

  await mock("tamper");
  await page.locator("[role=row] .date").first().click();
  await page.locator("[data-test=proof-badge][data-status=bad]").waitFor();
  const steps = await page.locator("[data-test=proof] .step").evaluateAll((nodes) => nodes.map((node) => `${node.dataset.step}:${node.dataset.ok}`));
  check("a changed byte breaks the commitment and the leaf", steps.includes("parts:false") && steps.includes("leaf:false"), steps.join(" "));
  await page.getByRole("link", { name: "Proof", exact: true }).click();
  await page.waitForTimeout(300);
  await shot(page, "event-tampered-light");
  await axe(page, "tampered event");
  await page.keyboard.press("Escape");
  check("and stands over the page", await page.locator("[data-test=bad-entry]").isVisible());
  await mock("restore");

  await mock("rollback");
  await page.locator("[data-test=refresh]").click();
  await page.locator("[data-test=alarm]").waitFor();
  check("a ledger that became shorter is an alarm", (await page.locator("[data-test=alarm]").innerText()).includes("shorter"));
  await shot(page, "alarm-light");
  await axe(page, "alarm");
  await mock("restore");
  await page.locator("[data-test=refresh]").click();
  await page.waitForTimeout(800);
  check("which a later good answer does not take back", await page.locator("[data-test=alarm]").isVisible());
  page.problems.splice(0, page.problems.length, ...page.problems.filter((problem) => !/status of 422/.test(problem)));
  await clean(page, "tampering");
} catch (error) {
  check("the run went through", false, error.stack);
} finally {
  await mock("restore");
  await browser.close();
}
process.exit(finish());
