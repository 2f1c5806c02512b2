// SPDX-License-Identifier: Apache-2.0
// A small server with the part of the REST API that this UI uses, over dev/ledger.mjs. For development and
// the browser test only; `/__mock/…` are its own switches (tamper, roll back, make events).
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { Ledger } from "./ledger.mjs";
import { history, latest } from "./seed.mjs";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));
export const CSP =
  "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; " +
  "require-trusted-types-for 'script'";
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8" };
const USERS = {
  admin: { password: "daybook", id: "u-admin", username: "admin", name: "Ines Navarro", role: "admin", tenant: null },
  viewer: { password: "daybook", id: "u-viewer", username: "viewer", name: "Vera Lund", role: "viewer", tenant: "main" },
};

const b62 = (n) => `E${n.toString(36).padStart(8, "0").toUpperCase()}daybookTest0`;

export class Mock {
  constructor({ events = 2600, now = Date.now() } = {}) {
    this.ledger = new Ledger();
    this.sessions = new Map();
    this.made = 0;
    this.tampered = false;
    this.rolledBack = 0;
    const all = [...latest, ...history(events, 1200)].reverse();
    for (const one of all) this.add(one, now - one.ago * 1000);
    for (const one of history(6, 100)) this.add(one, now - one.ago * 1000, "staging");
    this.ledger.checkpoint();
  }
  // Takes the shape of dev/seed.mjs.
  add(one, at, tenant = "main") {
    const date = new Date(at).toISOString();
    const attemptId = one.strict ? b62(this.made++) : undefined;
    const actorKind = one.system ? "SYSTEM" : one.anonymous ? "ANONYMOUS" : (one.user?.type ?? "STANDARD");
    const base = {
      v: 1, tenantId: one.noTenant ? undefined : tenant, date, action: one.type, resource: one.resource,
      detail: one.detail ?? {}, source: one.strict ? "gateway" : "ingest", actorKind, request: one.request,
    };
    const actor = {
      userId: one.system ? "system" : one.anonymous ? "~7c1f99ab02" : one.user.id, username: one.user?.username,
      email: one.user?.email, name: one.user?.name, type: one.system || one.anonymous ? undefined : one.user.type,
      ipAddress: one.ip, userAgent: one.ua, impersonatedBy: one.impersonatedBy,
      submitter: { id: "sa-gateway", username: "gateway-1", type: "SERVICE_ACCOUNT" },
    };
    if (attemptId) {
      const { request, ...rest } = base;
      this.ledger.append({ event: { ...rest, id: attemptId, kind: "attempt", recordedAt: date, result: "UNKNOWN", request: request && { method: request.method, path: request.path } }, actor });
    }
    const id = one.id ?? b62(this.made++);
    const recordedAt = new Date(at + 90).toISOString();
    const event = { ...base, id, kind: attemptId ? "outcome" : "event", attemptId, recordedAt, result: one.result ?? "SUCCESS", status: one.status, message: one.message };
    const change = { before: one.before, after: one.after, appliedPatch: one.appliedPatch, revertPatch: one.revertPatch };
    return this.ledger.append({ event, actor, change });
  }
  find(tenant, id) {
    const ledger = this.ledger;
    return ledger.entries.findIndex((e) => e.event.id === id && (e.event.tenantId ?? null) === tenant);
  }
}

// ── search ──
const FIELDS = {
  resources: (e) => e.event.resource,
  type: (e) => e.event.action,
  action: (e) => e.event.action,
  username: (e) => e.actor.username,
  userId: (e) => e.actor.userId,
  namespace: (e) => e.event.detail?.namespace,
  flowId: (e) => e.event.detail?.flowId,
  executionId: (e) => e.event.detail?.executionId,
  id: (e) => e.event.id,
  result: (e) => e.event.result,
  actorKind: (e) => e.event.actorKind,
  source: (e) => e.event.source,
  ipAddress: (e) => e.actor.ipAddress,
  kind: (e) => e.event.kind,
  attemptId: (e) => e.event.attemptId,
};
const text = (value) => (typeof value === "string" ? value : value === undefined ? undefined : JSON.stringify(value));
const OPS = {
  EQUALS: (value, given) => value === given,
  NOT_EQUALS: (value, given) => value !== given,
  IN: (value, given) => given.split(",").includes(value),
  NOT_IN: (value, given) => !given.split(",").includes(value),
  PREFIX: (value, given) => value !== undefined && (value === given || value.startsWith(`${given}.`)),
};
const DATES = {
  GREATER_THAN_OR_EQUAL_TO: (a, b) => a >= b,
  LESS_THAN_OR_EQUAL_TO: (a, b) => a <= b,
};
function predicate(name, value) {
  const match = /^filters\[(\w+)\]\[(\w+)\](?:\[([^\]]+)\])?$/.exec(name);
  if (!match) return null;
  const [, field, op, key] = match;
  if (field === "startDate" || field === "endDate") {
    const at = Date.parse(value);
    if (!DATES[op] || Number.isNaN(at)) return null;
    return (e) => DATES[op](Date.parse(e.event.date), at);
  }
  if (!OPS[op]) return null;
  if (field === "details" && key) return (e) => OPS[op](text(e.event.detail?.[key]), value);
  return FIELDS[field] ? (e) => OPS[op](text(FIELDS[field](e)), value) : null;
}

