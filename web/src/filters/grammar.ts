// SPDX-License-Identifier: Apache-2.0
// The query language of the bar and of the address: `field op value` joined by AND.
//
//   type != READ AND namespace under company.finance AND resource in (FLOW, "a b")
//
// print() and parse() are inverse. A clause that cannot be read stays in the list as it was typed, with the
// reason and the position; a query that holds one is never sent.

export const OPS = ["=", "!=", "in", "not in", "under"] as const;
export type Op = (typeof OPS)[number];

export interface Clause {
  field: string;
  op: Op;
  values: string[];
}
export interface BadClause {
  text: string;
  reason: Reason;
  at: number; // Offset into `text`, in UTF-16 units.
}
export type Reason =
  | "unknown-field"
  | "missing-operator"
  | "operator-not-for-field"
  | "missing-value"
  | "open-quote"
  | "open-list"
  | "trailing-text"
  | "comma-in-list";
export type Token = Clause | BadClause;

export interface FieldSpec {
  name: string;
  api: string; // Its name in `filters[…]`.
  ops: readonly Op[];
}
const SET: readonly Op[] = ["=", "!=", "in", "not in"];
export const FIELDS: readonly FieldSpec[] = [
  { name: "resource", api: "resources", ops: SET },
  { name: "type", api: "type", ops: SET },
  { name: "username", api: "username", ops: SET },
  { name: "namespace", api: "namespace", ops: [...SET, "under"] },
  { name: "flowId", api: "flowId", ops: SET },
  { name: "executionId", api: "executionId", ops: SET },
  { name: "result", api: "result", ops: SET },
  { name: "actorKind", api: "actorKind", ops: SET },
  { name: "ipAddress", api: "ipAddress", ops: SET },
  { name: "source", api: "source", ops: SET },
  { name: "userId", api: "userId", ops: SET },
  { name: "id", api: "id", ops: ["=", "!="] },
  { name: "kind", api: "kind", ops: ["=", "in", "not in"] },
  { name: "attemptId", api: "attemptId", ops: ["=", "in"] },
];
const DETAIL = "detail.";
const API_OP: Record<Op, string> = {
  "=": "EQUALS",
  "!=": "NOT_EQUALS",
  in: "IN",
  "not in": "NOT_IN",
  under: "PREFIX",
};

export function isBad(token: Token): token is BadClause {
  return "reason" in token;
}
export function isNegative(op: Op): boolean {
  return op === "!=" || op === "not in";
}
export function isList(op: Op): boolean {
  return op === "in" || op === "not in";
}

export function specOf(field: string): FieldSpec | null {
  const known = FIELDS.find((spec) => spec.name === field);
  if (known) return known;
  if (field.startsWith(DETAIL) && field.length > DETAIL.length) {
    return { name: field, api: "details", ops: SET };
  }
  return null;
}

