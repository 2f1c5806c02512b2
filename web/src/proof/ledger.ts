// SPDX-License-Identifier: Apache-2.0
// What this browser knows of the ledger as a whole. The checking code is loaded when it is first needed.
import { shallowRef } from "vue";
import type { Proof } from "../api/types";
import type { Verdict } from "./memory";

export const verdict = shallowRef<Verdict | null>(null);

// The last entry that did not verify on this page.
export interface BadEntry {
  id: string;
  proof: Proof;
}
export const badEntry = shallowRef<BadEntry | null>(null);

// An alarm stays until the page is left: a later good answer does not undo a bad one.
export function takeVerdict(next: Verdict): void {
  if (verdict.value?.state === "alarm" && next.state !== "alarm") return;
  verdict.value = next;
}

// Answers the root of the published checkpoint in short form, or null if there is nothing to show.
export async function checkLedger(): Promise<string | null> {
  const memory = await import("./memory");
  takeVerdict(await memory.judgePublished());
  const root = memory.recall()?.root;
  return root === undefined ? null : `${root.slice(0, 8)}\u2026${root.slice(-4)}`;
}

export async function trustThisLedger(): Promise<void> {
  const memory = await import("./memory");
  memory.forget();
  verdict.value = null;
  takeVerdict(await memory.judgePublished());
}