function searchEntries(mock, tenant, params) {
  const ledger = mock.ledger;
  const tests = [(e) => tenant === null || e.event.tenantId === tenant];
  let kinds = false;
  for (const [name, value] of params) {
    if (["expand", "size", "before", "after", "treeSize", "format"].includes(name)) continue;
    const test = predicate(name, value);
    if (!test) return { error: name };
    kinds ||= name.startsWith("filters[kind]");
    tests.push(test);
  }
  if (!kinds) tests.push((e) => e.event.kind === "event" || e.event.kind === "outcome");
  const treeSize = Number(params.get("treeSize") ?? ledger.size);
  const found = ledger.entries.filter((e) => e.index < treeSize && tests.every((test) => test(e))).reverse();
  return { found, treeSize };
}

// ── http ──
function answer(res, status, body, headers = {}) {
  const type = typeof body === "string" ? "text/plain; charset=utf-8" : "application/json";
  res.writeHead(status, { "Content-Type": type, "Cache-Control": "no-store", ...headers });
  res.end(typeof body === "string" ? body : JSON.stringify(body));
}
const refuse = (res, status, message, headers) => answer(res, status, { message, _links: {}, _embedded: { errors: [{ message }] } }, headers);

function serveFile(res, prefix, path) {
  const clean = normalize(path).replace(/^(\.\.(\/|$))+/, "");
  let file = join(DIST, clean);
  if (!file.startsWith(DIST)) return refuse(res, 404, "Not found");
  const named = extname(file) !== "";
  if (!existsSync(file) || statSync(file).isDirectory()) {
    if (named) return refuse(res, 404, "Not found");
    file = join(DIST, "index.html");
  }
  const headers = { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream", "Content-Security-Policy": CSP, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin" };
  headers["Cache-Control"] = clean.startsWith("/assets/") || clean.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache";
  if (file.endsWith("index.html")) {
    res.writeHead(200, headers);
    return res.end(readFileSync(file, "utf8").replaceAll('="/ui/', `="${prefix}/ui/`));
  }
  res.writeHead(200, headers);
  return createReadStream(file).pipe(res);
}

async function readBody(req) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  const raw = Buffer.concat(chunks).toString("utf8");
  return raw === "" ? null : JSON.parse(raw);
}

function whoIs(mock, req) {
  const cookie = /(?:^|;\s*)daybook=([\w]+)/.exec(req.headers.cookie ?? "")?.[1];
  const session = cookie ? mock.sessions.get(cookie) : undefined;
  if (session) return { user: session.user, csrf: session.csrf, cookie };
  const basic = /^Basic (.+)$/.exec(req.headers.authorization ?? "")?.[1];
  if (basic) {
    const [name, password] = Buffer.from(basic, "base64").toString().split(":");
    if (USERS[name]?.password === password) return { user: USERS[name] };
  }
  return null;
}
const publicUser = ({ password: _, ...user }) => user;

async function session(mock, req, res, path) {
  if (path === "/api/v1/login" && req.method === "POST") {
    const body = await readBody(req);
    const user = USERS[body?.username];
    if (!user || user.password !== body.password) return refuse(res, 401, "Wrong user name or password");
    const cookie = `s${Math.random().toString(36).slice(2)}`;
    const csrf = `c${Math.random().toString(36).slice(2)}`;
    mock.sessions.set(cookie, { user, csrf });
    const expiresAt = new Date(Date.now() + 8 * 3600_000).toISOString();
    return answer(res, 200, { user: publicUser(user), csrfToken: csrf, expiresAt }, { "Set-Cookie": `daybook=${cookie}; Path=/; HttpOnly; SameSite=Strict` });
  }
  const who = whoIs(mock, req);
  if (!who) return refuse(res, 401, "Sign in first");
  if (path === "/api/v1/me") return answer(res, 200, { user: publicUser(who.user), csrfToken: who.csrf });
  if (req.headers["x-csrf-token"] !== who.csrf) return refuse(res, 403, "CSRF token missing");
  mock.sessions.delete(who.cookie);
  return answer(res, 204, "", { "Set-Cookie": "daybook=; Path=/; Max-Age=0" });
}

