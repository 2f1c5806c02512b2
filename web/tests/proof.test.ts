// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Ledger } from "../dev/ledger.mjs";
import { Tree } from "../dev/merkle.mjs";
import type { Proof, Row } from "../src/api/types";
import { statusOf } from "../src/event/event";
import { fromBase64, fromHex, toBase64, toHex, utf8 } from "../src/proof/bytes";
import { checkProof, type StepName } from "../src/proof/check";
import { judge, recall } from "../src/proof/memory";
import { foldInclusion, leafHash, verifyConsistency, verifyInclusion } from "../src/proof/merkle";
import { openNote, parseCheckpoint, parseVerifier, readUnverified, type Verifier } from "../src/proof/note";
import { random } from "./random";
import { vectors } from "./vectors";

const b64 = (text: string) => fromBase64(text) as Uint8Array;
const roots = (n: number) => b64(vectors.simple.roots_n0_to_64[n] ?? vectors.simple.roots_more[String(n)] ?? "");
const hasRoot = (n: number) => roots(n).length === 32;
const leaf = (i: number) => leafHash(utf8(`daybook leaf ${i}`));

describe("merkle proofs of the shared vectors", () => {
  const inclusion = vectors.inclusion.filter((v) => hasRoot(v.n));
  it("inclusion", () => {
    expect(inclusion.length).toBeGreaterThan(300);
    for (const v of inclusion) expect(verifyInclusion(v.i, v.n, leaf(v.i), v.p.map(b64), roots(v.n))).toBe(true);
  });
  it("consistency", () => {
    const known = vectors.consistency.filter((v) => hasRoot(v.m) && hasRoot(v.n));
    expect(known.length).toBeGreaterThan(300);
    for (const v of known) expect(verifyConsistency(v.m, v.n, v.p.map(b64), roots(v.m), roots(v.n))).toBe(true);
  });
  it("every negative is refused", () => {
    expect(vectors.negative.length).toBe(98);
    for (const v of vectors.negative) {
      const good =
        v.kind === "inclusion"
          ? verifyInclusion(v.i as number, v.n, b64(v.leaf as string), v.p.map(b64), b64(v.root as string))
          : verifyConsistency(v.m as number, v.n, v.p.map(b64), b64(v.root1 as string), b64(v.root2 as string));
      expect(good, v.why).toBe(false);
    }
  });
});

describe("merkle proofs of our own prover", () => {
  const tree = new Tree();
  for (let i = 0; i < 300; i += 1) tree.append(leaf(i));
  it("all sizes and indexes up to 70", () => {
    for (let n = 1; n <= 70; n += 1) {
      for (let i = 0; i < n; i += 1) expect(verifyInclusion(i, n, leaf(i), tree.inclusion(i, n), tree.root(n))).toBe(true);
      for (let m = 1; m <= n; m += 1) expect(verifyConsistency(m, n, tree.consistency(m, n), tree.root(m), tree.root(n))).toBe(true);
    }
  });
  it("any single change is refused", () => {
    const rnd = random(9);
    for (let round = 0; round < 300; round += 1) {
      const n = 2 + rnd(298);
      const i = rnd(n);
      const proof = tree.inclusion(i, n);
      const bad = proof.map((hash) => hash.slice());
      const at = bad[rnd(bad.length)] as Uint8Array;
      at[rnd(32)]! ^= 1 << rnd(8);
      expect(verifyInclusion(i, n, leaf(i), bad, tree.root(n))).toBe(false);
      expect(verifyInclusion((i + 1) % n, n, leaf(i), proof, tree.root(n))).toBe(false);
      expect(verifyInclusion(i, n, leaf(i), proof.slice(1), tree.root(n))).toBe(false);
      expect(verifyInclusion(i, n, leaf(i), [...proof, leaf(0)], tree.root(n))).toBe(false);
      const m = 1 + rnd(n - 1);
      expect(verifyConsistency(m, n, tree.consistency(m, n), tree.root(m), tree.root(n - 1))).toBe(false);
      expect(verifyConsistency(m, n, tree.consistency(m, n), tree.root(m === 1 ? 2 : m - 1), tree.root(n))).toBe(false);
    }
  });
  it("odd arguments are refused, not thrown at", () => {
    expect(foldInclusion(-1, 5, leaf(0), [])).toBeNull();
    expect(foldInclusion(5, 5, leaf(0), [])).toBeNull();
    expect(foldInclusion(0.5, 5, leaf(0), [])).toBeNull();
    expect(foldInclusion(0, 1, leaf(0).slice(1), [])).toBeNull();
    expect(foldInclusion(0, 2, leaf(0), [leaf(1).slice(1)])).toBeNull();
    expect(verifyConsistency(3, 2, [], leaf(0), leaf(0))).toBe(false);
    expect(verifyConsistency(NaN, 2, [], leaf(0), leaf(0))).toBe(false);
  });
  it("indexes beyond 32 bits", () => {
    // A path along the left edge of a tree of 2^40 leaves: all siblings on the right.
    const siblings = Array.from({ length: 40 }, (_, k) => leaf(k));
    const folded = foldInclusion(0, 2 ** 40, leaf(0), siblings);
    expect(folded?.folds.every((fold) => !fold.siblingIsLeft)).toBe(true);
    expect(foldInclusion(2 ** 40 - 1, 2 ** 40, leaf(0), siblings)?.folds.every((fold) => fold.siblingIsLeft)).toBe(true);
    expect(foldInclusion(0, 2 ** 40, leaf(0), siblings.slice(1))).toBeNull();
  });
});

