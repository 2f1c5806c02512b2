// SPDX-License-Identifier: Apache-2.0
import { diffArrays, diffWordsWithSpace } from "diff";
import type { Json, JsonObject } from "../api/types";
import { pathOf } from "./print";

export interface Span {
  text: string;
  changed: boolean;
}
export interface Line {
  kind: "same" | "add" | "del";
  before: number | null; // Line numbers from 1.
  after: number | null;
  spans: Span[];
}
export interface Hunk {
  path: string[];
  line: number;
  lines: Line[];
}
export interface Difference {
  hunks: Hunk[];
  changes: number; // Runs of changed lines.
  whole: boolean; // Too different to compare line by line in time: shown as removed and added.
}

const CONTEXT_LINES = 2;
const EDIT_MS = 400; // Longer would freeze the page.
const LINE_MARKS_MAX = 2_000; // Characters; longer lines are marked as a whole.

interface Run {
  kind: Line["kind"];
  lines: string[];
}

function runsOf(before: readonly string[], after: readonly string[]): { runs: Run[]; whole: boolean } {
  const changes = diffArrays([...before], [...after], { timeout: EDIT_MS });
  if (changes === undefined) {
    return {
      runs: [
        { kind: "del", lines: [...before] },
        { kind: "add", lines: [...after] },
      ],
      whole: true,
    };
  }
  const runs = changes.map(
    (c): Run => ({ kind: c.added ? "add" : c.removed ? "del" : "same", lines: c.value }),
  );
  return { runs, whole: false };
}

// Marks the words that differ between two versions of a line.
export function markWords(before: string, after: string): { before: Span[]; after: Span[] } {
  const plain = { before: [{ text: before, changed: false }], after: [{ text: after, changed: false }] };
  if (before.length > LINE_MARKS_MAX || after.length > LINE_MARKS_MAX) return plain;
  const parts = diffWordsWithSpace(before, after);
  const kept = parts.filter((p) => !p.added && !p.removed).reduce((sum, p) => sum + p.value.trim().length, 0);
  // Two lines that share next to nothing are two lines, not an edit.
  if (kept * 4 < Math.min(before.trim().length, after.trim().length)) return plain;
  const out = { before: [] as Span[], after: [] as Span[] };
  for (let i = 0; i < parts.length; i += 1) {
    const part = parts[i];
    const next = parts[i + 1];
    if (part === undefined) continue;
    if (part.removed && next?.added) {
      narrow(part.value, next.value, out);
      i += 1;
    } else if (part.removed) {
      out.before.push({ text: part.value, changed: true });
    } else if (part.added) {
      out.after.push({ text: part.value, changed: true });
    } else {
      out.before.push({ text: part.value, changed: false });
      out.after.push({ text: part.value, changed: false });
    }
  }
  return out;
}

const kindOf = (c: string | undefined) => (c === undefined ? 0 : /\p{L}/u.test(c) ? 1 : /\p{N}/u.test(c) ? 2 : 3);
const splits = (text: string[], at: number) => at > 0 && kindOf(text[at - 1]) === kindOf(text[at]) && kindOf(text[at]) < 3;

