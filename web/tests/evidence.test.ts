// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { Ledger } from "../dev/ledger.mjs";
import type { Part, Proof } from "../src/api/types";
import { verifyEvidence, type Evidence, type Item } from "../src/evidence/verify";

const SIZE = 7;
const MANY_MS = 60_000; // Each look at a file checks a signature.
const STRIDE = 37; // Prime, so that every kind of place is hit.
const ledger = new Ledger("daybook/test");
for (let i = 0; i < SIZE; i += 1) {
  ledger.append({
    event: { v: 1, id: `entry-${i}`, kind: "event", action: "UPDATE", resource: i % 3 === 0 ? "FLOW" : "EXECUTION" },
    actor: { userId: "u1", username: "jane" },
  });
}

const hide = (part: Part): Part => ({ commitment: part.commitment, state: "withheld" });
const proofs = Array.from({ length: SIZE }, (_, i) => ledger.proof(i));
function itemOf(index: number, shown: boolean): Item {
  const { id, index: at, origin, leaf, leafHash, parts, proof } = proofs[index] as Proof;
  const hidden = { event: hide(parts.event), actor: hide(parts.actor), change: hide(parts.change) };
  return { ...(shown ? { id } : {}), index: at, origin, leaf, leafHash, parts: shown ? parts : hidden, proof };
}
const checkpoint = ledger.checkpoint();
function evidence(complete: boolean): Evidence {
  const items: Item[] = [];
  for (let i = 0; i < SIZE; i += 1) if (i % 3 === 0 || complete) items.push(itemOf(i, i % 3 === 0));
  return {
    format: "daybook-evidence/1",
    origin: ledger.origin,
    keys: [ledger.signer.vkey],
    checkpoint,
    selection: { filters: "resource=FLOW", treeSize: SIZE, from: 0, to: SIZE, complete },
    scope: { tenant: "main" },
    items,
  };
}
const good = (it: unknown, key = "") => verifyEvidence(JSON.stringify(it), key).ok;
const changed = (change: (it: Evidence) => void, complete = true) => {
  const it = structuredClone(evidence(complete));
  change(it);
  return it;
};

describe("evidence", () => {
  it("holds, whole and in part", () => {
    expect(verifyEvidence(JSON.stringify(evidence(true)), "").problems).toEqual([]);
    expect(good(evidence(true))).toBe(true);
    expect(good(evidence(false))).toBe(true);
  });
  it("a key from outside decides", () => {
    expect(good(evidence(true), ledger.signer.vkey)).toBe(true);
    expect(good(evidence(true), new Ledger("daybook/test", "another key").signer.vkey)).toBe(false);
    expect(good(evidence(true), "nonsense")).toBe(false);
  });
  it("items that are dropped, doubled or swapped are found", { timeout: MANY_MS }, () => {
    for (let i = 0; i < SIZE; i += 1) {
      expect(good(changed((it) => it.items.splice(i, 1)))).toBe(false);
      expect(good(changed((it) => it.items.splice(i, 0, it.items[i] as Item)))).toBe(false);
      for (let j = 0; j < i; j += 1) {
        expect(good(changed((it) => ([it.items[i], it.items[j]] = [it.items[j] as Item, it.items[i] as Item])))).toBe(false);
      }
    }
  });
  it("unknown members are refused", () => {
    for (const place of [
      (it: Evidence) => it,
      (it: Evidence) => it.selection,
      (it: Evidence) => it.scope,
      (it: Evidence) => it.items[0],
      (it: Evidence) => it.items[0]?.parts,
      (it: Evidence) => it.items[0]?.parts.actor,
      (it: Evidence) => it.items[0]?.proof,
    ]) {
      expect(good(changed((it) => Object.assign(place(it) as object, { note: "x" })))).toBe(false);
    }
  });
  it("a consistency proof is checked", () => {
    const { from, fromRoot, hashes } = ledger.consistency(4, SIZE);
    expect(good({ ...evidence(true), consistency: { from, fromRoot, hashes } })).toBe(true);
    expect(good({ ...evidence(true), consistency: { from: 3, fromRoot, hashes } })).toBe(false);
  });
  it("a hidden actor is fine, a hidden event beside a shown actor is not", () => {
    expect(good(changed((it) => (it.items[0]!.parts.actor = hide(it.items[0]!.parts.actor))))).toBe(true);
    expect(good(changed((it) => (it.items[0]!.parts.event = hide(it.items[0]!.parts.event))))).toBe(false);
  });
  // What is not signed: spaces between values, and what was asked.
  it("every letter counts", { timeout: MANY_MS }, () => {
    const text = JSON.stringify(evidence(true));
    const from = text.indexOf('"filters":"') + 11;
    const scope = text.indexOf('"scope"');
    for (let at = 0; at < text.length; at += STRIDE) {
      if ((at >= from && at < from + 13) || (at >= scope && at < scope + 30)) continue;
      const other = text[at] === "7" ? "8" : "7";
      const broken = `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
      expect(verifyEvidence(broken, "").ok, `${at}: ${broken.slice(at - 10, at + 10)}`).toBe(false);
    }
  });
});
