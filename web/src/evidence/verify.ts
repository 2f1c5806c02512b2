// SPDX-License-Identifier: Apache-2.0
// Checks a file of evidence (docs/evidence.md) from its bytes alone. The same rules as `daybook verify-evidence`,
// without asking the filters again.
import type { Part, Proof } from "../api/types";
import { equal, fromBase64, fromHex, toHex } from "../proof/bytes";
import { checkLeaf, type PartName } from "../proof/check";
import { foldInclusion, verifyConsistency } from "../proof/merkle";
import { openNote, parseCheckpoint, parseVerifier, type Checkpoint, type Verifier } from "../proof/note";
import { readParts, type Parts } from "../proof/parts";

export const FORMAT = "daybook-evidence/1";

export interface Selection {
  filters: string;
  treeSize: number;
  from: number;
  to: number;
  complete: boolean;
}
export type Item = Omit<Proof, "checkpoint" | "keys" | "id"> & { id?: string };
export interface Evidence {
  format: string;
  origin: string;
  keys: string[];
  checkpoint: string;
  selection: Selection;
  scope?: Record<string, string>;
  consistency?: { from: number; fromRoot: string; hashes: string[] };
  items: Item[];
}

export interface CheckedItem {
  item: Item;
  ok: boolean;
  problems: string[];
  parts: Parts;
  missing: PartName[];
  path: number; // Hashes from the leaf to the root.
}
export interface Result {
  ok: boolean;
  problems: string[]; // Of the document as a whole.
  evidence: Evidence | null;
  checkpoint: Checkpoint | null;
  signedBy: Verifier | null;
  items: CheckedItem[];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function wrongMembers(value: unknown, required: readonly string[], optional: readonly string[] = []): string | null {
  if (!isObject(value)) return "is not an object";
  const lacking = required.find((name) => !(name in value));
  if (lacking !== undefined) return `lacks ${lacking}`;
  const unknown = Object.keys(value).find((name) => !required.includes(name) && !optional.includes(name));
  return unknown === undefined ? null : `has the unknown member ${unknown}`;
}

const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((one) => typeof one === "string");
const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function hashes(texts: unknown): Uint8Array[] | null {
  if (!isTexts(texts)) return null;
  const all = texts.map(fromBase64);
  return all.every((one): one is Uint8Array => one !== null && one.length === 32) ? all : null;
}

// What is wrong with the form of an item, so that the checks below may use it.
function malformed(item: unknown): string | null {
  const wrong = wrongMembers(item, ["index", "origin", "leaf", "leafHash", "parts", "proof"], ["id"]);
  if (wrong !== null) return wrong;
  const it = item as Item;
  if (!isSize(it.index)) return "index is not a whole number";
  for (const name of ["origin", "leaf", "leafHash"] as const) if (typeof it[name] !== "string") return `${name} is not a string`;
  if (it.id !== undefined && typeof it.id !== "string") return "id is not a string";
  const proof = wrongMembers(it.proof, ["treeSize", "rootHash", "hashes"]);
  if (proof !== null) return `proof ${proof}`;
  const parts = wrongMembers(it.parts, ["event", "actor", "change"]);
  if (parts !== null) return `parts ${parts}`;
  for (const name of ["event", "actor", "change"] as const) {
    const part = it.parts[name] as Part & Record<string, unknown>;
    const hidden = isObject(part) && "state" in part;
    const problem = wrongMembers(part, hidden ? ["commitment", "state"] : ["bytes", "salt", "commitment"]);
    if (problem !== null) return `${name} part ${problem}`;
    if (Object.values(part).some((value) => typeof value !== "string")) return `${name} part holds something that is no text`;
    if (hidden && part.state !== "withheld" && part.state !== "erased") return `${name} part has an unknown state`;
  }
  return null;
}

function checkItem(item: Item, checkpoint: Checkpoint): CheckedItem {
  const { parts, missing, readable } = readParts(item as Proof);
  const problems: string[] = [];
  const shown = !missing.includes("event");
  const withheld = item.parts.event.state === "withheld";
  if (item.origin !== checkpoint.origin) problems.push("it is of another ledger");
  const leaf = checkLeaf(item as Proof);
  if (leaf === null || !readable) problems.push("its bytes and salts do not give its commitments and leaf");
  else if (toHex(leaf.hash) !== item.leafHash) problems.push("leafHash is not the leaf's");
  const path = hashes(item.proof.hashes);
  const folded = leaf === null || path === null ? null : foldInclusion(item.index, item.proof.treeSize, leaf.hash, path);
  const same = item.proof.treeSize === checkpoint.size && fromHex(item.proof.rootHash) !== null && toHex(checkpoint.root) === item.proof.rootHash;
  if (!same) problems.push("its proof leads to another tree than the checkpoint's");
  else if (folded === null || !equal(folded.root, checkpoint.root)) problems.push("its inclusion proof does not lead to the signed root");
  if (shown && (parts.event === null || parts.event["id"] !== item.id)) problems.push("its id is not the event's");
  if (!shown && item.id !== undefined) problems.push("it has an id without its event");
  if (withheld && missing.length < 3) problems.push("a part is shown but its event is withheld");
  return { item, ok: problems.length === 0, problems, parts, missing, path: path?.length ?? 0 };
}

function checkOrder(all: readonly CheckedItem[], selection: Selection, problems: string[]): void {
  let next = selection.from;
  for (const it of all) {
    const index = it.item.index;
    const before = it.problems.length;
    if (index < selection.from || index >= selection.to) it.problems.push("it lies outside of the range");
    else if (index < next) it.problems.push("it is given twice or out of order");
    else if (selection.complete && index !== next) it.problems.push("entries before it are missing, though the set says it is complete");
    if (!selection.complete && it.item.parts.event.state === "withheld") it.problems.push("it shows nothing");
    if (it.problems.length > before) it.ok = false;
    next = index + 1;
  }
  if (selection.complete && next < selection.to) problems.push(`the set says it is complete, but entries from ${next} on are missing`);
}

function readHead(document: unknown): { evidence: Evidence | null; problem: string | null } {
  const wrong = wrongMembers(document, ["format", "origin", "keys", "checkpoint", "items", "selection"], ["scope", "consistency"]);
  if (wrong !== null) return { evidence: null, problem: `the document ${wrong}` };
  const it = document as Evidence;
  if (it.format !== FORMAT) return { evidence: null, problem: `the format is not ${FORMAT}` };
  if (typeof it.origin !== "string" || typeof it.checkpoint !== "string" || !isTexts(it.keys) || !Array.isArray(it.items)) {
    return { evidence: null, problem: "origin, keys, checkpoint or items have another form" };
  }
  const selection = wrongMembers(it.selection, ["filters", "treeSize", "from", "to", "complete"]);
  if (selection !== null) return { evidence: null, problem: `the selection ${selection}` };
  const { filters, treeSize, from, to, complete } = it.selection;
  if (typeof filters !== "string" || typeof complete !== "boolean" || ![treeSize, from, to].every(isSize)) {
    return { evidence: null, problem: "the selection has another form" };
  }
  const scope = it.scope === undefined ? null : wrongMembers(it.scope, [], ["tenant", "namespace", "submitter"]);
  if (scope !== null || Object.values(it.scope ?? {}).some((value) => typeof value !== "string")) {
    return { evidence: null, problem: "the scope has another form" };
  }
  return { evidence: it, problem: null };
}

// `key` is one kept outside, or empty: then those the file names.
export function verifyEvidence(text: string, key: string): Result {
  const result: Result = { ok: false, problems: [], evidence: null, checkpoint: null, signedBy: null, items: [] };
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    result.problems.push("it is not JSON");
    return result;
  }
  const { evidence, problem } = readHead(document);
  result.evidence = evidence;
  if (evidence === null) {
    result.problems.push(problem ?? "");
    return result;
  }
  const named = (key === "" ? evidence.keys : [key]).map(parseVerifier);
  if (named.some((one) => one === null)) result.problems.push(key === "" ? "a key of the file is malformed" : "the key given is malformed");
  const keys = named.filter((one): one is Verifier => one !== null && one.name === evidence.origin);
  const note = openNote(evidence.checkpoint, keys);
  result.signedBy = note?.verifiedBy[0] ?? null;
  if (note === null) result.problems.push(key === "" ? "the checkpoint is not signed by a key the file names" : "the checkpoint is not signed by the key given");
  const cut = evidence.checkpoint.lastIndexOf("\n\n");
  const checkpoint = parseCheckpoint(evidence.checkpoint.slice(0, cut + 1));
  result.checkpoint = checkpoint;
  if (checkpoint === null || checkpoint.origin !== evidence.origin) {
    result.problems.push("the checkpoint is not one of this ledger");
    return result;
  }
  const { treeSize, from, to } = evidence.selection;
  if (treeSize !== checkpoint.size || from > to || to > treeSize) result.problems.push("the selection is no range of the checkpoint's tree");
  for (const [position, item] of evidence.items.entries()) {
    const wrong = malformed(item);
    if (wrong === null) result.items.push(checkItem(item, checkpoint));
    else result.problems.push(`item ${position} ${wrong}`);
  }
  checkOrder(result.items, evidence.selection, result.problems);
  checkExtension(evidence, checkpoint, result.problems);
  result.ok = result.problems.length === 0 && result.items.every((it) => it.ok);
  return result;
}

function checkExtension(evidence: Evidence, checkpoint: Checkpoint, problems: string[]): void {
  const it = evidence.consistency;
  if (it === undefined) return;
  const path = wrongMembers(it, ["from", "fromRoot", "hashes"]) === null ? hashes(it.hashes) : null;
  const root = typeof it.fromRoot === "string" ? fromHex(it.fromRoot) : null;
  const good = path !== null && root !== null && isSize(it.from) && it.from > 0 && verifyConsistency(it.from, checkpoint.size, path, root, checkpoint.root);
  if (!good) problems.push("the tree does not extend the earlier one it names");
}
