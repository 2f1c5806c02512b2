// SPDX-License-Identifier: Apache-2.0
// What this browser remembers of the ledger: the last checkpoint it verified and the keys it trusts. A later
// checkpoint must extend the remembered one, or the alarm is raised.
import { getText } from "../api/client";
import { consistency } from "../api/auditlogs";
import { ApiError } from "../api/client";
import { equal, fromBase64, fromHex, toHex } from "./bytes";
import { verifyConsistency } from "./merkle";
import { openNote, parseCheckpoint, readUnverified, type Checkpoint } from "./note";
import { verifiersFor } from "./check";

const STORE = "daybook.checkpoint";

export interface Remembered {
  origin: string;
  size: number;
  root: string; // hex
  note: string;
  keys: string[];
  seenAt: number;
}

export function recall(): Remembered | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(STORE) ?? "null");
    if (typeof value !== "object" || value === null) return null;
    const it = value as Remembered;
    const good =
      typeof it.origin === "string" &&
      Number.isSafeInteger(it.size) &&
      fromHex(it.root)?.length === 32 &&
      Array.isArray(it.keys);
    return good ? it : null;
  } catch {
    return null;
  }
}

export function remember(it: Remembered): void {
  try {
    localStorage.setItem(STORE, JSON.stringify(it));
  } catch {
    // Storage may be full or refused; then the next visit has nothing to compare with.
  }
}

export function forget(): void {
  try {
    localStorage.removeItem(STORE);
  } catch {
    // Nothing was stored then.
  }
}

// verified: signature good, extends what was remembered (or is the first). alarm: does not verify.
// unknown: cannot be checked (unreachable, another ledger, a key this browser does not know).
export type Verdict =
  | { state: "verified"; size: number; origin: string; from: number | null; at: number }
  | { state: "alarm"; why: AlarmReason; remembered: Remembered; size: number; root: string; at: number }
  | { state: "unknown"; why: UnknownReason; at: number };
export type AlarmReason = "shrunk" | "other-root" | "not-consistent";
export type UnknownReason = "unreachable" | "malformed" | "bad-signature" | "other-origin" | "other-key";

async function extendsRemembered(old: Remembered, now: Checkpoint): Promise<AlarmReason | null> {
  const oldRoot = fromHex(old.root) as Uint8Array;
  if (now.size === old.size) return equal(oldRoot, now.root) ? null : "other-root";
  // A smaller tree is no proof of anything yet: a slow cache may have answered. The newer one must extend it.
  const [from, to] = now.size < old.size ? [now, { ...old, root: oldRoot }] : [{ ...old, root: oldRoot }, now];
  if (from.size === 0) return null;
  try {
    const proof = await consistency(from.size, to.size);
    const hashes = proof.hashes.map(fromBase64);
    const complete = hashes.every((hash): hash is Uint8Array => hash !== null);
    const good = complete && verifyConsistency(from.size, to.size, hashes, from.root, to.root);
    return good ? null : "not-consistent";
  } catch (error) {
    // 422 for sizes it once published: the server no longer has that much.
    if (error instanceof ApiError && error.status === 422) {
      return now.size < old.size ? "shrunk" : "not-consistent";
    }
    throw error;
  }
}

// Those of the keys a server names that signed this very note: a new key is trusted only beside a known one.
function signersOf(note: string, origin: string, keys: readonly string[]): string[] {
  return keys.filter((key) => openNote(note, verifiersFor(origin, [key])) !== null);
}

// Judges a checkpoint that was handed to this browser (by /tlog/checkpoint or inside a proof).
export async function judge(note: string, keys: readonly string[]): Promise<Verdict> {
  const at = Date.now();
  const old = recall();
  const claimed = readUnverified(note);
  if (claimed === null) return { state: "unknown", why: "malformed", at };
  if (old !== null && old.origin !== claimed.origin) return { state: "unknown", why: "other-origin", at };
  const opened = openNote(note, verifiersFor(claimed.origin, old?.keys ?? keys));
  if (opened === null) {
    const known = openNote(note, verifiersFor(claimed.origin, keys)) !== null;
    return { state: "unknown", why: old !== null && known ? "other-key" : "bad-signature", at };
  }
  const now = parseCheckpoint(opened.text) as Checkpoint;
  let alarm: AlarmReason | null = null;
  try {
    alarm = old === null ? null : await extendsRemembered(old, now);
  } catch {
    return { state: "unknown", why: "unreachable", at };
  }
  if (alarm !== null) {
    return { state: "alarm", why: alarm, remembered: old as Remembered, size: now.size, root: toHex(now.root), at };
  }
  if (old === null || now.size >= old.size) {
    const kept = [...new Set([...(old?.keys ?? []), ...signersOf(note, now.origin, keys)])];
    remember({ origin: now.origin, size: now.size, root: toHex(now.root), note, keys: kept, seenAt: at });
  }
  return { state: "verified", size: Math.max(now.size, old?.size ?? 0), origin: now.origin, from: old?.size ?? null, at };
}

export async function judgePublished(): Promise<Verdict> {
  try {
    const [note, keys] = await Promise.all([
      getText("/tlog/checkpoint", { plain401: true }),
      getText("/tlog/key", { plain401: true }),
    ]);
    return await judge(note, keys.split("\n").filter((line) => line !== ""));
  } catch {
    return { state: "unknown", why: "unreachable", at: Date.now() };
  }
}