describe("signed notes", () => {
  const known = Object.values(vectors.keys).map((key) => parseVerifier(key.vkey) as Verifier);
  it("keys", () => {
    expect(known.every((key) => key !== null)).toBe(true);
    for (const { vkey, sumdb_note_ok } of vectors.vkeys.parse) expect(parseVerifier(vkey) !== null, vkey).toBe(sumdb_note_ok);
    const spec = parseVerifier(vectors.vkeys.spec_example_vkey) as Verifier;
    expect(openNote(vectors.vkeys.spec_example_note, [spec])?.text).toBe("This is an example message.\n");
  });
  it("the shared notes have the same verdict", () => {
    // Two where we are stricter or where text cannot carry the case: bytes that are no UTF-8, loose base64.
    const skip = /invalid UTF-8|non-canonical base64/;
    const cases = vectors.signed_notes.filter((note) => !skip.test(note.name));
    expect(cases.length).toBeGreaterThan(24);
    for (const { name, note, ok, verified, unverified, ...rest } of cases) {
      const encoded = (rest as { note_b64?: string }).note_b64;
      const text = note ?? new TextDecoder().decode(b64(encoded as string));
      const which = /only the second known|unknown key only/.test(name) ? known.slice(1) : known;
      const opened = openNote(text, which);
      expect(opened !== null, name).toBe(ok);
      if (ok) expect([opened?.verifiedBy.length, opened?.unknown], name).toEqual([verified, unverified]);
    }
  });
  it("loose base64 is refused", () => {
    const loose = vectors.signed_notes.find((note) => /non-canonical base64/.test(note.name));
    expect(openNote(loose?.note as string, known)).toBeNull();
  });
  it("cosignatures of others do not hinder", () => {
    for (const { full_note } of vectors.cosignatures.ed25519) expect(openNote(full_note, known)?.verifiedBy.length).toBe(1);
  });
  it("a changed letter anywhere is refused or not signed any more", () => {
    const note = vectors.checkpoints.good[3]?.signed as string;
    const cut = note.lastIndexOf("\n\n");
    for (let i = 0; i < cut; i += 1) {
      const changed = `${note.slice(0, i)}${note[i] === "x" ? "y" : "x"}${note.slice(i + 1)}`;
      expect(openNote(changed, known)).toBeNull();
    }
  });
  it("checkpoints", () => {
    for (const { text, size, signed } of vectors.checkpoints.good) {
      if (text !== undefined) expect(parseCheckpoint(text)?.size).toBe(size);
      expect(parseCheckpoint(openNote(signed, known)?.text ?? "")?.size).toBe(size);
    }
    for (const { text } of vectors.checkpoints.bad_text) expect(parseCheckpoint(text), text).toBeNull();
    expect(readUnverified("nothing")).toBeNull();
  });
  it("tlog-proof documents", () => {
    for (const { doc, i, n } of vectors.tlog_proofs) {
      const [head, ...rest] = doc.split("\n\n");
      const lines = (head as string).split("\n").filter((line) => !line.startsWith("extra "));
      const hashes = lines.slice(2).map(b64);
      const checkpoint = parseCheckpoint(openNote(rest.join("\n\n"), known)?.text ?? "");
      expect(checkpoint?.size).toBe(n);
      expect(verifyInclusion(i, n, leaf(i), hashes, checkpoint?.root as Uint8Array)).toBe(true);
    }
  });
});

