// SPDX-License-Identifier: Apache-2.0
// Tenants that were looked at in this browser: the API has no list of them.
import { ALL_TENANTS, DEFAULT_TENANT, isTenantName } from "./tenant";

const STORE = "daybook.tenants";
const KEPT_MAX = 8;

function read(): string[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(STORE) ?? "[]");
    return Array.isArray(value) ? value.filter((name): name is string => typeof name === "string" && isTenantName(name)) : [];
  } catch {
    return [];
  }
}

export function recentTenants(current: string): string[] {
  const names = [...new Set([DEFAULT_TENANT, ...read(), current])];
  return names.filter((name) => name !== ALL_TENANTS).slice(0, KEPT_MAX);
}

export function rememberTenant(name: string): void {
  const names = [name, ...read().filter((other) => other !== name)].slice(0, KEPT_MAX);
  try {
    localStorage.setItem(STORE, JSON.stringify(names));
  } catch {
    // The list is a convenience.
  }
}
