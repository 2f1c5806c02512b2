// SPDX-License-Identifier: Apache-2.0
// The address of the audit page is its state: filters, range, time mode, density, open event.
import type { LocationQuery } from "vue-router";
import { parse, print, type Token } from "../filters/grammar";
import { ALL_TENANTS, parseEntryRef, printEntryRef, type EntryRef } from "../shell/tenant";
import { TIME_MODES, type TimeMode } from "../time/format";
import { parseRange, printRange, type Range } from "../time/range";

export interface PageState {
  tokens: Token[];
  range: Range;
  mode: TimeMode;
  compact: boolean;
  event: EntryRef | null;
}

function one(value: LocationQuery[string] | undefined): string {
  const first = Array.isArray(value) ? value[0] : value;
  return first ?? "";
}

export function readAddress(query: LocationQuery, tenant: string): PageState {
  const mode = one(query["time"]) as TimeMode;
  const event = one(query["event"]);
  return {
    tokens: parse(one(query["query"])),
    range: parseRange(one(query["range"])) ?? { kind: "all" },
    mode: TIME_MODES.includes(mode) ? mode : "utc",
    compact: one(query["density"]) === "compact",
    event: event === "" ? null : parseEntryRef(event, tenant),
  };
}

// Only what differs from the default stands in the address.
export function writeAddress(state: PageState, tenant: string): Record<string, string> {
  const query: Record<string, string> = {};
  if (state.tokens.length > 0) query["query"] = print(state.tokens);
  if (state.range.kind !== "all") query["range"] = printRange(state.range);
  if (state.mode !== "utc") query["time"] = state.mode;
  if (state.compact) query["density"] = "compact";
  if (state.event !== null) query["event"] = printEntryRef(state.event, tenant);
  return query;
}

export function isAll(tenant: string): boolean {
  return tenant === ALL_TENANTS;
}
