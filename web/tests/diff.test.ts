// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { flowAfter, flowBefore } from "../dev/seed.mjs";
import type { Json } from "../src/api/types";
import { difference, fieldChanges, markWords, pairs, type Line } from "../src/diff/diff";
import { pathOf, sourcesOf, toLines } from "../src/diff/print";
import { random } from "./random";

const text = (line: Line) => line.spans.map((span) => span.text).join("");

describe("difference", () => {
  it("shows only what changed, with its place", () => {
    const { hunks, changes } = difference(toLines(flowBefore, "yaml"), toLines(flowAfter, "yaml"));
    expect(changes).toBe(2);
    expect(hunks.map((hunk) => hunk.path)).toEqual([["tasks", "load_sap", "timeout"], ["triggers", "nightly", "cron"]]);
    const [first] = hunks;
    expect(first?.lines.filter((line) => line.kind !== "same").map(text)).toEqual(["    timeout: PT5M", "    timeout: PT15M"]);
    const marked = first?.lines.flatMap((line) => line.spans.filter((span) => span.changed).map((span) => span.text));
    expect(marked?.join("")).toMatch(/^5?15?$/);
  });
  it("nothing to nothing, something to the same, something from nothing", () => {
    expect(difference([], []).hunks).toEqual([]);
    expect(difference(["a"], ["a"])).toMatchObject({ hunks: [], changes: 0 });
    const made = difference([], ["a", "b"]);
    expect(made.changes).toBe(1);
    expect(made.hunks[0]?.lines.map((line) => [line.kind, line.after])).toEqual([["add", 1], ["add", 2]]);
  });
  it("says both texts in full, in order, for any two", () => {
    const rnd = random(3);
    for (let round = 0; round < 400; round += 1) {
      const make = () => Array.from({ length: rnd(30) }, () => `${"ab"[rnd(2)]}: ${rnd(4)}`);
      const [before, after] = [make(), make()];
      const { hunks } = difference(before, after);
      const shown = hunks.flatMap((hunk) => hunk.lines);
      for (const line of shown) {
        if (line.before !== null) expect(text(line)).toBe(before[line.before - 1]);
        if (line.after !== null) expect(text(line)).toBe(after[line.after - 1]);
      }
      // Lines outside the hunks are the same on both sides.
      const seenB = new Set(shown.flatMap((line) => line.before ?? []));
      const seenA = new Set(shown.flatMap((line) => line.after ?? []));
      expect(before.filter((_, k) => !seenB.has(k + 1))).toEqual(after.filter((_, k) => !seenA.has(k + 1)));
      expect(new Set(shown.map((line) => `${line.before}/${line.after}`)).size).toBe(shown.length);
    }
  });
  it("words: joined again they are the lines", () => {
    const rnd = random(4);
    const make = () => Array.from({ length: rnd(8) }, () => ["cron", " ", '"0', "2", "*", "PT5M", "\ud83d\ude00", ":"][rnd(8)]).join("");
    for (let round = 0; round < 500; round += 1) {
      const [before, after] = [make(), make()];
      const marks = markWords(before, after);
      expect(marks.before.map((span) => span.text).join("")).toBe(before);
      expect(marks.after.map((span) => span.text).join("")).toBe(after);
    }
  });
  it("marks the part of a word that differs, never half a run of letters or digits", () => {
    const marked = (before: string, after: string) => {
      const marks = markWords(before, after);
      return [marks.before, marks.after].map((spans) => spans.filter((span) => span.changed).map((span) => span.text).join("|"));
    };
    expect(marked("timeout: PT5M", "timeout: PT15M")).toEqual(["5", "15"]);
    expect(marked("disabled: true", "disabled: false")).toEqual(["true", "false"]);
    expect(marked("uri: a.b/v1", "uri: a.b/v2")).toEqual(["1", "2"]);
  });
  it("split form keeps every line on its side", () => {
    const { hunks } = difference(["a", "b", "c"], ["a", "x", "y", "c"]);
    const rows = hunks.flatMap((hunk) => pairs(hunk.lines));
    expect(rows.map((row) => row.left && text(row.left))).toEqual(["a", "b", null, "c"]);
    expect(rows.map((row) => row.right && text(row.right))).toEqual(["a", "x", "y", "c"]);
  });
});

