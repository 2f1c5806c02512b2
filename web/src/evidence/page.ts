// SPDX-License-Identifier: Apache-2.0
// The page of evidence: one file without network that shows what it carries and verifies it by itself.
import type { Json, JsonObject } from "../api/types";
import { actionClass, actionWords, resourceIcon, resourceWords, valueText } from "../audit/words";
import { difference } from "../diff/diff";
import { sourcesOf, toLines } from "../diff/print";
import { toHex } from "../proof/bytes";
import type { PartName } from "../proof/check";
import { visible, visibleBlock } from "../text/visible";
import { full, number } from "../time/format";
import { brand, h, icon } from "./dom";
import { verifyEvidence, type CheckedItem, type Result } from "./verify";
import { words } from "./words";

const CHIPS_MAX = 4;
const CHIPS_FIRST = ["namespace", "flowId", "executionId", "triggerId", "key", "path", "revision"];
const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "");

function banner(result: Result, key: string): HTMLElement {
  const shown = result.items.filter((it) => !it.missing.includes("event")).length;
  const lines = [
    ...result.problems,
    ...result.items.flatMap((it) => it.problems.map((problem) => `entry ${number(it.item.index)}: ${problem}`)),
  ];
  const list = h("ul", { class: "wrong" }, ...lines.slice(0, 20).map((line) => h("li", {}, visible(line))));
  return h(
    "section",
    { class: `verdict ${result.ok ? "ok" : "bad"}`, "data-test": "verdict", "data-ok": String(result.ok), role: "status" },
    h("span", { class: "seal" }, icon(result.ok ? "shield" : "shieldx")),
    h(
      "div",
      { class: "grow" },
      h("b", {}, result.ok ? words.verified : words.bad),
      h("span", {}, result.ok ? words.verifiedText(shown) : words.badText(lines.length)),
      lines.length > 0 ? list : null,
      result.ok && key !== "" ? h("span", { class: "outside" }, words.keyOutside) : null,
    ),
  );
}

function fact(name: string, ...value: (Node | string)[]): HTMLElement {
  return h("div", { class: "fact" }, h("dt", {}, name), h("dd", {}, ...value));
}
const mono = (text: string) => h("code", {}, visible(text));

function facts(result: Result): HTMLElement | null {
  const it = result.evidence;
  if (it === null) return null;
  const { filters, from, to, complete } = it.selection;
  const scope = Object.entries(it.scope ?? {}).map(([name, value]) => `${name} ${value}`);
  const checkpoint = result.checkpoint;
  return h(
    "dl",
    { class: "facts" },
    fact(words.question, filters === "" ? words.noFilters : mono(safeDecode(filters))),
    fact(words.scope, scope.length === 0 ? words.scopeAll : visible(scope.join(", "))),
    fact(words.range, h("b", {}, words.rangeOf(from, to)), ` ${complete ? words.complete : words.selection}`),
    fact(words.tree, mono(it.origin), h("span", { class: "soft" }, words.treeOf(checkpoint?.size ?? 0))),
    fact(words.root, mono(checkpoint === null ? "" : toHex(checkpoint.root))),
    ...it.keys.map((one) => fact(words.key, mono(one))),
    ...(it.consistency === undefined ? [] : [fact(words.extends, words.extendsOf(it.consistency.from))]),
  );
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

function keyForm(key: string): HTMLElement {
  const input = h("input", { class: "input mono", id: "key", name: "key", placeholder: words.keyPlaceholder, spellcheck: "false", autocomplete: "off", value: key });
  const form = h(
    "form",
    { class: "keyform" },
    h("label", { for: "key" }, words.keyOfFile),
    h("div", {}, input, h("button", { class: "btn", type: "submit" }, icon("key"), words.keyButton)),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show(input.value.trim());
  });
  return form;
}

function personOf(event: JsonObject, actor: JsonObject | null, state: string | undefined): string {
  if (state !== undefined) return words.hidden[state] ?? state;
  const name = textOf(actor?.["name"]) || textOf(actor?.["username"]) || textOf(actor?.["userId"]);
  return name || textOf(event["actorKind"]).toLowerCase();
}

function summary(it: CheckedItem): HTMLElement {
  const event = it.parts.event as JsonObject;
  const detail = (event["detail"] as JsonObject | undefined) ?? {};
  const resource = textOf(event["resource"]);
  const action = textOf(event["action"]);
  const rank = (name: string) => (CHIPS_FIRST.indexOf(name) + CHIPS_FIRST.length + 1) % (CHIPS_FIRST.length + 1);
  const chips = Object.entries(detail)
    .filter(([name, value]) => typeof value !== "object" && !(name === "id" && Object.entries(detail).some(([other, it]) => other !== "id" && it === value)))
    .sort(([a], [b]) => rank(a) - rank(b))
    .slice(0, CHIPS_MAX)
    .map(([name, value]) => h("span", { class: "chip" }, h("span", {}, visible(name)), h("b", {}, visible(valueText(value)))));
  const bad = textOf(event["result"]);
  return h(
    "summary",
    {},
    h("span", { class: `tick ${it.ok ? "ok" : "bad"}` }, icon(it.ok ? "check" : "x")),
    h("span", { class: "num index" }, number(it.item.index)),
    h("span", { class: "when num" }, full(Date.parse(textOf(event["date"])), false)),
    h("span", { class: `act ${actionClass(action)}` }, visible(actionWords(action))),
    h("span", { class: "what" }, icon(resourceIcon(resource)), visible(resourceWords(resource))),
    bad === "SUCCESS" ? null : h("span", { class: "badge plain bad" }, visible(bad.toLowerCase())),
    h("span", { class: "by" }, visible(personOf(event, it.parts.actor, it.item.parts.actor.state))),
    h("span", { class: "chips" }, ...chips),
  );
}

