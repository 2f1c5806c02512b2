// SPDX-License-Identifier: Apache-2.0
import type { Consistency, JsonObject, Proof, Row } from "../src/api/types";
export class Signer {
  constructor(name: string, seedText: string);
  readonly vkey: string;
  sign(text: string): string;
}
export class Ledger {
  constructor(origin?: string, seed?: string);
  readonly origin: string;
  readonly signer: Signer;
  readonly size: number;
  append(parts: { event: object; actor?: object; change?: object }): { index: number; event: JsonObject };
  checkpoint(size?: number): string;
  consistency(from: number, to: number): Consistency;
  proof(index: number, size?: number): Proof;
  row(index: number): Row;
}
