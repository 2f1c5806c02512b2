// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { finish, offers } from "../src/filters/complete";
import { apiParams, FIELDS, isBad, isList, parse, print, withFilter, type Clause, type Reason, type Token } from "../src/filters/grammar";
import { random } from "./random";

const clauses = (text: string): Clause[] => parse(text).filter((token): token is Clause => !isBad(token));

describe("parse", () => {
  it("reads every operator", () => {
    expect(parse("type != READ AND namespace under company.finance AND resource in (FLOW, EXECUTION)")).toEqual([
      { field: "type", op: "!=", values: ["READ"] },
      { field: "namespace", op: "under", values: ["company.finance"] },
      { field: "resource", op: "in", values: ["FLOW", "EXECUTION"] },
    ]);
    expect(parse("type not  in (A,B)")).toEqual([{ field: "type", op: "not in", values: ["A", "B"] }]);
    expect(parse("type=READ")).toEqual([{ field: "type", op: "=", values: ["READ"] }]);
    expect(parse("detail.trigger-id = x")).toEqual([{ field: "detail.trigger-id", op: "=", values: ["x"] }]);
    expect(parse("")).toEqual([]);
  });
  it("keeps AND inside quotes", () => {
    expect(parse('flowId = "a AND b" AND id = c')).toHaveLength(2);
    expect(clauses('flowId = "a AND b"')[0]?.values).toEqual(["a AND b"]);
    expect(clauses('flowId = "say \\"AND\\" twice"')[0]?.values).toEqual(['say "AND" twice']);
  });
  const wrong: [string, Reason][] = [
    ["colour = red", "unknown-field"],
    ["hello", "unknown-field"],
    ["= x", "unknown-field"],
    ["detail. = x", "unknown-field"],
    ["type", "missing-operator"],
    ["type ~ x", "missing-operator"],
    ["flowId under x", "operator-not-for-field"],
    ["kind != event", "operator-not-for-field"],
    ["id in (a)", "operator-not-for-field"],
    ["type =", "missing-value"],
    ['type = "READ', "open-quote"],
    ["type in (A", "open-list"],
    ["type in A", "open-list"],
    ["type in ()", "missing-value"],
    ["type = A B", "trailing-text"],
    ["type in (A) B", "trailing-text"],
    ['type in ("a,b", c)', "comma-in-list"],
  ];
  it.each(wrong)("%s is wrong: %s", (text, reason) => {
    const [token] = parse(text) as [Token];
    expect(isBad(token) && token.reason).toBe(reason);
    // What was typed never vanishes.
    expect(print([token])).toBe(text);
    expect(apiParams(clauses(text))).toEqual([]);
  });
});

describe("print and parse", () => {
  it("are inverse for any values", () => {
    const rnd = random(11);
    const alphabet = ['"', "\\", " ", "AND", ",", "(", ")", "a", "B", "7", "\u00e9", "\ud83d\ude00", "\n", "\u202e", "=", "!", "in", ".", "_", "-", "%", "+", "&", "\u2028", "\t"];
    const word = () => Array.from({ length: 1 + rnd(6) }, () => alphabet[rnd(alphabet.length)]).join("");
    for (let round = 0; round < 3000; round += 1) {
      const made: Clause[] = Array.from({ length: 1 + rnd(4) }, () => {
        const spec = FIELDS[rnd(FIELDS.length)]!;
        const detail = rnd(4) === 0;
        const op = detail ? (["=", "!=", "in", "not in"] as const)[rnd(4)]! : spec.ops[rnd(spec.ops.length)]!;
        const values = Array.from({ length: isList(op) ? 1 + rnd(3) : 1 }, word);
        return { field: detail ? `detail.k${rnd(9)}-x.y` : spec.name, op, values: op === "in" ? values.map((v) => v.replaceAll(",", "")).map((v) => v || "x") : values };
      });
      expect(parse(print(made))).toEqual(made);
    }
  });
  it("print(parse(text)) settles", () => {
    const rnd = random(12);
    const pieces = ["type", "=", "!=", " ", "AND", " AND ", "(", ")", '"', "x", "in", "not in", "namespace", "under", ",", "\\"];
    for (let round = 0; round < 3000; round += 1) {
      const text = Array.from({ length: rnd(9) }, () => pieces[rnd(pieces.length)]).join("");
      const once = print(parse(text));
      expect(print(parse(once))).toBe(once);
    }
  });
});

describe("apiParams", () => {
  it("writes the operators of the API", () => {
    expect(apiParams(clauses("resource = FLOW AND namespace under a.b AND type not in (READ, LOGIN) AND detail.key != k"))).toEqual([
      ["filters[resources][EQUALS]", "FLOW"],
      ["filters[namespace][PREFIX]", "a.b"],
      ["filters[type][NOT_IN]", "READ,LOGIN"],
      ["filters[details][NOT_EQUALS][key]", "k"],
    ]);
  });
  it("excludes values with commas one by one", () => {
    expect(apiParams([{ field: "flowId", op: "not in", values: ["a,b", "c"] }])).toEqual([
      ["filters[flowId][NOT_EQUALS]", "a,b"],
      ["filters[flowId][NOT_EQUALS]", "c"],
    ]);
  });
});

describe("withFilter", () => {
  const after = (text: string, field: string, value: string, exclude = false) => print(withFilter(parse(text), field, value, exclude));
  it("adds, widens, narrows", () => {
    expect(after("", "type", "READ")).toBe("type = READ");
    expect(after("type = READ", "type", "READ")).toBe("type = READ");
    expect(after("type = READ", "type", "CREATE")).toBe("type in (READ, CREATE)");
    expect(after("type != READ", "type", "LOGIN", true)).toBe("type not in (READ, LOGIN)");
    expect(after("flowId = x", "type", "READ")).toBe("flowId = x AND type = READ");
  });
  it("puts the opposite in the place of what it contradicts", () => {
    expect(after("type != READ", "type", "READ")).toBe("type = READ");
    expect(after("type = READ", "type", "READ", true)).toBe("type != READ");
    expect(after("type not in (READ, LOGIN)", "type", "READ")).toBe("type != LOGIN AND type = READ");
  });
  it("keeps a namespace tree beside an exact namespace, and wrong clauses", () => {
    expect(after("namespace under a", "namespace", "a.b")).toBe("namespace under a AND namespace = a.b");
    expect(after("nonsense", "type", "READ")).toBe("nonsense AND type = READ");
  });
  it("never makes a list of values with commas", () => {
    expect(parse(after("flowId = a", "flowId", "b,c")).some(isBad)).toBe(false);
  });
});

describe("completion", () => {
  const leads = (draft: string) => offers(draft, []).map((offer) => offer.lead);
  it("offers fields, operators, values in turn", () => {
    expect(leads("nam")).toContain("namespace");
    expect(leads("namespace ")).toEqual(["=", "!=", "in", "not in", "under"]);
    expect(leads("type = LOG")).toEqual(["LOGIN", "LOGOUT", "LOGIN_FAILURE"]);
    expect(offers("type in (READ, CR", [])[0]?.draft).toBe("type in (READ, CREATE, ");
  });
  it("every finished offer parses", () => {
    for (const draft of ["daily sync", "type = ", "result = F", "kind = "]) {
      for (const offer of offers(draft, []).filter((one) => one.done)) expect(parse(offer.draft).some(isBad)).toBe(false);
    }
  });
  it("closes an open list", () => {
    expect(finish("type in (READ, CREATE, ")).toEqual([{ field: "type", op: "in", values: ["READ", "CREATE"] }]);
  });
});
