// SPDX-License-Identifier: Apache-2.0
// The proving side of RFC 9162 section 2.1, written from its recursive definitions and kept apart from the
// verifier in src/proof so that each checks the other.
import { sha256 } from "@noble/hashes/sha2.js";

const cat = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
export const leafHash = (data) => sha256(cat([0], data));
export const nodeHash = (left, right) => sha256(cat([1], left, right));

function splitAt(size) {
  let k = 1;
  while (k * 2 < size) k *= 2;
  return k;
}

export class Tree {
  constructor() {
    this.leaves = [];
    this.memo = new Map();
  }
  append(hash) {
    this.leaves.push(hash);
    return this.leaves.length - 1;
  }
  get size() {
    return this.leaves.length;
  }
  root(size = this.size) {
    return size === 0 ? sha256(new Uint8Array()) : this.range(0, size);
  }
  range(from, to) {
    const size = to - from;
    if (size === 1) return this.leaves[from];
    const key = from * 2 ** 26 + to;
    const known = this.memo.get(key);
    if (known) return known;
    const k = splitAt(size);
    const hash = nodeHash(this.range(from, from + k), this.range(from + k, to));
    this.memo.set(key, hash);
    return hash;
  }
  inclusion(index, size = this.size, from = 0) {
    if (size === 1) return [];
    const k = splitAt(size);
    return index < k
      ? [...this.inclusion(index, k, from), this.range(from + k, from + size)]
      : [...this.inclusion(index - k, size - k, from + k), this.range(from, from + k)];
  }
  consistency(old, size = this.size, from = 0, whole = true) {
    if (old === size) return whole ? [] : [this.range(from, from + size)];
    const k = splitAt(size);
    return old <= k
      ? [...this.consistency(old, k, from, whole), this.range(from + k, from + size)]
      : [...this.consistency(old - k, size - k, from + k, false), this.range(from, from + k)];
  }
}
