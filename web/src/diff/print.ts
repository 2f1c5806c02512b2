// SPDX-License-Identifier: Apache-2.0
// Documents as lines of text for the difference view.
import type { Json, JsonObject } from "../api/types";

export type Form = "yaml" | "json";

// These names lead in an object, as people write them; the rest keeps its order.
const FIRST = ["id", "namespace", "revision", "type", "description"];

function keysOf(value: JsonObject): string[] {
  const keys = Object.keys(value);
  return [...FIRST.filter((key) => keys.includes(key)), ...keys.filter((key) => !FIRST.includes(key))];
}

const PLAIN = /^[A-Za-z_/.$][\w./$@ :-]*$/;
const AMBIGUOUS = /^(?:true|false|null|yes|no|on|off|~|\.nan|[-+]?\.inf)$/i;

function scalar(text: string): string {
  const plain =
    PLAIN.test(text) && !AMBIGUOUS.test(text) && !text.includes(": ") && !text.endsWith(":") && !text.endsWith(" ");
  return plain ? text : JSON.stringify(text);
}

function isEmpty(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function leaf(value: Json): string {
  if (typeof value === "string") return scalar(value);
  if (Array.isArray(value)) return "[]";
  if (typeof value === "object" && value !== null) return "{}";
  return String(value);
}

function isBranch(value: Json): value is Json[] | JsonObject {
  return typeof value === "object" && value !== null && !isEmpty(value);
}

// A string of several lines becomes a block scalar unless white space at its edges would be lost.
function block(text: string, indent: string): string[] | null {
  if (!text.includes("\n") || /^\s|[^\S\n]\n|\n\n$/.test(text) || text.includes("\r")) return null;
  const ends = text.endsWith("\n");
  const lines = (ends ? text.slice(0, -1) : text).split("\n");
  return [ends ? "|" : "|-", ...lines.map((line) => (line === "" ? "" : `${indent}  ${line}`))];
}

function yaml(value: Json, indent: string, out: string[]): void {
  if (Array.isArray(value) && value.length > 0) {
    for (const item of value) {
      if (isBranch(item)) {
        const inner: string[] = [];
        yaml(item, `${indent}  `, inner);
        out.push(`${indent}- ${(inner[0] ?? "").slice(indent.length + 2)}`, ...inner.slice(1));
      } else {
        entry(`${indent}-`, item, indent, out);
      }
    }
  } else if (isBranch(value)) {
    for (const key of keysOf(value as JsonObject)) {
      const child = (value as JsonObject)[key] as Json;
      const head = `${indent}${scalar(key)}:`;
      if (isBranch(child)) {
        out.push(head);
        yaml(child, `${indent}  `, out);
      } else {
        entry(head, child, indent, out);
      }
    }
  } else {
    entry(indent === "" ? "" : indent, value, indent, out);
  }
}

function entry(head: string, value: Json, indent: string, out: string[]): void {
  const lines = typeof value === "string" ? block(value, indent) : null;
  const first = lines?.[0] ?? leaf(value);
  out.push(head === "" ? first : `${head} ${first}`, ...(lines ?? []).slice(1));
}

export function toLines(value: Json | undefined, form: Form): string[] {
  if (value === undefined || value === null) return [];
  // A string is a source file as it was written.
  if (typeof value === "string") return (value.endsWith("\n") ? value.slice(0, -1) : value).split("\n");
  if (form === "json") return JSON.stringify(value, null, 2).split("\n");
  const out: string[] = [];
  yaml(value, "", out);
  return out;
}

// The texts that people wrote: the sides themselves, or their member `source`. Null if there are none; `only`
// if there is nothing else to compare.
export interface Sources {
  before: string | undefined;
  after: string | undefined;
  only: boolean;
}
export function sourcesOf(before: Json | undefined, after: Json | undefined): Sources | null {
  const textOf = (side: Json | undefined): string | undefined | null => {
    if (side === undefined || typeof side === "string") return side;
    const source = typeof side === "object" && side !== null && !Array.isArray(side) ? side["source"] : null;
    return typeof source === "string" ? source : null;
  };
  const [b, a] = [textOf(before), textOf(after)];
  if (b === null || a === null || (b === undefined && a === undefined)) return null;
  return { before: b, after: a, only: typeof (before ?? after) === "string" && typeof (after ?? before) === "string" };
}

// Where a line stands, in the words of the document: `tasks › load_sap › timeout`. Works on indentation, so
// it serves our own output and a person's source alike.
export function pathOf(lines: readonly string[], at: number): string[] {
  const path: string[] = [];
  let limit = Infinity;
  for (let i = at; i >= 0; i -= 1) {
    const match = /^(\s*)((?:- )*)(?:"?([\w.@/-]+)"?\s*:(?:\s+"?([^",]*)"?)?)?/.exec(lines[i] ?? "");
    const key = match?.[3];
    if (!match || (key === undefined && !match[2])) continue;
    const indent = (match[1] ?? "").length;
    const dash = (match[2] ?? "").length > 0;
    const column = indent + (match[2] ?? "").length;
    if (column < limit && key !== undefined) {
      path.unshift(dash && limit !== Infinity ? "" : key);
      limit = column;
    }
    if (dash && indent < limit) {
      if (path[0] === "") path.shift();
      path.unshift(itemName(lines, i, column));
      limit = indent;
    }
    if (limit === 0) break;
  }
  return path.filter((name) => name !== "");
}

// A list item is called by its id if one of its own lines tells it.
function itemName(lines: readonly string[], start: number, column: number): string {
  for (let i = start; i < lines.length; i += 1) {
    const line = lines[i] ?? "";
    const body = i === start ? line.replace(/^(\s*)((?:- )+)/, (all) => " ".repeat(all.length)) : line;
    const indent = body.search(/\S/);
    if (i > start && indent >= 0 && indent < column) break;
    const id = indent === column ? /^\s*"?(?:id|key|name)"?\s*:\s*"?([^",]+)"?/.exec(body)?.[1] : undefined;
    if (id !== undefined) return id.trim();
  }
  return "";
}