// Characters that need no quotes in a value.
const BARE = /^[\p{L}\p{N}._:~@/+*#$%&;?-]+$/u;
const FIELD = /^[A-Za-z][A-Za-z0-9]*(?:\.[^\s=!<>(),"]+)?/u;
const WORD_OP = /^(not\s+in|in|under)(?=[\s("])/i;

export function printValue(value: string): string {
  return BARE.test(value) && !/^(and|in|not|under)$/i.test(value) ? value : JSON.stringify(value);
}

export function printClause(clause: Clause): string {
  const values = clause.values.map(printValue);
  const shown = isList(clause.op) ? `(${values.join(", ")})` : (values[0] ?? '""');
  return `${clause.field} ${clause.op} ${shown}`;
}

export function print(tokens: readonly Token[]): string {
  return tokens.map((token) => (isBad(token) ? token.text : printClause(token))).join(" AND ");
}

// Cuts at the word AND where it stands outside quotes.
function split(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i];
    if (quoted && c === "\\") i += 1;
    else if (c === '"') quoted = !quoted;
    else if (!quoted && c === "A" && /^AND(?=\s|$)/.test(text.slice(i, i + 4))) {
      if (i === 0 || /\s/.test(text[i - 1] ?? "")) {
        parts.push(text.slice(start, i));
        start = i + 3;
        i += 2;
      }
    }
  }
  parts.push(text.slice(start));
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

interface Cursor {
  text: string;
  at: number;
}
function skipBlank(cursor: Cursor): void {
  while (/\s/.test(cursor.text[cursor.at] ?? "")) cursor.at += 1;
}

function readValue(cursor: Cursor): string | Reason {
  skipBlank(cursor);
  const rest = cursor.text.slice(cursor.at);
  if (rest.startsWith('"')) {
    const quoted = /^"(?:[^"\\]|\\.)*"/su.exec(rest)?.[0];
    if (quoted === undefined) return "open-quote";
    cursor.at += quoted.length;
    try {
      return `=${String(JSON.parse(quoted))}`;
    } catch {
      return "open-quote";
    }
  }
  const bare = /^[^\s,()"]+/u.exec(rest)?.[0];
  if (bare === undefined) return "missing-value";
  cursor.at += bare.length;
  return `=${bare}`;
}

// Values carry a leading `=` so that they cannot be taken for a Reason.
function readValues(cursor: Cursor, op: Op): string[] | Reason {
  if (!isList(op)) {
    const value = readValue(cursor);
    return value.startsWith("=") ? [value.slice(1)] : (value as Reason);
  }
  skipBlank(cursor);
  if (cursor.text[cursor.at] !== "(") return "open-list";
  cursor.at += 1;
  const values: string[] = [];
  for (;;) {
    const value = readValue(cursor);
    if (!value.startsWith("=")) return value as Reason;
    values.push(value.slice(1));
    skipBlank(cursor);
    const c = cursor.text[cursor.at];
    if (c !== "," && c !== ")") return "open-list";
    cursor.at += 1;
    if (c === ")") return values;
  }
}

function readOp(cursor: Cursor): Op | null {
  skipBlank(cursor);
  const rest = cursor.text.slice(cursor.at);
  const sign = /^(!=|=)/.exec(rest)?.[0];
  const word = sign ?? WORD_OP.exec(rest)?.[0];
  if (word === undefined) return null;
  cursor.at += word.length;
  return word.toLowerCase().replace(/\s+/g, " ") as Op;
}

export function parseClause(text: string): Token {
  const cursor: Cursor = { text, at: 0 };
  const bad = (reason: Reason): BadClause => ({ text, reason, at: cursor.at });
  const field = FIELD.exec(text)?.[0] ?? "";
  const spec = specOf(field);
  if (spec === null) return bad("unknown-field");
  cursor.at = field.length;
  const op = readOp(cursor);
  if (op === null) return bad("missing-operator");
  if (!spec.ops.includes(op)) return bad("operator-not-for-field");
  const values = readValues(cursor, op);
  if (typeof values === "string") return bad(values);
  skipBlank(cursor);
  if (cursor.at < text.length) return bad("trailing-text");
  // The API separates the values of a list by commas and knows no escape.
  if (op === "in" && values.some((value) => value.includes(","))) return bad("comma-in-list");
  return { field, op, values };
}

export function parse(text: string): Token[] {
  return split(text).map(parseClause);
}

// The query string of search and export.
export function apiParams(clauses: readonly Clause[]): [string, string][] {
  return clauses.flatMap((clause): [string, string][] => {
    const spec = specOf(clause.field);
    if (spec === null) return [];
    const key = spec.api === "details" ? `[${clause.field.slice(DETAIL.length)}]` : "";
    const name = (op: Op) => `filters[${spec.api}][${API_OP[op]}]${key}`;
    if (clause.op === "not in" && clause.values.some((value) => value.includes(","))) {
      return clause.values.map((value) => [name("!="), value]);
    }
    const value = isList(clause.op) ? clause.values.join(",") : (clause.values[0] ?? "");
    return [[name(clause.op), value]];
  });
}

// Adds `field = value` (or its exclusion) as a click on a cell means it: a second value of a field widens the
// set, the opposite of an existing clause takes its place.
export function withFilter(
  tokens: readonly Token[],
  field: string,
  value: string,
  exclude: boolean,
): Token[] {
  const rest: Token[] = [];
  const merged: string[] = [];
  for (const token of tokens) {
    if (isBad(token) || token.field !== field) {
      rest.push(token);
    } else if (token.op !== "under" && isNegative(token.op) === exclude) {
      merged.push(...token.values);
    } else {
      const values = token.values.filter((other) => other !== value);
      if (token.op === "under" || isNegative(token.op)) {
        if (values.length > 0) rest.push(clauseOf(field, values, isNegative(token.op), token.op));
      }
    }
  }
  const values = [...new Set([...merged, value])];
  if (!exclude && values.some((one) => one.includes(","))) {
    return [...rest, { field, op: "=", values: [value] }];
  }
  return [...rest, clauseOf(field, values, exclude)];
}

function clauseOf(field: string, values: string[], exclude: boolean, keep?: Op): Clause {
  if (keep === "under") return { field, op: "under", values };
  if (values.length === 1) return { field, op: exclude ? "!=" : "=", values };
  return { field, op: exclude ? "not in" : "in", values };
}
