// SPDX-License-Identifier: Apache-2.0

// Stands in the address for the view over all tenants; no tenant can have this name.
export const ALL_TENANTS = "_all";
export const DEFAULT_TENANT = "main";

export function isTenantName(text: string): boolean {
  return /^[a-z0-9][a-z0-9_-]{0,62}$/.test(text);
}

// An entry named in the address: `id` in a tenant's view, `tenant/id` (or `/id`) in the view over all.
export interface EntryRef {
  tenant: string | null;
  id: string;
}

export function parseEntryRef(text: string, view: string): EntryRef {
  const slash = text.indexOf("/");
  if (slash >= 0) return { tenant: text.slice(0, slash) || null, id: text.slice(slash + 1) };
  return { tenant: view === ALL_TENANTS ? null : view, id: text };
}

export function printEntryRef(ref: EntryRef, view: string): string {
  return view !== ALL_TENANTS && ref.tenant === view ? ref.id : `${ref.tenant ?? ""}/${ref.id}`;
}
