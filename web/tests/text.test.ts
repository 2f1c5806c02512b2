// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { Row } from "../src/api/types";
import { actionClass, chipFilterValue, chipsOf, personOf, resourceWords, titleOf } from "../src/audit/words";
import { agentWords } from "../src/text/agent";
import { visible, visibleBlock } from "../src/text/visible";

describe("what cannot be seen is shown", () => {
  it.each([
    ["a\u202eb", "a⟨U+202E⟩b"],
    ["a\u200bb\u2066", "a⟨U+200B⟩b⟨U+2066⟩"],
    ["\u001b[31m", "␛[31m"],
    ["\u0000", "␀"],
    ["a\tb\nc", "a␉b␊c"],
    ["\u007f\u0085", "␡⟨U+0085⟩"],
    ["\u{e0041}", "⟨U+E0041⟩"],
    ["José 東京 😀 עברית", "José 東京 😀 עברית"],
  ])("%j", (text, shown) => {
    expect(visible(text)).toBe(shown);
  });
  it("blocks keep their lines", () => {
    expect(visibleBlock("a\n\tb\u202e")).toBe("a\n\tb⟨U+202E⟩");
  });
});

describe("user agents", () => {
  it.each([
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 14.7; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox 145 on macOS"],
    ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0", "Edge 142 on Windows"],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1", "Safari 18 on iOS"],
    ["curl/8.5.0", "curl/8.5.0"],
    ["evil Mozilla/5.0 (Chrome/1", "evil Mozilla/5.0 (Chrome/1"],
  ])("%s", (agent, words) => {
    expect(agentWords(agent)).toBe(words);
  });
});

function row(patch: { detail?: Row["auditLog"]["detail"]; user?: Row["user"]; daybook?: Partial<Row["daybook"]>; log?: Partial<Row["auditLog"]> }): Row {
  return {
    auditLog: { id: "i", type: "UPDATE", detail: { type: "FLOW", resource: "FLOW", resourceType: "FLOW", ...patch.detail }, date: "2026-01-01T00:00:00.000Z", userId: "u", ...patch.log },
    user: patch.user,
    daybook: { index: 1, kind: "event", recordedAt: "2026-01-01T00:00:00.000Z", result: "SUCCESS", source: "ingest", actorKind: "STANDARD", leafHash: "", sealed: true, ...patch.daybook },
  };
}

describe("rows", () => {
  it("chips: known keys first, the object's id only if it says something new", () => {
    const chips = chipsOf(row({ detail: { note: "x", revision: 2, id: "f", flowId: "f", namespace: "a.b", nested: { a: 1 }, nothing: null } }));
    expect(chips.map((chip) => [chip.label, chip.value, chip.field])).toEqual([
      ["ns", "a.b", "namespace"],
      ["flow", "f", "flowId"],
      ["rev", "2", "detail.revision"],
      ["note", "x", "detail.note"],
    ]);
    expect(chipsOf(row({ detail: { id: "other" }, log: { ipAddress: "198.51.100.1" } })).map((chip) => chip.label)).toEqual(["id", "ip"]);
  });
  it("a failure stands first and filters by the result", () => {
    const failed = row({ daybook: { result: "FAILURE", request: { status: 422 } } });
    const [chip] = chipsOf(failed);
    expect([chip?.label, chip?.value, chip && chipFilterValue(chip, failed)]).toEqual(["failure", "422", "FAILURE"]);
  });
  it("people are told apart", () => {
    const jane = { type: "STANDARD", id: "u", username: "jane.roe", name: "Jane Roe" };
    expect(personOf(row({ user: jane }))).toMatchObject({ kind: "person", shown: "Jane Roe", initials: "JR", field: "username", value: "jane.roe" });
    expect(personOf(row({ user: { ...jane, name: null, type: "SERVICE_ACCOUNT" }, daybook: { actorKind: "SERVICE_ACCOUNT" } }))).toMatchObject({ kind: "service", shown: "jane.roe" });
    expect(personOf(row({ log: { userId: "system" }, daybook: { actorKind: "SYSTEM" } }))).toMatchObject({ kind: "system", field: "userId", value: "system" });
    expect(personOf(row({ log: { userId: "~7c" }, daybook: { actorKind: "ANONYMOUS" } })).initials).toBe("?");
    expect(personOf(row({ log: { userId: "" } })).initials).toBe("?");
  });
  it("titles and words", () => {
    expect(titleOf(row({ detail: { flowId: "daily", namespace: "a" } }))).toBe("Flow daily");
    expect(titleOf(row({ detail: { resource: "EXECUTION", flowId: "daily", executionId: "x1" } }))).toBe("Execution x1");
    expect(titleOf(row({ detail: { resource: "SYSTEM_SETTINGS" } }))).toBe("System settings");
    expect(resourceWords("KVSTORE")).toBe("KV store");
    expect(resourceWords("my.own thing")).toBe("my.own thing");
    expect(actionClass("SOMETHING_NEW")).toBe("");
  });
});