describe("printing", () => {
  it("YAML of what an object can hold", () => {
    const value: Json = {
      zeta: [],
      id: "x",
      tasks: [{ id: "a", script: "one\ntwo\n", n: 1 }, "plain", ["in", 2], { only: {} }],
      tricky: ["yes", "1", "a: b", "", " x", "-", "#c", null, true],
    };
    expect(toLines(value, "yaml")).toEqual([
      "id: x",
      "zeta: []",
      "tasks:",
      "  - id: a",
      "    script: |",
      "      one",
      "      two",
      "    n: 1",
      "  - plain",
      "  - - in",
      "    - 2",
      "  - only: {}",
      "tricky:",
      '  - "yes"',
      '  - "1"',
      '  - "a: b"',
      '  - ""',
      '  - " x"',
      '  - "-"',
      '  - "#c"',
      "  - null",
      "  - true",
    ]);
    expect(toLines(value, "json").join("\n")).toBe(JSON.stringify(value, null, 2));
    expect(toLines(undefined, "yaml")).toEqual([]);
  });
  it("tells different values apart", () => {
    const values: Json[] = ["a\nb", "a\nb\n", "a\n b", "a \nb", "a\r\nb", "a\n\n", "null", null, "true", true, "1", 1, "", [], {}, [""], [[]], { a: [] }, { a: {} }, { a: "[]" }];
    const printed: Json[] = values.filter((value) => typeof value !== "string" && value !== null).concat(values.map((value) => ({ v: value })));
    const forms = printed.map((value) => toLines(value, "yaml").join("\n"));
    expect(new Set(forms).size).toBe(printed.length);
  });
  it("paths in JSON too", () => {
    const lines = toLines({ tasks: [{ id: "load", retry: { max: 3 } }] }, "yaml");
    expect(pathOf(lines, lines.findIndex((line) => line.includes("max")))).toEqual(["tasks", "load", "retry", "max"]);
  });
});

describe("sources", () => {
  it("are the sides or their member", () => {
    expect(sourcesOf("a", "b")).toEqual({ before: "a", after: "b", only: true });
    expect(sourcesOf(undefined, "b")).toEqual({ before: undefined, after: "b", only: true });
    expect(sourcesOf({ source: "a" }, { source: "b", n: 1 })).toEqual({ before: "a", after: "b", only: false });
    expect(sourcesOf({ source: "a" }, undefined)).toEqual({ before: "a", after: undefined, only: false });
    expect(sourcesOf({ source: "a" }, "b")).toMatchObject({ before: "a", after: "b", only: false });
  });
  it("are none unless both sides have one", () => {
    for (const [b, a] of [[undefined, undefined], [{ x: 1 }, { source: "b" }], [null, "b"], [["a"], "b"], [{ source: 1 }, { source: 2 }]] as const) {
      expect(sourcesOf(b as Json | undefined, a as Json | undefined)).toBeNull();
    }
  });
});

describe("patches", () => {
  it("become a list of fields with old values", () => {
    expect(
      fieldChanges(
        [{ op: "replace", path: "/a~1b/0", value: 2 }, { op: "remove", path: "/c" }, { op: "add", path: "/d", value: { e: 1 } }],
        [{ op: "add", path: "/c", value: "old" }],
        { "a/b": [1] },
      ),
    ).toEqual([
      { path: ["a/b", "0"], op: "replace", before: 1, after: 2 },
      { path: ["c"], op: "remove", before: "old", after: undefined },
      { path: ["d"], op: "add", before: undefined, after: { e: 1 } },
    ]);
    expect(fieldChanges(undefined, undefined, undefined)).toEqual([]);
    expect(fieldChanges([null, "x" as never], undefined, undefined)).toHaveLength(2);
  });
});
