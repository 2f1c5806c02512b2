// SPDX-License-Identifier: Apache-2.0
// Verification of RFC 9162 section 2.1 proofs. Sizes and indexes are whole numbers below 2^53, so halving is
// done by division: bit operators would cut them to 32 bits.
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, equal } from "./bytes";

export const HASH_BYTES = 32;
const half = (value: number) => Math.floor(value / 2);
const odd = (value: number) => value % 2 === 1;

export function leafHash(data: Uint8Array): Uint8Array {
  return sha256(concat(Uint8Array.of(0), data));
}
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concat(Uint8Array.of(1), left, right));
}

// One step of the fold from the leaf to the root.
export interface Fold {
  sibling: Uint8Array;
  siblingIsLeft: boolean;
  result: Uint8Array;
}

function usable(index: number, size: number): boolean {
  return Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size;
}

// The steps of an inclusion proof, or null if its length does not fit index and size. The caller compares the
// last result with the root it trusts.
export function foldInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
): { root: Uint8Array; folds: Fold[] } | null {
  if (!usable(index, size) || leaf.length !== HASH_BYTES) return null;
  let fn = index;
  let sn = size - 1;
  let r = leaf;
  const folds: Fold[] = [];
  for (const sibling of proof) {
    if (sn === 0 || sibling.length !== HASH_BYTES) return null;
    const siblingIsLeft = odd(fn) || fn === sn;
    r = siblingIsLeft ? nodeHash(sibling, r) : nodeHash(r, sibling);
    if (siblingIsLeft && !odd(fn)) {
      while (!odd(fn) && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    }
    fn = half(fn);
    sn = half(sn);
    folds.push({ sibling, siblingIsLeft, result: r });
  }
  return sn === 0 ? { root: r, folds } : null;
}

export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  const folded = foldInclusion(index, size, leaf, proof);
  return folded !== null && equal(folded.root, root);
}

export function verifyConsistency(
  from: number,
  to: number,
  proof: readonly Uint8Array[],
  fromRoot: Uint8Array,
  toRoot: Uint8Array,
): boolean {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || from > to) return false;
  if (proof.some((hash) => hash.length !== HASH_BYTES)) return false;
  if (from === to) return proof.length === 0 && equal(fromRoot, toRoot);
  if (from === 0) return proof.length === 0;
  if (proof.length === 0) return false;
  let fn = from - 1;
  let sn = to - 1;
  while (odd(fn)) {
    fn = half(fn);
    sn = half(sn);
  }
  // For a power of two the old root is the first node itself and is left out of the proof.
  const nodes = fn === 0 ? [fromRoot, ...proof] : [...proof];
  let fr = nodes[0] as Uint8Array;
  let sr = fr;
  for (const node of nodes.slice(1)) {
    if (sn === 0) return false;
    if (odd(fn) || fn === sn) {
      fr = nodeHash(node, fr);
      sr = nodeHash(node, sr);
      if (!odd(fn)) {
        while (!odd(fn) && fn !== 0) {
          fn = half(fn);
          sn = half(sn);
        }
      }
    } else {
      sr = nodeHash(sr, node);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && equal(fr, fromRoot) && equal(sr, toRoot);
}
