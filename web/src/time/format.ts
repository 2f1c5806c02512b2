// SPDX-License-Identifier: Apache-2.0

export type TimeMode = "relative" | "local" | "utc";
export const TIME_MODES: readonly TimeMode[] = ["relative", "local", "utc"];

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const pad = (value: number, width = 2) => String(value).padStart(width, "0");

interface Fields {
  year: number;
  month: string;
  day: number;
  clock: string;
}
function fieldsOf(at: number, local: boolean): Fields {
  const d = new Date(at);
  const [h, m, s] = local
    ? [d.getHours(), d.getMinutes(), d.getSeconds()]
    : [d.getUTCHours(), d.getUTCMinutes(), d.getUTCSeconds()];
  return {
    year: local ? d.getFullYear() : d.getUTCFullYear(),
    month: MONTHS[local ? d.getMonth() : d.getUTCMonth()] ?? "",
    day: local ? d.getDate() : d.getUTCDate(),
    clock: `${pad(h)}:${pad(m)}:${pad(s)}.${pad(d.getUTCMilliseconds(), 3)}`,
  };
}

export function clock(at: number, local: boolean): string {
  return fieldsOf(at, local).clock;
}

// `23 Nov`, with the year unless it is this one.
export function day(at: number, now: number, local: boolean): string {
  const fields = fieldsOf(at, local);
  const year = fieldsOf(now, local).year === fields.year ? "" : ` ${fields.year}`;
  return `${fields.day} ${fields.month}${year}`;
}

// `23 Nov 2026, 09:13:52.418 UTC`
export function full(at: number, local: boolean): string {
  const fields = fieldsOf(at, local);
  const zone = local ? zoneName(at) : "UTC";
  return `${fields.day} ${fields.month} ${fields.year}, ${fields.clock} ${zone}`;
}

// `22 Nov 09:14`
export function minute(at: number, now: number, local: boolean): string {
  return `${day(at, now, local)} ${clock(at, local).slice(0, 5)}`;
}

function zoneName(at: number): string {
  const offset = -new Date(at).getTimezoneOffset();
  const sign = offset < 0 ? "-" : "+";
  return `UTC${sign}${pad(Math.floor(Math.abs(offset) / 60))}:${pad(Math.abs(offset) % 60)}`;
}

const STEPS: readonly [number, string][] = [
  [60, "s"],
  [60, "min"],
  [24, "h"],
  [30, "d"],
  [12, "mo"],
  [Infinity, "y"],
];
export function ago(at: number, now: number): string {
  let amount = (now - at) / 1000;
  if (amount < -1) return `in ${ago(now, at).replace(" ago", "")}`;
  if (amount < 1) return "just now";
  for (const [size, unit] of STEPS) {
    if (amount < size) return `${Math.floor(amount)} ${unit} ago`;
    amount /= size;
  }
  return "";
}

export function dateWithMode(at: number, now: number, mode: TimeMode): { first: string; second: string } {
  const local = mode === "local";
  const when = day(at, now, local);
  if (mode === "relative") return { first: ago(at, now), second: `${when}, ${clock(at, false).slice(0, 8)}` };
  return { first: clock(at, local), second: `${when} · ${ago(at, now)}` };
}

// All three forms and the epoch, for the tooltip.
export function everyForm(at: number, now: number): string {
  return [full(at, false), full(at, true), ago(at, now), String(at)].join("\n");
}

export function number(value: number): string {
  return value.toLocaleString("en-US");
}