// Of two words in each other's place only the middle that differs is marked: PT[5]M, PT[15]M. Runs of letters
// or digits are never cut: [true], [false].
function narrow(before: string, after: string, out: { before: Span[]; after: Span[] }): void {
  const [b, a] = [[...before], [...after]];
  const shorter = Math.min(b.length, a.length);
  let head = 0;
  while (head < shorter && b[head] === a[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && b[b.length - 1 - tail] === a[a.length - 1 - tail]) tail += 1;
  while (head > 0 && (splits(b, head) || splits(a, head))) head -= 1;
  while (tail > 0 && (splits(b, b.length - tail) || splits(a, a.length - tail))) tail -= 1;
  const cut = (text: string[]): Span[] =>
    [
      { text: text.slice(0, head).join(""), changed: false },
      { text: text.slice(head, text.length - tail).join(""), changed: true },
      { text: text.slice(text.length - tail).join(""), changed: false },
    ].filter((span) => span.text !== "");
  out.before.push(...cut(b));
  out.after.push(...cut(a));
}

function plainLine(kind: Line["kind"], text: string, before: number | null, after: number | null): Line {
  return { kind, before, after, spans: [{ text, changed: false }] };
}

function linesOf(runs: readonly Run[]): Line[] {
  const lines: Line[] = [];
  let b = 1;
  let a = 1;
  for (let i = 0; i < runs.length; i += 1) {
    const run = runs[i] as Run;
    if (run.kind === "same") {
      for (const text of run.lines) lines.push(plainLine("same", text, b++, a++));
      continue;
    }
    const next = runs[i + 1];
    const paired = run.kind === "del" && next?.kind === "add" ? next : null;
    const removed = run.kind === "del" ? run.lines : [];
    const added = run.kind === "add" ? run.lines : (paired?.lines ?? []);
    const marks = removed.map((text, k) => {
      const other = added[k];
      return other === undefined ? null : markWords(text, other);
    });
    removed.forEach((text, k) => {
      lines.push({ ...plainLine("del", text, b++, null), ...(marks[k] ? { spans: marks[k].before } : {}) });
    });
    added.forEach((text, k) => {
      lines.push({ ...plainLine("add", text, null, a++), ...(marks[k] ? { spans: marks[k].after } : {}) });
    });
    if (paired) i += 1;
  }
  return lines;
}

function hunkOf(lines: Line[], before: readonly string[], after: readonly string[]): Hunk {
  const changed = lines.find((line) => line.kind === "add") ?? lines.find((line) => line.kind === "del");
  if (before.length === 0 || after.length === 0) return { path: [], line: 1, lines };
  const path =
    changed?.after != null ? pathOf(after, changed.after - 1) : pathOf(before, (changed?.before ?? 1) - 1);
  const first = lines.find((line) => line.kind !== "same");
  return { path, line: first?.after ?? first?.before ?? 1, lines };
}

export function difference(before: readonly string[], after: readonly string[]): Difference {
  const { runs, whole } = runsOf(before, after);
  const lines = linesOf(runs);
  const hunks: Hunk[] = [];
  let changes = 0;
  let current: Line[] = [];
  let quiet = 0; // Unchanged lines at the end of `current`.
  lines.forEach((line, i) => {
    if (line.kind !== "same") {
      if (i === 0 || lines[i - 1]?.kind === "same") changes += 1;
      if (current.length === 0) current = lines.slice(Math.max(0, i - CONTEXT_LINES), i);
      current.push(line);
      quiet = 0;
    } else if (current.length > 0) {
      current.push(line);
      quiet += 1;
      // Hunks whose context would touch stay one.
      const nextChange = lines.slice(i + 1, i + 1 + CONTEXT_LINES).some((next) => next.kind !== "same");
      if (quiet >= CONTEXT_LINES && !nextChange) {
        hunks.push(hunkOf(current, before, after));
        current = [];
        quiet = 0;
      }
    }
  });
  if (current.length > 0) hunks.push(hunkOf(current, before, after));
  return { hunks, changes, whole };
}

// Rows of the two-column form: removed and added lines of a run stand side by side.
export interface Pair {
  left: Line | null;
  right: Line | null;
}
export function pairs(lines: readonly Line[]): Pair[] {
  const out: Pair[] = [];
  let dels: Line[] = [];
  let adds: Line[] = [];
  const flush = () => {
    for (let i = 0; i < Math.max(dels.length, adds.length); i += 1) {
      out.push({ left: dels[i] ?? null, right: adds[i] ?? null });
    }
    dels = [];
    adds = [];
  };
  for (const line of lines) {
    if (line.kind === "del") dels.push(line);
    else if (line.kind === "add") adds.push(line);
    else {
      flush();
      out.push({ left: line, right: line });
    }
  }
  flush();
  return out;
}

// One field that a JSON Patch touches.
export interface FieldChange {
  path: string[];
  op: string;
  before: Json | undefined;
  after: Json | undefined;
}

function segments(pointer: unknown): string[] {
  if (typeof pointer !== "string") return [];
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function lookUp(document: Json | undefined, path: readonly string[]): Json | undefined {
  let at: Json | undefined = document;
  for (const name of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = Array.isArray(at) ? at[Number(name)] : at[name];
  }
  return at;
}

// The applied patch as a list. The old value comes from `before`, else from a revert operation on the path.
export function fieldChanges(
  applied: readonly Json[] | undefined,
  revert: readonly Json[] | undefined,
  before: Json | undefined,
): FieldChange[] {
  return (applied ?? []).map((operation) => {
    const op = (operation ?? {}) as JsonObject;
    const back = (revert ?? []).find((r) => (r as JsonObject | null)?.["path"] === op["path"]) as
      | JsonObject
      | undefined;
    const path = segments(op["path"]);
    return {
      path,
      op: String(op["op"] ?? ""),
      before: lookUp(before, path) ?? back?.["value"],
      after: op["op"] === "remove" ? undefined : op["value"],
    };
  });
}
