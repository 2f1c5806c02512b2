// SPDX-License-Identifier: Apache-2.0
import { ALL_TENANTS } from "../shell/tenant";
import { getJson } from "./client";
import type { Consistency, Proof, Row, SearchPage } from "./types";

// Larger than every index, so that the first page is also listed by index.
const PAST_THE_END = Number.MAX_SAFE_INTEGER;
export const PAGE_ROWS = 200;

export function collection(tenant: string | null): string {
  return tenant === null || tenant === ALL_TENANTS
    ? "/api/v1/auditlogs"
    : `/api/v1/${encodeURIComponent(tenant)}/auditlogs`;
}

export interface PageRequest {
  tenant: string;
  params: [string, string][];
  before?: number;
  treeSize?: number;
  size?: number;
}

export function search(request: PageRequest, signal?: AbortSignal): Promise<SearchPage> {
  const query = new URLSearchParams(request.params);
  query.set("expand", "daybook");
  query.set("size", String(request.size ?? PAGE_ROWS));
  query.set("before", String(request.before ?? PAST_THE_END));
  if (request.treeSize !== undefined) query.set("treeSize", String(request.treeSize));
  return getJson<SearchPage>(`${collection(request.tenant)}/search?${query}`, { signal });
}

export function exportPath(
  tenant: string,
  params: [string, string][],
  format: "csv" | "ndjson",
  treeSize: number,
): string {
  const query = new URLSearchParams(params);
  query.set("format", format);
  query.set("treeSize", String(treeSize));
  return `${collection(tenant)}/export?${query}`;
}

// `tenant` is the entry's own, null for an entry without one (sign-ins).
export function entry(tenant: string | null, id: string, signal?: AbortSignal): Promise<Row> {
  return getJson<Row>(`${collection(tenant)}/${encodeURIComponent(id)}?expand=daybook`, { signal });
}

export function proofOf(tenant: string | null, id: string, signal?: AbortSignal): Promise<Proof> {
  return getJson<Proof>(`${collection(tenant)}/${encodeURIComponent(id)}/proof?format=json`, { signal });
}

export function consistency(from: number, to: number): Promise<Consistency> {
  return getJson<Consistency>(`/tlog/consistency?from=${from}&to=${to}`);
}
