// SPDX-License-Identifier: Apache-2.0
// How the parts of an event are called and drawn.
import type { Json, Row } from "../api/types";
import type { IconName } from "../ui/icons";

const RESOURCE_WORDS: Record<string, string> = {
  KVSTORE: "KV store",
  KV_STORE: "KV store",
  AUDITLOG: "Audit log",
  TESTSUITE: "Test suite",
  TESTSUITE_RUN: "Test suite run",
  MCP_SERVER: "MCP server",
};
export function resourceWords(resource: string): string {
  const known = RESOURCE_WORDS[resource];
  if (known !== undefined) return known;
  if (!/^[A-Z][A-Z0-9_]*$/.test(resource)) return resource;
  const words = resource.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const RESOURCE_ICONS: Record<string, IconName> = {
  FLOW: "flow",
  TEMPLATE: "flow",
  EXECUTION: "exec",
  TRIGGER: "trig",
  NAMESPACE: "ns",
  NAMESPACE_FILE: "file",
  KVSTORE: "key",
  KV_STORE: "key",
  SECRET: "lock",
  CREDENTIAL: "lock",
  USER: "user",
  GROUP: "users",
  INVITATION: "users",
  BINDING: "role",
  ROLE: "role",
  SERVICE_ACCOUNT: "bot",
  AUDITLOG: "log",
  TENANT: "globe",
  TENANT_ACCESS: "globe",
  SYSTEM_SETTINGS: "gear",
  TENANT_SETTINGS: "gear",
  SETTING: "gear",
  INSTANCE: "gear",
};
export function resourceIcon(resource: string): IconName {
  return RESOURCE_ICONS[resource] ?? "box";
}

const ACTION_CLASS: Record<string, string> = {
  CREATE: "create",
  UPDATE: "update",
  DELETE: "delete",
  LOGIN: "login",
  LOGOUT: "login",
  LOGIN_FAILURE: "fail",
  ACCOUNT_LOCKED: "locked",
  IMPERSONATE: "imp",
};
export function actionClass(action: string): string {
  return ACTION_CLASS[action] ?? "";
}
export function actionWords(action: string): string {
  return action.replaceAll("_", " ");
}

export function resourceOf(row: Row): string {
  const resource = row.auditLog.detail["resource"];
  return typeof resource === "string" ? resource : "UNKNOWN";
}

// A chip of the Details column: `field` is what a click filters by.
export interface Chip {
  label: string; // Short form for the table.
  name: string; // Long form for the drawer and screen readers.
  field: string;
  value: string;
  tone: "" | "give" | "long" | "fix" | "warn" | "bad"; // give, long: shrink first; fix: never.
}

const CHIPS: [key: string, label: string, name: string, field: string, tone: Chip["tone"]][] = [
  ["namespace", "ns", "namespace", "namespace", "give"],
  ["flowId", "flow", "flow", "flowId", ""],
  ["executionId", "exec", "execution", "executionId", "long"],
  ["triggerId", "trigger", "trigger", "detail.triggerId", ""],
  ["key", "key", "key", "detail.key", ""],
  ["path", "path", "path", "detail.path", ""],
  ["revision", "rev", "revision", "detail.revision", "fix"],
];
const NOT_CHIPS = new Set(["type", "resource", "resourceType", "subject", "query", "unchanged"]);

export function valueText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function chipsOf(row: Row): Chip[] {
  const detail = row.auditLog.detail;
  const chips: Chip[] = [];
  const shown = new Set<string>();
  const { result, request, status } = row.daybook;
  if (result !== "SUCCESS") {
    const code = status ?? request?.status;
    chips.push({
      label: result.toLowerCase(),
      name: "result",
      field: "result",
      value: code === undefined || code === null || code === "" ? result : String(code),
      tone: result === "UNKNOWN" ? "warn" : "bad",
    });
  }
  for (const [key, label, name, field, tone] of CHIPS) {
    const value = detail[key];
    if (value === undefined || value === null) continue;
    const text = valueText(value);
    chips.push({ label, name, field, value: text, tone });
    shown.add(text);
  }
  for (const [key, value] of Object.entries(detail)) {
    if (NOT_CHIPS.has(key) || CHIPS.some(([known]) => known === key) || value === null) continue;
    const text = valueText(value);
    // The object's id says nothing new when it is one of the values already there.
    if (key === "id" && shown.has(text)) continue;
    // Objects can be read in the drawer; a filter compares text.
    if (typeof value === "object") continue;
    chips.push({ label: key, name: key, field: `detail.${key}`, value: text, tone: "" });
  }
  if (chips.length < 2 && row.auditLog.ipAddress) {
    chips.push({ label: "ip", name: "IP address", field: "ipAddress", value: row.auditLog.ipAddress, tone: "fix" });
  }
  return chips;
}

// What the chip `result` filters by is the result, not the status it shows.
export function chipFilterValue(chip: Chip, row: Row): string {
  return chip.field === "result" ? row.daybook.result : chip.value;
}

export type PersonKind = "person" | "service" | "system" | "webhook" | "unknown";
export interface Person {
  kind: PersonKind;
  shown: string;
  initials: string;
  field: string; // What a click filters by.
  value: string;
}

function initialsOf(name: string): string {
  const words = name.split(/[\s._@-]+/u).filter((word) => word !== "");
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0]];
  return letters.map((word) => [...(word ?? "?")][0]?.toUpperCase() ?? "?").join("");
}

export function personOf(row: Row): Person {
  const { user, auditLog, daybook } = row;
  const kinds: Record<string, PersonKind> = {
    SERVICE_ACCOUNT: "service",
    SYSTEM: "system",
    WEBHOOK: "webhook",
    ANONYMOUS: "unknown",
  };
  const kind = kinds[daybook.actorKind] ?? (user?.type === "SERVICE_ACCOUNT" ? "service" : "person");
  const shown = user?.name || user?.username || auditLog.userId;
  const known = Boolean(user?.username);
  return {
    kind,
    shown,
    initials: kind === "unknown" ? "?" : initialsOf(shown),
    field: known ? "username" : "userId",
    value: known ? (user?.username ?? "") : auditLog.userId,
  };
}

// `Flow daily-ledger-sync`
export function titleOf(row: Row): string {
  const detail = row.auditLog.detail;
  const names = ["flowId", "triggerId", "executionId", "key", "path", "id", "namespace"];
  const order: Record<string, string[]> = {
    EXECUTION: ["executionId", "id"],
    TRIGGER: ["triggerId", "id"],
    FLOW: ["flowId", "id"],
  };
  const resource = resourceOf(row);
  const key = [...(order[resource] ?? ["key", "path", "id"]), ...names].find((name) => detail[name] != null);
  const object = key === undefined ? "" : ` ${valueText(detail[key] as Json)}`;
  return `${resourceWords(resource)}${object}`;
}