describe("bytes", () => {
  it("round trip", () => {
    const rnd = random(2);
    for (let k = 0; k < 300; k += 1) {
      const bytes = Uint8Array.from({ length: rnd(90) }, () => rnd(256));
      expect(fromHex(toHex(bytes))).toEqual(bytes);
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
    }
  });
  it.each(["A", "AA", "AAA", "AA=", "AB==", "A===", "AA-_", " AAA", "AAAA\n", "AAB="])("%j is no canonical base64", (text) => {
    expect(fromBase64(text)).toBeNull();
  });
  it.each(["0", "0g", "AB", " 00"])("%j is no lower-case hex", (text) => {
    expect(fromHex(text)).toBeNull();
  });
});

// ── one entry ──
function ledgerWith(count: number, origin?: string, seed?: string): Ledger {
  const ledger = new Ledger(origin, seed);
  for (let i = 0; i < count; i += 1) {
    ledger.append({
      event: {
        v: 1, id: `e${i}`, tenantId: "main", kind: "event", date: "2026-11-23T09:13:52.418Z", recordedAt: "2026-11-23T09:13:52.500Z",
        action: "UPDATE", resource: "FLOW", detail: { id: "f", namespace: "a.b", flowId: "f", revision: i, é: "ü" }, result: "SUCCESS",
        source: "ingest", actorKind: "STANDARD", request: { method: "PUT", path: "/x", status: 200, durationMs: 3 },
      },
      actor: { userId: "u1", username: "jane", type: "STANDARD", ipAddress: "198.51.100.1", userAgent: "x", submitter: { id: "g" } },
      change: i % 2 ? { before: { a: 1 }, after: { a: 2 }, appliedPatch: [{ op: "replace", path: "/a", value: 2 }] } : {},
    });
  }
  return ledger;
}
const failed = (proof: Proof, row: Row, keys: string[]) => checkProof(proof, row, keys).steps.filter((step) => !step.ok).map((step) => step.name);

