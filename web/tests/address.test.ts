// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { readAddress, writeAddress, type PageState } from "../src/audit/address";
import { prefixOf } from "../src/base";
import { safeReturn } from "../src/router";
import { isTenantName, parseEntryRef, printEntryRef } from "../src/shell/tenant";

describe("the address", () => {
  it("holds the whole state and nothing that is default", () => {
    const state: PageState = {
      tokens: [{ field: "type", op: "!=", values: ["READ"] }],
      range: { kind: "last", hours: 24 },
      mode: "local",
      compact: true,
      event: { tenant: "main", id: "abc~1:2" },
    };
    const query = writeAddress(state, "main");
    expect(query).toEqual({ query: "type != READ", range: "PT24H", time: "local", density: "compact", event: "abc~1:2" });
    expect(readAddress(query, "main")).toEqual(state);
    const plain: PageState = { tokens: [], range: { kind: "all" }, mode: "utc", compact: false, event: null };
    expect(writeAddress(plain, "main")).toEqual({});
    expect(readAddress({}, "main")).toEqual(plain);
  });
  it("forgives what it does not know", () => {
    expect(readAddress({ range: "nonsense", time: "mars", query: ["type = A", "x"] }, "main")).toMatchObject({
      range: { kind: "all" },
      mode: "utc",
      tokens: [{ field: "type" }],
    });
  });
  it("names entries of every tenant", () => {
    for (const view of ["main", "_all"]) {
      for (const ref of [{ tenant: "main", id: "a" }, { tenant: "other", id: "b.c" }, { tenant: null, id: "d" }]) {
        expect(parseEntryRef(printEntryRef(ref, view), view)).toEqual(ref);
      }
    }
    expect(printEntryRef({ tenant: "main", id: "a" }, "main")).toBe("a");
  });
  it("tenant names", () => {
    expect(["main", "a", "0-_x"].every(isTenantName)).toBe(true);
    expect(["", "_all", "Main", "-a", "a b", "a".repeat(64)].some(isTenantName)).toBe(false);
  });
});

describe("the prefix", () => {
  it.each([
    ["/ui/", ""],
    ["/ui", ""],
    ["/ui/main/audit", ""],
    ["/daybook/ui/main/audit", "/daybook"],
    ["/a/b/ui/x", "/a/b"],
    ["/ui/ui/audit", ""],
    ["//evil.example/ui/", ""],
    ["/\\evil/ui/", ""],
    ["/", ""],
  ])("of %s is %j", (path, expected) => {
    expect(prefixOf(path)).toBe(expected);
  });
});

describe("the way back after signing in", () => {
  it("stays inside", () => {
    expect(safeReturn("/main/audit?event=x")).toBe("/main/audit?event=x");
    for (const bad of ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "", null, ["/x"], "/signin?to=/signin"]) {
      expect(safeReturn(bad)).toBeNull();
    }
  });
});
