// SPDX-License-Identifier: Apache-2.0
export function leafHash(data: Uint8Array): Uint8Array;
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array;
export class Tree {
  readonly size: number;
  append(hash: Uint8Array): number;
  root(size?: number): Uint8Array;
  inclusion(index: number, size?: number): Uint8Array[];
  consistency(old: number, size?: number): Uint8Array[];
}
