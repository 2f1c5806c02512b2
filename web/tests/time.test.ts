// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { rangeWords } from "../src/audit/rangeWords";
import { ago, dateWithMode, day, everyForm, full } from "../src/time/format";
import { parseRange, PRESETS, printRange, rangeParams, resolveRange, type Range } from "../src/time/range";
import { random } from "./random";

const NOW = Date.parse("2026-11-23T09:14:30.000Z");
const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
const bounds = (text: string) => {
  const { from, to } = resolveRange(parseRange(text) as Range, NOW, false);
  return [iso(from), iso(to)];
};

describe("ranges", () => {
  it("resolve", () => {
    expect(bounds("all")).toEqual([null, null]);
    expect(bounds("PT24H")).toEqual(["2026-11-22T09:14:30.000Z", null]);
    expect(bounds("PT5M")).toEqual(["2026-11-23T09:09:30.000Z", null]);
    expect(bounds("today")).toEqual(["2026-11-23T00:00:00.000Z", null]);
    expect(bounds("month")).toEqual(["2026-11-01T00:00:00.000Z", null]);
    expect(bounds("-3d..-1d")).toEqual(["2026-11-20T09:14:30.000Z", "2026-11-22T09:14:30.000Z"]);
    expect(bounds("2026-11-22..")).toEqual(["2026-11-22T00:00:00.000Z", null]);
    expect(bounds("2026-11-22..2026-11-22")).toEqual(["2026-11-22T00:00:00.000Z", "2026-11-22T23:59:59.999Z"]);
    expect(bounds("..2026-11-22T09:00")).toEqual([null, "2026-11-22T09:00:00.000Z"]);
    expect(bounds("2026-11-22T10:00+01:00..-1h")).toEqual(["2026-11-22T09:00:00.000Z", "2026-11-23T08:14:30.000Z"]);
  });
  it.each(["", "..", "PT0H", "PT1", "yesterday", "2026-13-01..", "2026-11-23..2026-11-22", "-1d..-3d", "-1x..", "2026-11-22", "a..b", "PT1S"])("%j is none", (text) => {
    expect(parseRange(text)).toBeNull();
  });
  it("print and parse are inverse, and resolve alike", () => {
    const rnd = random(5);
    const edge = (order: number) =>
      rnd(2) === 0 ? { at: NOW - order * 1e9 + rnd(1e6) } : { ago: order * 10 + rnd(10), unit: (["m", "h", "d", "w"] as const)[rnd(1)]! };
    for (let k = 0; k < 500; k += 1) {
      const between: Range = { kind: "between", from: rnd(4) ? edge(3) : null, to: edge(1) };
      const last: Range = { kind: "last", hours: rnd(2) ? 1 + rnd(9000) : (1 + rnd(59)) / 60 };
      for (const range of [between, last]) {
        const back = parseRange(printRange(range)) as Range;
        expect(printRange(back)).toBe(printRange(range));
        const [a, b] = [resolveRange(back, NOW, false), resolveRange(range, NOW, false)];
        expect(Math.abs((a.from ?? 0) - (b.from ?? 0))).toBeLessThan(1);
        expect(a.to).toBe(b.to);
      }
    }
  });
  it("the nine presets and their words", () => {
    expect(PRESETS.map((text) => printRange(parseRange(text) as Range))).toEqual(PRESETS);
    expect(PRESETS.map((text) => rangeWords(parseRange(text) as Range))).toEqual([
      "Last 5 minutes", "Last 15 minutes", "Last hour", "Last 12 hours", "Last 24 hours", "Last 48 hours", "Last 7 days", "Last 30 days", "Last 365 days",
    ]);
  });
  it("become comparisons of the API", () => {
    expect(rangeParams({ from: NOW, to: null })).toEqual([["filters[startDate][GREATER_THAN_OR_EQUAL_TO]", "2026-11-23T09:14:30.000Z"]]);
    expect(rangeParams({ from: null, to: NOW })[0]?.[0]).toBe("filters[endDate][LESS_THAN_OR_EQUAL_TO]");
    expect(rangeParams({ from: null, to: null })).toEqual([]);
  });
});

describe("times", () => {
  it("are told in every form", () => {
    const at = Date.parse("2026-11-23T09:13:52.418Z");
    expect(dateWithMode(at, NOW, "utc")).toEqual({ first: "09:13:52.418", second: "23 Nov · 37 s ago" });
    expect(dateWithMode(at, NOW, "relative").first).toBe("37 s ago");
    expect(full(at, false)).toBe("23 Nov 2026, 09:13:52.418 UTC");
    expect(everyForm(at, NOW).split("\n")).toHaveLength(4);
    expect(day(Date.parse("2025-01-02T00:00:00Z"), NOW, false)).toBe("2 Jan 2025");
  });
  it.each([
    [0, "just now"],
    [59_000, "59 s ago"],
    [60_000, "1 min ago"],
    [3_600_000, "1 h ago"],
    [86_400_000, "1 d ago"],
    [40 * 86_400_000, "1 mo ago"],
    [800 * 86_400_000, "2 y ago"],
    [-120_000, "in 2 min"],
  ])("%d ms: %s", (before, words) => {
    expect(ago(NOW - before, NOW)).toBe(words);
  });
});