describe("the proof of an entry", () => {
  const ledger = ledgerWith(21);
  const keys = [ledger.signer.vkey];
  it("verifies for every entry", () => {
    for (let i = 0; i < ledger.size; i += 1) {
      const checked = checkProof(ledger.proof(i), ledger.row(i), keys);
      expect(checked.ok, JSON.stringify(checked.steps)).toBe(true);
      expect(checked.missing).toEqual([]);
    }
  });
  it("verifies without a part that was erased or withheld", () => {
    for (const state of ["erased", "withheld"] as const) {
      const proof = ledger.proof(5);
      const row = ledger.row(5);
      const { commitment } = proof.parts.actor;
      const without: Proof = { ...proof, parts: { ...proof.parts, actor: { commitment, state } } };
      const checked = checkProof(without, row, keys);
      expect(checked.ok).toBe(true);
      expect(checked.missing).toEqual(["actor"]);
    }
  });
  type Tamper = (proof: Proof, row: Row) => void;
  const flip = (text: string) => text.replace(/^./, (c) => (c === "A" ? "B" : "A"));
  const flipHex = (text: string) => text.replace(/^./, (c) => (c === "0" ? "1" : "0"));
  const cases: [string, Tamper, StepName[]][] = [
    ["part bytes", (p) => (p.parts.event.bytes = btoa('{"id":"e5"}')), ["parts"]],
    ["salt", (p) => (p.parts.actor.salt = flip(p.parts.actor.salt as string)), ["parts"]],
    ["salt length", (p) => (p.parts.actor.salt = btoa("short")), ["parts"]],
    ["commitment", (p) => (p.parts.change.commitment = flipHex(p.parts.change.commitment)), ["parts"]],
    ["hidden part without a reason", (p) => (p.parts.change = { commitment: p.parts.change.commitment }), ["parts"]],
    ["parts swapped", (p) => ([p.parts.event, p.parts.actor] = [p.parts.actor, p.parts.event]), ["parts"]],
    ["leaf", (p) => (p.leaf = flip(p.leaf)), ["parts"]],
    ["leaf hash", (p) => (p.leafHash = flipHex(p.leafHash)), ["leaf"]],
    ["index", (p) => (p.index = 4), ["path"]],
    ["sibling", (p) => (p.proof.hashes[0] = flip(p.proof.hashes[0] as string)), ["path"]],
    ["sibling missing", (p) => void p.proof.hashes.pop(), ["path"]],
    ["sibling no base64", (p) => (p.proof.hashes[0] = "?"), ["path"]],
    ["root", (p) => (p.proof.rootHash = flipHex(p.proof.rootHash)), ["path"]],
    ["tree size", (p) => (p.proof.treeSize = 20), ["checkpoint"]],
    ["tree size with another path", (p) => (p.proof.treeSize = 16), ["path", "checkpoint"]],
    ["origin", (p) => (p.origin = "daybook/other"), ["checkpoint", "signature"]],
    ["checkpoint of another size", (p) => (p.checkpoint = ledger.checkpoint(20)), ["checkpoint"]],
    ["checkpoint no note", (p) => (p.checkpoint = "x"), ["checkpoint", "signature"]],
    ["signature", (p) => (p.checkpoint = p.checkpoint.replace(/.{8}\n$/, "AAAAAAA=\n")), ["signature"]],
    ["row: date", (_, r) => (r.auditLog.date = "2026-11-23T09:13:52.419Z"), ["shown"]],
    ["row: detail", (_, r) => (r.auditLog.detail["flowId"] = "g"), ["shown"]],
    ["row: detail added", (_, r) => (r.auditLog.detail["extra"] = 1), ["shown"]],
    ["row: resource", (_, r) => (r.auditLog.detail["resource"] = "SECRET"), ["shown"]],
    ["row: user", (_, r) => (r.user!.username = "john"), ["shown"]],
    ["row: address", (_, r) => (r.auditLog.ipAddress = "203.0.113.1"), ["shown"]],
    ["row: result", (_, r) => (r.daybook.result = "FAILURE"), ["shown"]],
    ["row: tenant", (_, r) => (r.auditLog.tenantId = "other"), ["shown"]],
    ["row: patch", (_, r) => (r.auditLog.appliedPatch = [{ op: "remove", path: "/a" }]), ["shown"]],
    ["row: patch out of nothing", (p, r) => {
      Object.assign(p, ledger.proof(4));
      Object.assign(r, structuredClone(ledger.row(4)));
      r.auditLog.revertPatch = [{ op: "remove", path: "/a" }];
    }, ["shown"]],
    ["another entry's proof", (p) => Object.assign(p, ledger.proof(6)), ["shown"]],
  ];
  it.each(cases)("%s changed: refused", (_, tamper, steps) => {
    const proof = structuredClone(ledger.proof(5));
    const row = structuredClone(ledger.row(5));
    tamper(proof, row);
    expect(failed(proof, row, keys)).toEqual(expect.arrayContaining(steps));
  });
  it("by another key: only the signature fails, and that is no alarm by itself", () => {
    const other = new Ledger("daybook/dev", "another key");
    const proof = ledger.proof(5);
    const checked = checkProof(proof, ledger.row(5), [other.signer.vkey]);
    expect(checked.steps.filter((step) => !step.ok).map((step) => step.name)).toEqual(["signature"]);
    expect(statusOf(checked, { state: "unknown", why: "other-key", at: 0 })).toBe("unknown");
    expect(statusOf(checked, { state: "verified", size: 21, origin: "x", from: null, at: 0 })).toBe("bad");
  });
  it("the key's name must be the origin", () => {
    const other = new Ledger("daybook/else");
    expect(failed(ledger.proof(5), ledger.row(5), [other.signer.vkey])).toEqual(["signature"]);
  });
});

describe("actors that are no account", () => {
  it.each([
    ["SYSTEM", undefined, "system"],
    ["WEBHOOK", undefined, "webhook"],
    ["ANONYMOUS", undefined, "anonymous"],
    ["ANONYMOUS", "~7c1f", "~7c1f"],
  ])("%s is shown under a word and verifies", (actorKind, userId, shown) => {
    const ledger = new Ledger();
    const at = "2026-11-23T09:13:52.418Z";
    ledger.append({
      event: { v: 1, id: "e", kind: "event", date: at, recordedAt: at, action: "LOGIN", resource: "USER", detail: {}, result: "SUCCESS", source: "system", actorKind },
      actor: { userId },
    });
    const row = ledger.row(0);
    row.auditLog.userId = shown;
    expect(failed(ledger.proof(0), row, [ledger.signer.vkey])).toEqual([]);
    row.auditLog.userId = "somebody";
    expect(failed(ledger.proof(0), row, [ledger.signer.vkey])).toEqual(["shown"]);
  });
});

