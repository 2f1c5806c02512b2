// SPDX-License-Identifier: Apache-2.0
// Every sentence of the evidence page.
import { number } from "../time/format";

const entries = (n: number) => `${number(n)} ${n === 1 ? "entry" : "entries"}`;

export const words = {
  title: "Evidence",
  verified: "Verified on this device",
  verifiedText: (shown: number) =>
    `${shown === 1 ? "The event below stood" : `All ${number(shown)} events below stood`} in the ledger, byte for byte, when its checkpoint was signed.`,
  bad: "Does not verify",
  badText: (n: number) => `${number(n)} ${n === 1 ? "thing is" : "things are"} wrong. Do not rely on this file.`,
  keyOfFile: "The signing key came from this file itself. Compare it with the one you know, or paste yours:",
  keyOutside: "Signed by the key you gave.",
  keyLabel: "Key kept elsewhere",
  keyPlaceholder: "daybook/…+0123abcd+A…",
  keyButton: "Check with it",
  question: "Question",
  noFilters: "every event and outcome",
  scope: "Seen by",
  scopeAll: "all tenants",
  range: "Range",
  rangeOf: (from: number, to: number) => (from === to ? "no entry" : from + 1 === to ? `entry ${number(from)}` : `entries ${number(from)} to ${number(to - 1)}`),
  complete: "complete: no other entry lies between them",
  selection: "a selection: says nothing about what it leaves out",
  tree: "Ledger",
  treeOf: (size: number) => `${entries(size)} under this root`,
  root: "Root",
  key: "Key",
  extends: "Extends",
  extendsOf: (size: number) => `the tree of ${entries(size)}, proved`,
  events: "Events",
  shown: (n: number) => `${number(n)} shown`,
  withheldCount: (n: number) => `${number(n)} withheld`,
  withheld: (n: number, from: number) => `${n === 1 ? `Entry ${number(from)} is` : `Entries ${number(from)} to ${number(from + n - 1)} are`} there as commitments alone`,
  hidden: { withheld: "withheld", erased: "erased" } as Record<string, string>,
  steps: (path: number) => [
    "Parts and salts give the commitments",
    "Commitments give the leaf",
    path === 1 ? "1 hash leads to the signed root" : `${number(path)} hashes lead to the signed root`,
  ],
  event: "Event",
  actor: "Actor",
  change: "Change",
  difference: "Difference",
  raw: "Hashed bytes",
  proof: "Proof",
  before: "before",
  after: "after",
  nothing: "nothing recorded",
  limits: "What this proves, and what not",
  limitsText: [
    "Each shown part stood in the ledger at its index when the checkpoint was signed: SHA-256 commitments, an RFC 6962 Merkle tree, an Ed25519 signature. This page computes all of it itself, from the bytes in this file, without network.",
    "Whoever made up a ledger with a key of their own can make evidence of it: compare the key. Whoever holds key and disk can rewrite a ledger unless somebody outside kept a checkpoint: compare yours.",
    "A set that says complete has no other entry in its range. That withheld entries do not match the question is the server's word; a single one can be opened later, its commitment binds the answer. Whether the shown events answer the question is checked by daybook-verify, not here.",
    "A page like this one can be imitated. If it came from somebody you do not trust, check the file with a verifier of your own: daybook-verify FILE.",
  ],
} as const;
