// SPDX-License-Identifier: Apache-2.0
import { en } from "../en";
import { minute } from "../time/format";
import type { Edge, Range } from "../time/range";

function edge(at: Edge | null, open: string, now: number, local: boolean): string {
  if (at === null) return open;
  return "at" in at ? minute(at.at, now, local) : `-${at.ago}${at.unit}`;
}

export function rangeWords(range: Range, now = Date.now(), local = false): string {
  switch (range.kind) {
    case "all":
      return en.range.all;
    case "today":
      return en.range.today;
    case "month":
      return en.range.month;
    case "last": {
      if (!Number.isInteger(range.hours)) return en.range.last(Math.round(range.hours * 60), "min");
      const days = range.hours / 24;
      return days > 2 && Number.isInteger(days) ? en.range.last(days, "d") : en.range.last(range.hours, "h");
    }
    case "between":
      return `${edge(range.from, en.range.start, now, local)} – ${edge(range.to, en.range.now, now, local)}`;
  }
}
