// SPDX-License-Identifier: Apache-2.0
// What the bar offers while a clause is being typed: fields, then operators, then values.
import type { Json, Row } from "../api/types";
import { FIELDS, OPS, isList, parse, printClause, printValue, specOf, type Op, type Token } from "./grammar";

export interface Offer {
  group: "fields" | "operators" | "values" | "words";
  draft: string; // What the field holds once the offer is taken.
  lead: string; // Shown in mono.
  hint: string; // Key of the explaining words, empty for values.
  done: boolean; // The clause is complete.
}

const VALUES_MAX = 12;
const READERS: Record<string, (row: Row) => Json | undefined> = {
  resource: (row) => row.auditLog.detail["resource"],
  type: (row) => row.auditLog.type,
  username: (row) => row.user?.username,
  userId: (row) => row.auditLog.userId,
  ipAddress: (row) => row.auditLog.ipAddress ?? undefined,
  id: (row) => row.auditLog.id,
  result: (row) => row.daybook.result,
  actorKind: (row) => row.daybook.actorKind,
  source: (row) => row.daybook.source,
  kind: (row) => row.daybook.kind,
  attemptId: (row) => row.daybook.attemptId ?? undefined,
};
// Words that exist whether or not a row on the page has them.
const FIXED: Record<string, string[]> = {
  type: ["CREATE", "UPDATE", "DELETE", "READ", "LOGIN", "LOGOUT", "LOGIN_FAILURE", "ACCOUNT_LOCKED", "IMPERSONATE", "UNKNOWN"],
  result: ["SUCCESS", "FAILURE", "DENIED", "UNKNOWN"],
  actorKind: ["STANDARD", "SERVICE_ACCOUNT", "SYSTEM", "WEBHOOK", "ANONYMOUS"],
  source: ["gateway", "ingest", "observed", "imported", "system"],
  kind: ["event", "attempt", "outcome", "system"],
};

export function valuesOf(field: string, rows: readonly Row[]): string[] {
  const key = field.startsWith("detail.") ? field.slice("detail.".length) : field;
  const read = READERS[field] ?? ((row: Row) => row.auditLog.detail[key]);
  const counts = new Map<string, number>();
  for (const row of rows) {
    const value = read(row);
    if (value === undefined || value === null || typeof value === "object") continue;
    counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  }
  const seen = [...counts].sort((a, b) => b[1] - a[1]).map(([value]) => value);
  return [...seen, ...(FIXED[field] ?? []).filter((value) => !counts.has(value))];
}

function detailFields(rows: readonly Row[]): string[] {
  const keys = new Set(rows.flatMap((row) => Object.keys(row.auditLog.detail)));
  const known = new Set(["type", "resource", "resourceType", ...FIELDS.map((field) => field.name)]);
  return [...keys].filter((key) => !known.has(key) && /^[^\s=!<>(),"]+$/.test(key)).map((key) => `detail.${key}`);
}

function offerFields(typed: string, rows: readonly Row[]): Offer[] {
  const names = [...FIELDS.map((field) => field.name), "detail.id", ...detailFields(rows)];
  const low = typed.toLowerCase();
  const fields = [...new Set(names)]
    .filter((name) => name.toLowerCase().startsWith(low) || name.toLowerCase().startsWith(`detail.${low}`))
    .map((name): Offer => ({ group: "fields", draft: `${name} `, lead: name, hint: name, done: false }));
  if (typed === "") return fields.filter((offer) => !offer.lead.startsWith("detail."));
  const words: Offer[] = ["flowId", "username", "namespace", "detail.id"].map((field) => {
    const op: Op = field === "namespace" ? "under" : "=";
    const draft = printClause({ field, op, values: [typed] });
    return { group: "words", draft, lead: draft, hint: "", done: true };
  });
  return [...fields, ...words];
}

function offerValues(head: string, field: string, typed: string, op: Op, rows: readonly Row[]): Offer[] {
  const low = typed.replace(/^"/, "").toLowerCase();
  const values = valuesOf(field, rows).filter((value) => value.toLowerCase().includes(low));
  values.sort((a, b) => Number(b.toLowerCase().startsWith(low)) - Number(a.toLowerCase().startsWith(low)));
  return values.slice(0, VALUES_MAX).map((value) => {
    const text = printValue(value);
    return { group: "values", draft: isList(op) ? `${head}${text}, ` : `${head}${text}`, lead: value, hint: "", done: !isList(op) };
  });
}

export function offers(draft: string, rows: readonly Row[]): Offer[] {
  const start = draft.replace(/^\s+/, "");
  const match = /^([A-Za-z][^\s=!<>(),"]*)(\s*)(.*)$/su.exec(start);
  if (!match) return start === "" ? offerFields("", rows) : [];
  const [, field = "", blank = "", rest = ""] = match;
  const spec = specOf(field);
  if (blank === "" && rest === "") return offerFields(field, rows);
  if (spec === null) return [];
  const op = /^(!=|=|not\s+in(?=[\s(])|in(?=[\s(])|under(?=\s))/i.exec(rest)?.[0];
  if (op === undefined) {
    return spec.ops
      .filter((one) => one.startsWith(rest.trimEnd().toLowerCase()))
      .map((one) => ({ group: "operators", draft: `${field} ${one} ${isList(one) ? "(" : ""}`, lead: one, hint: one, done: false }));
  }
  const known = op.toLowerCase().replace(/\s+/g, " ") as Op;
  if (!OPS.includes(known)) return [];
  const after = rest.slice(op.length);
  const cut = isList(known) ? Math.max(after.lastIndexOf("("), after.lastIndexOf(",")) + 1 : 0;
  const typed = after.slice(cut).trimStart();
  const head = `${field} ${known} ${isList(known) ? after.slice(0, cut).trimStart() || "(" : ""}`;
  return offerValues(head.endsWith(",") ? `${head} ` : head, field, typed, known, rows);
}

// A list may be left open when Enter is pressed.
export function finish(draft: string): Token[] {
  const text = draft.trim();
  const open = /\b(?:not\s+)?in\s*\([^)]*$/i.test(text);
  return parse(open ? `${text.replace(/,\s*$/, "")})` : text);
}