async function auditlogs(mock, req, res, tenant, rest, params) {
  const who = whoIs(mock, req);
  if (!who) return refuse(res, 401, "Sign in first");
  if (who.user.tenant !== null && who.user.tenant !== tenant) {
    return refuse(res, 403, `needs role viewer of tenant ${tenant ?? "(all)"}`);
  }
  if (tenant !== null && !mock.ledger.entries.some((e) => e.event.tenantId === tenant) && req.method === "GET") {
    return refuse(res, 404, `Tenant ${tenant} not found`);
  }
  if (rest === "" && req.method === "POST") return ingest(mock, req, res, tenant, who.user);
  if (rest === "search" || rest === "export") {
    const { found, treeSize, error } = searchEntries(mock, tenant, params);
    if (error) return refuse(res, 422, `Unknown parameter ${error}`);
    if (rest === "export") {
      return answer(res, 200, found.map((e) => JSON.stringify(mock.ledger.row(e.index))).join("\n"), { "Content-Disposition": "attachment; filename=auditlogs.ndjson" });
    }
    const before = Number(params.get("before") ?? Infinity);
    const page = found.filter((e) => e.index < before);
    const size = Number(params.get("size") ?? 10);
    const results = page.slice(0, size).map((e) => mock.ledger.row(e.index));
    const next = page.length > size ? results[results.length - 1].daybook.index : null;
    return answer(res, 200, { results, total: found.length, treeSize, next });
  }
  const [id, what] = rest.split("/").map(decodeURIComponent);
  const index = mock.find(tenant, id);
  if (index < 0) return refuse(res, 404, `No entry ${id}`);
  if (what === undefined) return answer(res, 200, mock.ledger.row(index));
  if (what !== "proof") return refuse(res, 404, "Not found");
  const proof = structuredClone(mock.ledger.proof(index));
  if (mock.tampered) {
    const bytes = Buffer.from(proof.parts.event.bytes, "base64").toString().replace(/"date":"(\d)/, '"date":"1');
    proof.parts.event.bytes = Buffer.from(bytes).toString("base64");
  }
  return answer(res, 200, proof);
}

async function ingest(mock, req, res, tenant, user) {
  const body = await readBody(req);
  const list = Array.isArray(body) ? body : [body];
  const results = list.map((e) => {
    const known = e.id ? mock.find(tenant, e.id) : -1;
    if (known >= 0) return { id: e.id, index: known, leafHash: mock.ledger.entries[known].leafHash, duplicate: true };
    const actor = e.user ?? { id: user.id, username: user.username, type: "STANDARD" };
    const entry = mock.add({ ...e, user: { type: "STANDARD", ...actor }, ip: e.ipAddress, ua: e.userAgent }, e.date ? Date.parse(e.date) : Date.now(), tenant);
    return { id: entry.event.id, index: entry.index, leafHash: entry.leafHash, duplicate: false };
  });
  return answer(res, 201, { count: list.length, created: results.filter((r) => !r.duplicate).length, treeSize: mock.ledger.size, results });
}

function tlog(mock, res, path, params) {
  const ledger = mock.ledger;
  if (path === "/tlog/key") return answer(res, 200, `${ledger.signer.vkey}\n`);
  if (path === "/tlog/checkpoint") return answer(res, 200, ledger.checkpoint(ledger.size - mock.rolledBack));
  const [from, to] = [Number(params.get("from")), Number(params.get("to"))];
  if (path !== "/tlog/consistency") return refuse(res, 404, "Not found");
  if (!(from >= 1 && from <= to && to <= ledger.size - mock.rolledBack)) return refuse(res, 422, "from and to must be published sizes");
  return answer(res, 200, ledger.consistency(from, to));
}

function control(mock, res, path) {
  if (path === "/__mock/tamper") mock.tampered = true;
  else if (path === "/__mock/rollback") mock.rolledBack = 5;
  else if (path === "/__mock/restore") [mock.tampered, mock.rolledBack] = [false, 0];
  else if (path === "/__mock/sign-everyone-out") mock.sessions.clear();
  else if (path === "/__mock/event") mock.add({ ...latest[1], detail: { ...latest[1].detail } }, Date.now());
  else return refuse(res, 404, "Not found");
  return answer(res, 204, "");
}

async function handle(mock, req, res) {
  const url = new URL(req.url, "http://localhost");
  const prefix = url.pathname.startsWith("/daybook/") ? "/daybook" : "";
  const path = url.pathname.slice(prefix.length);
  if (path === "/" || path === "/ui") return answer(res, 302, "", { Location: `${prefix}/ui/` });
  if (path.startsWith("/ui/")) return serveFile(res, prefix, path.slice(3));
  if (path.startsWith("/__mock/")) return control(mock, res, path);
  if (path.startsWith("/tlog/")) return tlog(mock, res, path, url.searchParams);
  if (/^\/api\/v1\/(login|logout|me)$/.test(path)) return session(mock, req, res, path);
  const match = /^\/api\/v1(?:\/([^/]+))?\/auditlogs(?:\/(.*))?$/.exec(path);
  if (match) return auditlogs(mock, req, res, match[1] ?? null, match[2] ?? "", url.searchParams);
  return refuse(res, 404, "Not found");
}

export function startMock(port = 0, options = {}) {
  const mock = new Mock(options);
  const server = createServer((req, res) => {
    handle(mock, req, res).catch((error) => {
      process.stderr.write(`${error.stack}\n`);
      refuse(res, 500, "mock failed");
    });
  });
  return new Promise((resolve) => {
    server.listen(port, "127.0.0.1", () => resolve({ mock, server, url: `http://127.0.0.1:${server.address().port}` }));
  });
}
