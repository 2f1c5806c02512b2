// SPDX-License-Identifier: Apache-2.0
// A ledger in memory with the contract's entries, leaves, checkpoints and proofs. For the development server
// and the tests: real hashes, real signatures, a key made from a fixed seed.
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { Tree, leafHash } from "./merkle.mjs";

const enc = new TextEncoder();
const cat = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const b64 = (bytes) => Buffer.from(bytes).toString("base64");

export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const keys = Object.keys(value).filter((key) => value[key] !== undefined && value[key] !== null);
    return `{${keys.sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
const strip = (object) => JSON.parse(canonical(object));

export class Signer {
  constructor(name, seedText) {
    this.name = name;
    this.secret = sha256(enc.encode(seedText));
    this.publicKey = ed25519.getPublicKey(this.secret);
    this.id = sha256(cat(enc.encode(`${name}\n`), [1], this.publicKey)).slice(0, 4);
    this.vkey = `${name}+${hex(this.id)}+${b64(cat([1], this.publicKey))}`;
  }
  sign(text) {
    const signature = ed25519.sign(enc.encode(text), this.secret);
    return `${text}\n\u2014 ${this.name} ${b64(cat(this.id, signature))}\n`;
  }
}

const PARTS = ["event", "actor", "change"];
const commit = (k, salt, bytes) => sha256(cat([k], salt, bytes));

export class Ledger {
  constructor(origin = "daybook/dev", seed = "daybook development key") {
    this.signer = new Signer(origin, seed);
    this.origin = origin;
    this.tree = new Tree();
    this.entries = [];
    this.published = 0;
  }
  append({ event, actor, change }) {
    const index = this.entries.length;
    const seed = sha256(enc.encode(`seed ${index}`)).slice(0, 16);
    const parts = {};
    const commitments = PARTS.map((name, i) => {
      const object = strip({ event, actor, change }[name] ?? {});
      const bytes = Object.keys(object).length === 0 ? Buffer.alloc(0) : Buffer.from(canonical(object));
      const salt = sha256(cat(seed, [i + 1])).slice(0, 16);
      const commitment = commit(i + 1, salt, bytes);
      parts[name] = { bytes: b64(bytes), salt: b64(salt), commitment: hex(commitment) };
      return commitment;
    });
    const leaf = cat([1], ...commitments);
    const entry = { index, event: strip(event), actor: strip(actor ?? {}), change: strip(change ?? {}), parts };
    entry.leaf = b64(leaf);
    entry.leafHash = hex(leafHash(leaf));
    this.tree.append(leafHash(leaf));
    this.entries.push(entry);
    return entry;
  }
  get size() {
    return this.entries.length;
  }
  checkpoint(size = this.size) {
    this.published = Math.max(this.published, size);
    return this.signer.sign(`${this.origin}\n${size}\n${b64(this.tree.root(size))}\n`);
  }
  consistency(from, to) {
    return {
      from,
      to,
      fromRoot: hex(this.tree.root(from)),
      toRoot: hex(this.tree.root(to)),
      hashes: this.tree.consistency(from, to).map(b64),
    };
  }
  proof(index, size = this.size) {
    const entry = this.entries[index];
    return {
      id: entry.event.id,
      index,
      origin: this.origin,
      leaf: entry.leaf,
      leafHash: entry.leafHash,
      parts: entry.parts,
      proof: {
        treeSize: size,
        rootHash: hex(this.tree.root(size)),
        hashes: this.tree.inclusion(index, size).map(b64),
      },
      checkpoint: this.checkpoint(size),
      keys: [this.signer.vkey],
    };
  }
  row(index) {
    const { event, actor, change, leafHash: hash } = this.entries[index];
    const system = event.actorKind === "SYSTEM" || event.actorKind === "ANONYMOUS" || event.actorKind === "WEBHOOK";
    return {
      auditLog: strip({
        tenantId: event.tenantId,
        id: event.id,
        type: event.action,
        detail: { type: event.resource, ...event.detail, resource: event.resource, resourceType: event.resource },
        date: event.date,
        userId: actor.userId,
        ipAddress: actor.ipAddress,
        impersonatedBy: actor.impersonatedBy,
        appliedPatch: change.appliedPatch,
        revertPatch: change.revertPatch,
      }),
      ...(system ? {} : { user: { type: actor.type ?? "STANDARD", id: actor.userId, username: actor.username, email: actor.email ?? "", name: actor.name ?? null } }),
      daybook: strip({
        index,
        kind: event.kind,
        attemptId: event.attemptId,
        recordedAt: event.recordedAt,
        result: event.result,
        status: event.status,
        message: event.message,
        reason: event.reason,
        source: event.source,
        actorKind: event.actorKind,
        submitter: actor.submitter,
        request: event.request,
        userAgent: actor.userAgent,
        clockSkewMs: 0,
        leafHash: hash,
        sealed: index < this.published,
        erased: [],
      }),
    };
  }
}
