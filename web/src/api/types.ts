// SPDX-License-Identifier: Apache-2.0
// The outward shapes of the REST API, as far as this UI reads them.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface AuditLog {
  tenantId?: string;
  id: string;
  type: string;
  detail: JsonObject;
  date: string;
  userId: string;
  ipAddress?: string | null;
  impersonatedBy?: string | null;
  appliedPatch?: Json[];
  revertPatch?: Json[];
}

export interface RowUser {
  type: string;
  id: string;
  username: string;
  email?: string | null;
  name?: string | null;
}

export interface RequestFacts {
  method?: string;
  path?: string;
  status?: number;
  durationMs?: number;
  requestId?: string;
}

export interface Daybook {
  index: number;
  kind: string;
  attemptId?: string | null;
  recordedAt: string;
  result: string;
  status?: string | null;
  message?: string | null;
  reason?: string | null;
  source: string;
  actorKind: string;
  submitter?: { id?: string; username?: string; type?: string; tokenId?: string } | null;
  request?: RequestFacts | null;
  userAgent?: string | null;
  clockSkewMs?: number | null;
  leafHash: string;
  sealed: boolean;
  erased?: string[];
}

export interface Row {
  auditLog: AuditLog;
  user?: RowUser | null;
  daybook: Daybook;
}

export interface SearchPage {
  results: Row[];
  total: number;
  treeSize: number;
  next?: number | null;
}

export interface Part {
  bytes?: string;
  salt?: string;
  commitment: string;
  state?: "erased" | "withheld";
}

export interface Proof {
  id: string;
  index: number;
  origin: string;
  leaf: string;
  leafHash: string;
  parts: { event: Part; actor: Part; change: Part };
  proof: { treeSize: number; rootHash: string; hashes: string[] };
  checkpoint: string;
  keys: string[];
}

export interface Consistency {
  from: number;
  to: number;
  fromRoot: string;
  toRoot: string;
  hashes: string[];
}

export interface Account {
  id: string;
  username: string;
  name?: string | null;
  email?: string | null;
  role: string;
  tenant?: string | null;
  namespace?: string | null;
}
