// SPDX-License-Identifier: Apache-2.0
// Signed notes (C2SP signed-note) and checkpoints (C2SP tlog-checkpoint), Ed25519 keys only.
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, equal, fromBase64, toHex, utf8 } from "./bytes";
import { HASH_BYTES } from "./merkle";

const ED25519_TYPE = 1;
const SIGNATURES_MAX = 100;

export interface Verifier {
  name: string;
  id: Uint8Array; // 4 bytes
  publicKey: Uint8Array;
}

export function keyId(name: string, type: number, publicKey: Uint8Array): Uint8Array {
  return sha256(concat(utf8(`${name}\n`), Uint8Array.of(type), publicKey)).slice(0, 4);
}

function isKeyName(name: string): boolean {
  return name !== "" && !/[\s+]/u.test(name);
}

// `<name>+<8 hex digits>+<base64>`; null for anything that is not a good plain Ed25519 key.
export function parseVerifier(vkey: string): Verifier | null {
  const parts = vkey.split("+");
  if (parts.length < 3) return null;
  const name = parts[0] ?? "";
  const id = parts[1] ?? "";
  const key = fromBase64(parts.slice(2).join("+")); // The base64 itself may hold `+`.
  if (!isKeyName(name) || !/^[0-9a-f]{8}$/i.test(id) || key === null) return null;
  if (key.length !== 33 || key[0] !== ED25519_TYPE) return null;
  const publicKey = key.slice(1);
  const expected = keyId(name, ED25519_TYPE, publicKey);
  return toHex(expected) === id.toLowerCase() ? { name, id: expected, publicKey } : null;
}

export interface OpenNote {
  text: string;
  verifiedBy: Verifier[];
  unknown: number; // Signatures by keys that were not given.
}

interface SignatureLine {
  name: string;
  id: Uint8Array;
  signature: Uint8Array;
}
function parseSignature(line: string): SignatureLine | null {
  const match = /^\u2014 ([^ ]+) ([^ ]+)$/u.exec(line);
  if (!match) return null;
  const bytes = fromBase64(match[2] ?? "");
  const name = match[1] ?? "";
  if (!isKeyName(name) || bytes === null || bytes.length < 5) return null;
  return { name, id: bytes.slice(0, 4), signature: bytes.slice(4) };
}

// Null if the note is malformed, if a signature by a given key is bad, or if no given key signed it.
export function openNote(note: string, verifiers: readonly Verifier[]): OpenNote | null {
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0009\u000b-\u001f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(note)) {
    return null;
  }
  const cut = note.lastIndexOf("\n\n");
  if (cut < 0 || !note.endsWith("\n")) return null;
  const text = note.slice(0, cut + 1);
  const tail = note.slice(cut + 2);
  const lines = tail.split("\n").slice(0, -1);
  if (lines.length === 0 || lines.length > SIGNATURES_MAX) return null;
  const verifiedBy: Verifier[] = [];
  const seen = new Set<Verifier>();
  let unknown = 0;
  for (const line of lines) {
    const signature = parseSignature(line);
    if (signature === null) return null;
    const key = verifiers.find((v) => v.name === signature.name && equal(v.id, signature.id));
    if (key === undefined) {
      unknown += 1;
    } else if (!seen.has(key)) {
      seen.add(key); // The first line of a key counts, repeats are skipped.
      if (!verifySignature(signature.signature, utf8(text), key.publicKey)) return null;
      verifiedBy.push(key);
    }
  }
  return verifiedBy.length > 0 ? { text, verifiedBy, unknown } : null;
}

function verifySignature(signature: Uint8Array, text: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  try {
    return ed25519.verify(signature, text, publicKey, { zip215: false });
  } catch {
    return false; // The library throws on points that are none.
  }
}

export interface Checkpoint {
  origin: string;
  size: number;
  root: Uint8Array;
}

export function parseCheckpoint(text: string): Checkpoint | null {
  if (!text.endsWith("\n")) return null;
  const lines = text.slice(0, -1).split("\n");
  const [origin, size, root] = lines;
  if (!origin || lines.length < 3 || lines.some((line) => line === "")) return null;
  if (!/^(0|[1-9]\d{0,15})$/.test(size ?? "") || !Number.isSafeInteger(Number(size))) return null;
  const bytes = fromBase64(root ?? "");
  if (bytes === null || bytes.length !== HASH_BYTES) return null;
  return { origin, size: Number(size), root: bytes };
}

// The checkpoint of a note, without looking at its signatures: only to know what is being talked about.
export function readUnverified(note: string): Checkpoint | null {
  const cut = note.lastIndexOf("\n\n");
  return cut < 0 ? null : parseCheckpoint(note.slice(0, cut + 1));
}
