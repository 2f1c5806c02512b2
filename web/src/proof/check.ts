// SPDX-License-Identifier: Apache-2.0
// Checks one entry's proof from the bytes up: parts and salts → commitments → leaf → path → root → signed
// checkpoint. Nothing the server says about the outcome is used.
import { sha256 } from "@noble/hashes/sha2.js";
import type { Part, Proof, Row } from "../api/types";
import { concat, equal, fromBase64, fromHex, toHex } from "./bytes";
import { foldInclusion, leafHash, type Fold } from "./merkle";
import { openNote, parseCheckpoint, parseVerifier, type Checkpoint, type Verifier } from "./note";
import { partsDiffer, readParts, type Parts } from "./parts";

const LEAF_VERSION = 1;
const LEAF_BYTES = 97;
const SALT_BYTES = 16;
const PART_NUMBER = { event: 1, actor: 2, change: 3 } as const;
export type PartName = keyof typeof PART_NUMBER;

export type StepName = "parts" | "leaf" | "path" | "checkpoint" | "signature" | "shown";
export interface Step {
  name: StepName;
  ok: boolean;
  fact: string; // A hash, a size, a key: what the step looked at.
}

export interface Checked {
  ok: boolean;
  steps: Step[];
  missing: PartName[]; // Erased or withheld: only their commitments could be used.
  parts: Parts;
  checkpoint: Checkpoint | null;
  signedBy: Verifier | null;
  folds: Fold[];
  leaf: Uint8Array | null;
}

export function short(hash: Uint8Array): string {
  const hex = toHex(hash);
  return `${hex.slice(0, 6)}\u2026${hex.slice(-4)}`;
}

export function commitment(name: PartName, salt: Uint8Array, bytes: Uint8Array): Uint8Array {
  return sha256(concat(Uint8Array.of(PART_NUMBER[name]), salt, bytes));
}

// The commitment of a part if it is what its bytes and salt give, or if the part is not disclosed.
function checkedCommitment(name: PartName, part: Part): Uint8Array | null {
  const given = fromHex(part.commitment);
  if (given === null || given.length !== 32) return null;
  if (part.bytes === undefined) return part.state === undefined ? null : given;
  const bytes = fromBase64(part.bytes);
  const salt = fromBase64(part.salt ?? "");
  if (bytes === null || salt === null || salt.length !== SALT_BYTES) return null;
  return equal(commitment(name, salt, bytes), given) ? given : null;
}

// The leaf of an entry if parts, salts, commitments and leaf fit each other.
export function checkLeaf(proof: Proof): { leaf: Uint8Array; hash: Uint8Array } | null {
  const names: PartName[] = ["event", "actor", "change"];
  const commitments = names.map((name) => checkedCommitment(name, proof.parts[name]));
  if (commitments.some((c) => c === null)) return null;
  const data = concat(Uint8Array.of(LEAF_VERSION), ...(commitments as Uint8Array[]));
  const given = fromBase64(proof.leaf);
  if (given === null || data.length !== LEAF_BYTES || !equal(given, data)) return null;
  return { leaf: data, hash: leafHash(data) };
}

// The keys that count: those this browser trusted before if there are any, else those the server names.
export function verifiersFor(origin: string, keys: readonly string[]): Verifier[] {
  return keys.map(parseVerifier).filter((v): v is Verifier => v !== null && v.name === origin);
}

// `row` is what the page shows; null when nothing is shown yet.
export function checkProof(proof: Proof, row: Row | null, trustedKeys: readonly string[]): Checked {
  const steps: Step[] = [];
  const add = (name: StepName, ok: boolean, fact: string) => {
    steps.push({ name, ok, fact });
    return ok;
  };
  const { parts, missing, readable } = readParts(proof);
  const leaf = checkLeaf(proof);
  add("parts", leaf !== null && readable, `${3 - missing.length} of 3 parts`);
  const hash = leaf?.hash ?? null;
  const sameHash = hash !== null && toHex(hash) === proof.leafHash;
  add("leaf", sameHash, hash === null ? proof.leafHash.slice(0, 12) : short(hash));

  const path = proof.proof.hashes.map(fromBase64);
  const complete = path.every((item): item is Uint8Array => item !== null);
  const folded =
    hash !== null && complete
      ? foldInclusion(proof.index, proof.proof.treeSize, hash, path as Uint8Array[])
      : null;
  const rooted = folded !== null && toHex(folded.root) === proof.proof.rootHash;
  add("path", rooted, folded === null ? proof.proof.rootHash.slice(0, 12) : short(folded.root));

  const note = openNote(proof.checkpoint, verifiersFor(proof.origin, trustedKeys));
  const cut = proof.checkpoint.lastIndexOf("\n\n");
  const checkpoint = parseCheckpoint(proof.checkpoint.slice(0, cut + 1));
  const matches =
    checkpoint !== null &&
    folded !== null &&
    checkpoint.origin === proof.origin &&
    checkpoint.size === proof.proof.treeSize &&
    equal(checkpoint.root, folded.root);
  add("checkpoint", matches, String(checkpoint?.size ?? ""));
  const signedBy = note?.verifiedBy[0] ?? null;
  add("signature", signedBy !== null, signedBy === null ? proof.origin : `${signedBy.name}+${toHex(signedBy.id)}`);

  if (row !== null) {
    const differing = partsDiffer(parts, missing, row);
    const sameEntry = row.daybook.index === proof.index && row.daybook.leafHash === proof.leafHash;
    add("shown", differing.length === 0 && sameEntry, differing.join(", "));
  }
  return {
    ok: steps.every((step) => step.ok),
    steps,
    missing,
    parts,
    checkpoint,
    signedBy,
    folds: folded?.folds ?? [],
    leaf: hash,
  };
}