describe("the remembered checkpoint", () => {
  let served: Ledger;
  let limit = Infinity;
  beforeEach(() => {
    localStorage.clear();
    limit = Infinity;
    vi.stubGlobal("fetch", (url: string) => {
      const query = new URL(url, "http://localhost").searchParams;
      const [from, to] = [Number(query.get("from")), Number(query.get("to"))];
      if (to > Math.min(limit, served.size)) return Promise.resolve(new Response("{}", { status: 422 }));
      return Promise.resolve(new Response(JSON.stringify(served.consistency(from, to))));
    });
  });
  const note = (ledger: Ledger, size?: number) => judge(ledger.checkpoint(size), [ledger.signer.vkey]);
  it("is taken on first sight, then must be extended", async () => {
    served = ledgerWith(12);
    expect(await note(served, 5)).toMatchObject({ state: "verified", from: null, size: 5 });
    expect(await note(served, 5)).toMatchObject({ state: "verified", from: 5, size: 5 });
    expect(await note(served, 12)).toMatchObject({ state: "verified", from: 5, size: 12 });
    expect(recall()).toMatchObject({ size: 12, keys: [served.signer.vkey] });
  });
  it("an older one of the same history is no alarm and is not remembered", async () => {
    served = ledgerWith(12);
    await note(served, 12);
    expect(await note(served, 7)).toMatchObject({ state: "verified", size: 12 });
    expect(recall()?.size).toBe(12);
  });
  it("a shorter, a rewritten, a forked ledger are alarms", async () => {
    served = ledgerWith(12);
    await note(served, 12);
    limit = 9;
    expect(await note(served, 9)).toMatchObject({ state: "alarm", why: "shrunk" });
    limit = Infinity;
    const fork = new Ledger();
    for (let i = 0; i < 20; i += 1) fork.append({ event: { id: `other ${i}` } });
    served = fork;
    expect(await note(fork, 12)).toMatchObject({ state: "alarm", why: "other-root" });
    expect(await note(fork, 15)).toMatchObject({ state: "alarm", why: "not-consistent" });
    expect(recall()?.size).toBe(12);
  });
  it("another name, another key, no signature: a person decides", async () => {
    served = ledgerWith(4);
    await note(served);
    const renamed = ledgerWith(6, "daybook/new");
    expect(await note(renamed)).toMatchObject({ state: "unknown", why: "other-origin" });
    const rekeyed = ledgerWith(6, "daybook/dev", "second key");
    expect(await note(rekeyed)).toMatchObject({ state: "unknown", why: "other-key" });
    expect(await judge(served.checkpoint().replace(/.{4}\n$/, "AAA=\n"), [served.signer.vkey])).toMatchObject({ why: "bad-signature" });
    expect(await judge("x", [])).toMatchObject({ state: "unknown", why: "malformed" });
    expect(recall()?.size).toBe(4);
  });
  it("a new key is trusted once it signs beside the known one", async () => {
    served = ledgerWith(6);
    await note(served, 3);
    const second = ledgerWith(6, "daybook/dev", "second key");
    const both = served.checkpoint(6) + second.checkpoint(6).split("\n\n")[1];
    const keys = [second.signer.vkey, served.signer.vkey];
    expect(await judge(both, keys)).toMatchObject({ state: "verified", size: 6 });
    expect(recall()?.keys).toEqual([served.signer.vkey, second.signer.vkey]);
    expect(await judge(second.checkpoint(6), keys)).toMatchObject({ state: "verified" });
  });
  it("a key that the server merely names is not", async () => {
    served = ledgerWith(6);
    await note(served, 3);
    const second = ledgerWith(6, "daybook/dev", "second key");
    await judge(served.checkpoint(6), [second.signer.vkey, served.signer.vkey]);
    expect(recall()?.keys).toEqual([served.signer.vkey]);
  });
  it("no answer is not a verdict", async () => {
    served = ledgerWith(6);
    await note(served, 3);
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("down")));
    expect(await note(served, 6)).toMatchObject({ state: "unknown", why: "unreachable" });
    expect(recall()?.size).toBe(3);
  });
});
