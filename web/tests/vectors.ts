// SPDX-License-Identifier: Apache-2.0
// Shared with the C++ tests: one copy for the whole repository.
import raw from "../../tests/data/tlog/vectors.json?raw";

export interface Vectors {
  inclusion: { i: number; n: number; p: string[] }[];
  consistency: { m: number; n: number; p: string[] }[];
  negative: {
    kind: string;
    i?: number;
    m?: number;
    n: number;
    leaf?: string;
    root?: string;
    root1?: string;
    root2?: string;
    p: string[];
    why: string;
  }[];
  simple: { roots_n0_to_64: string[]; roots_more: Record<string, string> };
  signed_notes: { name: string; note: string; ok: boolean; verified?: number; unverified?: number }[];
  vkeys: { parse: { vkey: string; sumdb_note_ok: boolean }[]; spec_example_note: string; spec_example_vkey: string };
  checkpoints: { good: { signed: string; size: number; text?: string }[]; bad_text: { text: string }[] };
  keys: Record<string, { vkey: string }>;
  cosignatures: { ed25519: { full_note: string }[] };
  tlog_proofs: { doc: string; i: number; n: number }[];
}

export const vectors = JSON.parse(raw) as Vectors;