function diffView(before: Json | undefined, after: Json | undefined): HTMLElement | null {
  if (before === undefined && after === undefined) return null;
  const sources = sourcesOf(before, after);
  const same = sources !== null && sources.before === sources.after && !sources.only;
  const [b, a] = sources !== null && !same ? [sources.before, sources.after] : [before, after];
  const { hunks } = difference(toLines(b, "yaml"), toLines(a, "yaml"));
  const box = h("div", { class: "diff", role: "region", tabindex: "0", "aria-label": words.difference });
  for (const hunk of hunks) {
    box.append(h("div", { class: "hunk" }, visible(hunk.path.join(" › "))));
    for (const line of hunk.lines) {
      const spans = line.spans.map((span) => (span.changed ? h("mark", {}, visibleBlock(span.text)) : visibleBlock(span.text)));
      const sign = line.kind === "add" ? "+" : line.kind === "del" ? "−" : "";
      box.append(h("div", { class: `ln ${line.kind}` }, h("i", {}, String(line.before ?? "")), h("i", {}, String(line.after ?? "")), h("u", {}, sign), h("span", {}, ...spans)));
    }
  }
  return hunks.length === 0 ? null : box;
}

function partBox(it: CheckedItem, name: PartName): HTMLElement {
  const state = it.item.parts[name].state;
  const text = it.parts.text[name];
  const body =
    state !== undefined
      ? h("p", { class: "soft" }, `${words.hidden[state] ?? state} `, mono(it.item.parts[name].commitment))
      : text === ""
        ? h("p", { class: "soft" }, words.nothing)
        : h("pre", { tabindex: "0" }, visibleBlock(toLines(it.parts[name], "yaml").join("\n")));
  return h("section", { class: "part" }, h("h3", {}, words[name]), body);
}

function body(it: CheckedItem): HTMLElement {
  const change = it.parts.change;
  const diff = change === null ? null : diffView(change["before"], change["after"]);
  const steps = words.steps(it.path).map((step) => h("li", { class: it.ok ? "" : "no" }, icon(it.ok ? "check" : "x"), step));
  return h(
    "div",
    { class: "open" },
    diff === null ? null : h("section", { class: "part wide" }, h("h3", {}, words.difference), diff),
    partBox(it, "event"),
    partBox(it, "actor"),
    diff === null && change !== null ? partBox(it, "change") : null,
    h("section", { class: "part" }, h("h3", {}, words.proof), h("ul", { class: "steps" }, ...steps), mono(it.item.leafHash)),
  );
}

function card(it: CheckedItem): HTMLElement {
  const details = h("details", { class: `event ${it.ok ? "" : "bad"}`, "data-index": String(it.item.index), "data-ok": String(it.ok) }, summary(it));
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(body(it));
  });
  return details;
}

function list(result: Result): HTMLElement {
  const box = h("div", { class: "events" });
  let hidden: CheckedItem[] = [];
  const flush = () => {
    const first = hidden[0];
    if (first === undefined) return;
    const wrong = hidden.some((it) => !it.ok);
    box.append(h("div", { class: `hidden ${wrong ? "bad" : ""}` }, icon(wrong ? "x" : "lock"), words.withheld(hidden.length, first.item.index)));
    hidden = [];
  };
  for (const it of result.items) {
    if (it.parts.event === null) {
      hidden.push(it);
      continue;
    }
    flush();
    box.append(card(it));
  }
  flush();
  return box;
}

function show(key: string): void {
  const text = document.getElementById("evidence")?.textContent ?? "";
  const result = verifyEvidence(text, key);
  const shown = result.items.filter((it) => it.parts.event !== null).length;
  const withheld = result.items.length - shown;
  document.title = `${words.title} · ${result.ok ? words.verified : words.bad}`;
  const main = h(
    "main",
    {},
    h("header", { class: "top" }, brand(), h("h1", {}, words.title), h("span", { class: "soft mono" }, visible(result.evidence?.origin ?? ""))),
    banner(result, key),
    facts(result),
    keyForm(key),
    h("h2", {}, words.events, h("span", { class: "soft" }, words.shown(shown)), withheld > 0 ? h("span", { class: "soft" }, words.withheldCount(withheld)) : null),
    list(result),
    h("details", { class: "limits" }, h("summary", {}, words.limits), ...words.limitsText.map((line) => h("p", {}, line))),
  );
  document.getElementById("app")?.replaceChildren(main);
  const only = main.querySelectorAll<HTMLDetailsElement>("details.event");
  if (only.length === 1) (only[0] as HTMLDetailsElement).open = true;
}

if (matchMedia("(prefers-color-scheme: dark)").matches) document.documentElement.setAttribute("data-theme", "dark");
show("");
