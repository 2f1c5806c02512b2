// SPDX-License-Identifier: Apache-2.0
// Time ranges as they stand in the address. Relative ones stay relative.
//
//   all · PT24H · today · month · -3d..-1d · 2026-11-22..2026-11-23T09:14:00Z · 2026-11-22..

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof UNIT_MS;

export type Range =
  | { kind: "all" }
  | { kind: "last"; hours: number } // A fraction for minutes.
  | { kind: "today" }
  | { kind: "month" }
  | { kind: "between"; from: Edge | null; to: Edge | null };
export type Edge = { at: number } | { ago: number; unit: Unit };

// The nine of Kestra's own pages.
export const PRESETS: readonly string[] = [
  "PT5M",
  "PT15M",
  "PT1H",
  "PT12H",
  "PT24H",
  "PT48H",
  "PT168H",
  "PT720H",
  "PT8760H",
];

function parseEdge(text: string, end: boolean): Edge | null | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  const ago = /^-(\d{1,5})([mhdw])$/.exec(trimmed);
  if (ago) return { ago: Number(ago[1]), unit: ago[2] as Unit };
  const day = /^\d{4}-\d{2}-\d{2}$/.test(trimmed);
  const dated = day || /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:?\d{2})?$/.test(trimmed);
  if (!dated) return undefined;
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/.test(trimmed) && !day;
  const at = Date.parse(day ? `${trimmed}T00:00:00Z` : trimmed.replace(" ", "T") + (zoned ? "" : "Z"));
  if (Number.isNaN(at)) return undefined;
  // A day as the end means the whole day.
  return { at: day && end ? at + UNIT_MS.d - 1 : at };
}

export function parseRange(text: string): Range | null {
  const trimmed = text.trim();
  if (trimmed === "all" || trimmed === "today" || trimmed === "month") return { kind: trimmed };
  const last = /^PT(\d{1,6})([HM])$/.exec(trimmed);
  if (last) {
    const amount = Number(last[1]);
    if (amount === 0) return null;
    return { kind: "last", hours: last[2] === "H" ? amount : amount / 60 };
  }
  const dots = trimmed.indexOf("..");
  if (dots < 0) return null;
  const from = parseEdge(trimmed.slice(0, dots), false);
  const to = parseEdge(trimmed.slice(dots + 2), true);
  if (from === undefined || to === undefined || (from === null && to === null)) return null;
  if (edgeTime(from, 0) > edgeTime(to, 0, true) && comparable(from, to)) return null;
  return { kind: "between", from, to };
}

function comparable(from: Edge | null, to: Edge | null): boolean {
  return from !== null && to !== null && "at" in from === "at" in to;
}

function edgeTime(edge: Edge | null, now: number, end = false): number {
  if (edge === null) return end ? Infinity : -Infinity;
  return "at" in edge ? edge.at : now - edge.ago * UNIT_MS[edge.unit];
}

function printEdge(edge: Edge | null): string {
  if (edge === null) return "";
  return "at" in edge ? new Date(edge.at).toISOString() : `-${edge.ago}${edge.unit}`;
}

export function printRange(range: Range): string {
  switch (range.kind) {
    case "last":
      return Number.isInteger(range.hours) ? `PT${range.hours}H` : `PT${Math.round(range.hours * 60)}M`;
    case "between":
      return `${printEdge(range.from)}..${printEdge(range.to)}`;
    default:
      return range.kind;
  }
}

// Bounds in milliseconds since 1970; null is open. A relative range is open at its end, so that an event from
// a source whose clock runs ahead is not hidden.
export interface Bounds {
  from: number | null;
  to: number | null;
}
export function resolveRange(range: Range, now: number, local: boolean): Bounds {
  if (range.kind === "all") return { from: null, to: null };
  if (range.kind === "last") return { from: now - range.hours * UNIT_MS.h, to: null };
  if (range.kind === "between") {
    const from = edgeTime(range.from, now);
    const to = edgeTime(range.to, now, true);
    return { from: Number.isFinite(from) ? from : null, to: Number.isFinite(to) ? to : null };
  }
  const day = new Date(now);
  const first = range.kind === "month";
  const from = local
    ? new Date(day.getFullYear(), day.getMonth(), first ? 1 : day.getDate()).getTime()
    : Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), first ? 1 : day.getUTCDate());
  return { from, to: null };
}

export function rangeParams(bounds: Bounds): [string, string][] {
  const params: [string, string][] = [];
  if (bounds.from !== null) {
    params.push(["filters[startDate][GREATER_THAN_OR_EQUAL_TO]", new Date(bounds.from).toISOString()]);
  }
  if (bounds.to !== null) {
    params.push(["filters[endDate][LESS_THAN_OR_EQUAL_TO]", new Date(bounds.to).toISOString()]);
  }
  return params;
}
