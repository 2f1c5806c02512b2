// SPDX-License-Identifier: Apache-2.0
// The disclosed parts of an entry, and whether the row on the screen says the same.
import type { Json, JsonObject, Part, Proof, Row } from "../api/types";
import { fromBase64, fromUtf8 } from "./bytes";
import type { PartName } from "./check";

export interface Parts {
  event: JsonObject | null;
  actor: JsonObject | null;
  change: JsonObject | null;
  text: Record<PartName, string>; // The bytes as they were hashed.
}

function textOf(part: Part): string | null {
  const bytes = fromBase64(part.bytes ?? "");
  return bytes === null ? null : fromUtf8(bytes);
}

function objectOf(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
  } catch {
    return null;
  }
}

export function readParts(proof: Proof): { parts: Parts; missing: PartName[]; readable: boolean } {
  const parts: Parts = { event: null, actor: null, change: null, text: { event: "", actor: "", change: "" } };
  const missing: PartName[] = [];
  let readable = true;
  for (const name of ["event", "actor", "change"] as const) {
    const part = proof.parts[name];
    if (part.bytes === undefined) {
      missing.push(name);
      continue;
    }
    const text = textOf(part);
    parts.text[name] = text ?? "";
    parts[name] = text === null || text === "" ? null : objectOf(text);
    if (text === null || (text !== "" && parts[name] === null)) readable = false;
  }
  return { parts, missing, readable };
}

function canonical(value: Json | undefined): string {
  if (value === undefined || value === null) return "null";
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object") {
    // Absent and null are alike.
    const keys = Object.keys(value).filter((key) => value[key] !== null && value[key] !== undefined).sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  return canonical(a) === canonical(b);
}

// Shown detail = the event's detail plus resource, resourceType, type (and the person acted upon).
function detailDiffers(parts: Parts, row: Row): boolean {
  const event = parts.event as JsonObject;
  const proven = { ...((event["detail"] as JsonObject | undefined) ?? {}) };
  const subject = parts.actor?.["subject"];
  if (subject !== undefined) proven["subject"] = subject;
  const shown: JsonObject = { ...row.auditLog.detail };
  if (!same(shown["resource"], event["resource"]) || !same(shown["resourceType"], event["resource"])) return true;
  if (typeof proven["type"] !== "string") {
    if (!same(shown["type"], event["resource"])) return true;
    delete shown["type"];
    delete proven["type"];
  }
  for (const name of ["resource", "resourceType"]) {
    if (proven[name] === undefined) delete shown[name];
    else proven[name] = shown[name] as Json;
  }
  if (subject === undefined) delete shown["subject"];
  return !same(proven, shown);
}

// Actors that are no account are shown under a word.
function shownUserId(actor: JsonObject, actorKind: string): Json | undefined {
  if (actorKind === "SYSTEM") return "system";
  if (actorKind === "WEBHOOK") return "webhook";
  return actor["userId"] ?? (actorKind === "ANONYMOUS" ? "anonymous" : undefined);
}

// Names of what the row shows otherwise than the proven bytes say.
export function partsDiffer(parts: Parts, missing: readonly PartName[], row: Row): string[] {
  const differing: string[] = [];
  const compare = (name: string, proven: Json | undefined, shown: unknown) => {
    if (!same(proven, shown as Json | undefined)) differing.push(name);
  };
  const { auditLog: log, daybook } = row;
  if (parts.event !== null) {
    const event = parts.event;
    compare("id", event["id"], log.id);
    compare("tenant", event["tenantId"], log.tenantId);
    compare("date", event["date"], log.date);
    compare("type", event["action"], log.type);
    compare("recordedAt", event["recordedAt"], daybook.recordedAt);
    compare("kind", event["kind"], daybook.kind);
    compare("attemptId", event["attemptId"], daybook.attemptId);
    compare("result", event["result"], daybook.result);
    compare("status", event["status"], daybook.status);
    compare("message", event["message"], daybook.message);
    compare("reason", event["reason"], daybook.reason);
    compare("source", event["source"], daybook.source);
    compare("actorKind", event["actorKind"], daybook.actorKind);
    compare("request", event["request"], daybook.request);
    if (detailDiffers(parts, row)) differing.push("detail");
  } else if (!missing.includes("event")) {
    differing.push("event");
  }
  // A part with nothing in it must show as nothing; a missing one cannot be compared.
  if (!missing.includes("actor")) {
    const actor = parts.actor ?? {};
    compare("userId", shownUserId(actor, daybook.actorKind), log.userId);
    compare("ipAddress", actor["ipAddress"], log.ipAddress);
    compare("impersonatedBy", actor["impersonatedBy"], log.impersonatedBy);
    compare("userAgent", actor["userAgent"], daybook.userAgent);
    if (row.user) compare("username", actor["username"] ?? actor["userId"], row.user.username);
    if (row.user?.name) compare("name", actor["name"], row.user.name);
  }
  if (!missing.includes("change")) {
    compare("appliedPatch", parts.change?.["appliedPatch"], log.appliedPatch);
    compare("revertPatch", parts.change?.["revertPatch"], log.revertPatch);
  }
  return differing;
}
