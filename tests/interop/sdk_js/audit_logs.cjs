// SPDX-License-Identifier: Apache-2.0
// @kestra-io/kestra-sdk's four audit-log calls against daybook; the plan of sdk.py comes on standard input.
"use strict";
const assert = require("node:assert");

// The package's index requires a module that it does not ship (model/SLALabels); its parts load one by one.
const part = (name) => require(`@kestra-io/kestra-sdk/dist/${name}`).default;
const sdk = {
  ApiClient: part("ApiClient"),
  AuditLogsApi: part("api/AuditLogsApi"),
  AuditLogControllerFindRequest: part("model/AuditLogControllerFindRequest"),
  CrudEventType: part("model/CrudEventType"),
  Permission: part("model/Permission"),
};

const plan = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const [tenant, otherTenant] = Object.keys(plan.events);
const entries = plan.events[tenant].map((event, place) => ({event, row: plan.rows[tenant][place], place}));
const byId = new Map(entries.map((entry) => [entry.event.id, entry]));
const counts = {calls: 0, compared: 0, failed: 0, skipped: 0};
const cannot = new Map();

function check(good, what, ...more) {
  counts.compared += 1;
  if (good) return;
  counts.failed += 1;
  if (counts.failed <= 30) console.log("js: DIFFERS:", what, ...more.map((one) => JSON.stringify(one)?.slice(0, 600)));
}

function same(got, expected, what) {
  try {
    assert.deepStrictEqual(got, expected);
    check(true, what);
  } catch {
    check(false, what, got, expected);
  }
}

// A client of its own per credential: the SDK's default one is shared by the whole process.
function client(url, authenticate) {
  const made = new sdk.ApiClient(url);
  authenticate(made);
  return new sdk.AuditLogsApi(made);
}
const bearer = (token) => (made) => { made.authentications.bearerAuth.accessToken = token; };
const basic = (name, password) => (made) => {
  made.authentications.basicAuth.username = name;
  made.authentications.basicAuth.password = password;
};
const header = (value) => (made) => { made.defaultHeaders.Authorization = value; };

// The SDK's callback as a promise of {data, body}: its own model, and the JSON it was made of.
function call(api, name, ...args) {
  counts.calls += 1;
  return new Promise((resolve, reject) => {
    api[name](...args, (error, data, response) => (error ? reject(error) : resolve({data, body: response.body})));
  });
}

async function refused(status, what, api, name, ...args) {
  try {
    const {body} = await call(api, name, ...args);
    check(false, what, "no error", body);
  } catch (error) {
    check(error.status === status, what, error.status, error.message);
  }
}

const newestFirst = (some) =>
  [...some].sort((a, b) => (a.event.date < b.event.date ? 1 : a.event.date > b.event.date ? -1 : b.place - a.place));

function withoutComputedPatches(event, row) {
  const copy = structuredClone(row);
  if (!("appliedPatch" in event)) {
    delete copy.auditLog.appliedPatch;
    delete copy.auditLog.revertPatch;
  }
  return copy;
}

// What the SDK's models keep of a row: known members, dates as Date.
function checkModel(model, row, what) {
  const log = model.auditLog;
  for (const name of ["id", "type", "userId", "ipAddress", "impersonatedBy"]) same(log[name], row.auditLog[name], `${what}: model ${name}`);
  same(log.date.toISOString(), row.auditLog.date, `${what}: model date`);
  same(log.detail.type, row.auditLog.detail.type, `${what}: model detail.type`);
  same(log.detail.id, row.auditLog.detail.id, `${what}: model detail.id`);
  same(log.appliedPatch, row.auditLog.appliedPatch, `${what}: model patch`);
  if (row.user) {
    for (const name of ["id", "username", "email", "name", "superAdmin"])
      if (row.user[name] !== undefined && model.user[name] !== undefined) same(model.user[name], row.user[name], `${what}: model user.${name}`);
    same(model.user.id, row.user.id, `${what}: model user`);
  } else {
    same(model.user, undefined, `${what}: no user`);
  }
}

function checkRows({data, body}, expected, what) {
  same(body.results.map((row) => row.auditLog.id), expected.map(({event}) => event.id), `${what}: ids in order`);
  body.results.forEach((row, at) => {
    const entry = byId.get(row.auditLog.id);
    if (!entry) return check(false, `${what}: unknown row`, row);
    same(withoutComputedPatches(entry.event, row), entry.row, `${what}: fields of a row`);
    checkModel(data.results[at], row, what);
  });
}

// --- the flat parameters of this version

const under = (namespace, value) => value === namespace || value.startsWith(namespace + ".");
const holds = {
  namespace: (value, {event}) => under(value, event.detail.namespace),
  flowId: (value, {event}) => event.detail.flowId === value,
  executionId: (value, {event}) => event.detail.executionId === value,
  userId: (value, {row}) => row.auditLog.userId === value,
  id: (value, {event}) => event.id === value,
  permission: (value, {event}) => event.resource === value,
  type: (value, {event}) => event.type === value,
  startDate: (value, {event}) => event.date >= value.toISOString(),
  endDate: (value, {event}) => event.date <= value.toISOString(),
  details: (value, {row}) =>
    Object.entries(value).every(([key, wanted]) => {
      const held = row.auditLog.detail[key];
      return held !== undefined && (typeof held === "string" ? held : JSON.stringify(held)) === String(wanted);
    }),
};
// Words that stand nowhere but in the flow's name, the resource or the user.
const words = {
  "daily-ledger-sync": ({event}) => event.detail.flowId === "daily-ledger-sync" ||
    JSON.stringify([event.before, event.after]).includes("daily-ledger-sync"),
  "KV store": ({event}) => event.resource === "KVSTORE",
  "secret": ({event}) => event.resource === "SECRET",
  "nobody wrote this": () => false,
};

function filters() {
  const permission = new sdk.Permission();
  const type = new sdk.CrudEventType();
  const date = (minutes) => new Date(Date.parse("2026-09-01T08:00:00.250Z") + minutes * 60001);
  return [
    {namespace: "company"}, {namespace: "company.team"}, {namespace: "company.tea"}, {flowId: "hello"}, {flowId: "\u00DCbung"},
    {executionId: "exec1"}, {userId: "u1"}, {userId: "system"}, {id: `${tenant}-007`}, {id: "unknown"},
    {permission: permission.FLOW}, {permission: permission.KVSTORE}, {permission: permission.EXECUTION}, {permission: "SOMETHING_NEW"},
    {type: type.CREATE}, {type: type.UPDATE}, {type: type.DELETE}, {type: type.READ},
    {startDate: date(10)}, {endDate: date(10)}, {startDate: date(5), endDate: date(20)},
    {details: {flowId: "hello"}}, {details: {flowId: "hello", revision: "2"}}, {details: {key: "dot.ted-key"}},
    {details: {key: "x:y,z"}}, {details: {resource: "FLOW"}},
    {namespace: "company", type: type.CREATE, userId: "u1"},
    {permission: permission.FLOW, details: {revision: "1"}, startDate: date(3), flowId: "hello"},
    ...Object.keys(words).map((q) => ({q})),
    {q: "daily-ledger-sync", namespace: "company"},
  ];
}

const matches = (filter) => (entry) =>
  Object.entries(filter).every(([name, value]) => (name === "q" ? words[value](entry) : holds[name](value, entry)));

async function checkSearch(api) {
  const every = newestFirst(entries);
  for (const size of [1, 7, 25, 1000]) {
    const got = [];
    for (let page = 1; page <= Math.floor(every.length / size) + 1; page += 1) {
      const {body} = await call(api, "searchAuditLogs", page, size, tenant, {});
      same(body.total, every.length, `pages of ${size}: total`);
      got.push(...body.results.map((row) => row.auditLog.id));
    }
    same(got, every.map(({event}) => event.id), `pages of ${size}`);
  }
  for (const filter of filters()) {
    const expected = newestFirst(entries.filter(matches(filter)));
    const what = `search ${JSON.stringify(filter)}`;
    const answer = await call(api, "searchAuditLogs", 1, 1000, tenant, filter);
    checkRows(answer, expected, what);
    same(answer.data.total, expected.length, `${what}: total`);
  }
  const key = {date: ({event}) => event.date, type: ({event}) => event.type, userId: ({row}) => row.auditLog.userId, id: ({event}) => event.id};
  for (const sort of [["date:asc"], ["type:asc", "date:desc"], ["userId:desc", "id:asc"], ["id:desc"], ["type:desc", "userId:asc", "date:asc"]]) {
    const down = sort.at(-1).endsWith("desc") ? -1 : 1;
    const expected = [...entries].sort((a, b) => {
      for (const one of sort) {
        const [name, way] = one.split(":");
        const [left, right] = [key[name](a), key[name](b)];
        if (left !== right) return (left < right ? -1 : 1) * (way === "desc" ? -1 : 1);
      }
      return (a.place - b.place) * down;
    });
    checkRows(await call(api, "searchAuditLogs", 1, 1000, tenant, {sort}), expected, `sort ${sort}`);
  }
  await refused(422, "size 1001", api, "searchAuditLogs", 1, 1001, tenant, {});
  await refused(422, "sort without colon", api, "searchAuditLogs", 1, 10, tenant, {sort: ["date"]});
}

async function checkFind(api) {
  for (const request of [{permission: "FLOW"}, {permission: "FLOW", type: "UPDATE"}, {detail: {flowId: "hello"}}, {},
    {type: "DELETE"}, {permission: "KVSTORE", detail: {key: "dot.ted-key"}}]) {
    const expected = newestFirst(entries.filter(({event}) =>
      (!request.permission || event.resource === request.permission) && (!request.type || event.type === request.type) &&
      Object.entries(request.detail ?? {}).every(([name, value]) => event.detail[name] === value)));
    const model = sdk.AuditLogControllerFindRequest.constructFromObject(request);
    const {data, body} = await call(api, "findAuditLog", tenant, model);
    const what = `find ${JSON.stringify(request)}`;
    same(body.total, expected.length, `${what}: total`);
    same(body.results.map((row) => row.auditLog.id), expected.slice(0, 10).map(({event}) => event.id), `${what}: ids`);
    if (expected.length === 0) continue;
    same(withoutComputedPatches(expected[0].event, {auditLog: body.auditLog, ...(body.user && {user: body.user})}), expected[0].row, `${what}: the first`);
    checkModel(data, expected[0].row.auditLog.appliedPatch ? expected[0].row : {...expected[0].row, auditLog: body.auditLog}, what);
  }
  const {body} = await call(api, "findAuditLog", tenant, {permission: "NOBODY_HAS_THIS"});
  same(body, {results: [], total: 0}, "find nothing");
}

async function checkHistory(api) {
  for (const thing of new Set(entries.map(({event}) => event.detail.id))) {
    const expected = newestFirst(entries.filter(({event}) => event.detail.id === thing));
    const {data, body} = await call(api, "listAuditLogFromResourceId", thing, tenant);
    same(body, expected.map(({event, row}) => ({id: event.id, date: event.date, ...(row.user && {username: row.user.username})})), `history ${thing}`);
    same(data.map((line) => [line.id, line.date.toISOString()]), expected.map(({event}) => [event.id, event.date]), `history ${thing}: model`);
  }
  const {body} = await call(api, "listAuditLogFromResourceId", "unknown-id", tenant);
  same(body, [], "history of an unknown id");
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}
const textOf = (value) => (typeof value === "string" ? value : canonical(value));

async function checkDiff(api) {
  const withAfter = entries.filter(({event}) => "after" in event).slice(0, 2);
  const diff = (before, after) => ({...(before !== undefined && {before: textOf(before)}), ...(after !== undefined && {after: textOf(after)})});
  for (const {event} of entries) {
    const {body} = await call(api, "getResourceDiffFromAuditLog", event.id, tenant, {});
    same(body, diff(event.before, event.after), `diff ${event.id}`);
    for (const {event: previous} of withAfter) {
      const answer = await call(api, "getResourceDiffFromAuditLog", event.id, tenant, {previousId: previous.id});
      same(answer.body, diff(previous.after, event.after), `diff ${event.id} with ${previous.id}`);
      same([answer.data.before, answer.data.after], [answer.body.before, answer.body.after], "diff: model");
    }
  }
  await refused(404, "diff of an unknown id", api, "getResourceDiffFromAuditLog", "unknown-id", tenant, {});
  await refused(404, "diff with an unknown previousId", api, "getResourceDiffFromAuditLog", entries[0].event.id, tenant, {previousId: "unknown-id"});
}

async function fourCalls(api, what) {
  const {event} = entries[0];
  same((await call(api, "searchAuditLogs", 1, 10, tenant, {})).body.total, entries.length, `${what}: search`);
  same((await call(api, "findAuditLog", tenant, {})).body.total, entries.length, `${what}: find`);
  check(Array.isArray((await call(api, "listAuditLogFromResourceId", event.detail.id, tenant)).body), `${what}: history`);
  await call(api, "getResourceDiffFromAuditLog", event.id, tenant, {});
}

async function checkAuthentication(url) {
  await fourCalls(client(url, bearer(plan.token)), "Bearer");
  await fourCalls(client(url, bearer(() => plan.token)), "Bearer by a function");
  await fourCalls(client(url, basic(plan.user, plan.password)), "Basic");
  // Its basicAuth always writes a colon; what newer versions send goes as a default header.
  await fourCalls(client(url, header("Basic " + Buffer.from(plan.token).toString("base64"))), "Basic with the token and no colon");
  cannot.set("Basic with a token and no colon", "0.24.1's basicAuth always writes a colon; checked with a default header");
  await refused(401, "no credential", client(url, () => {}), "searchAuditLogs", 1, 10, tenant, {});
  await refused(401, "wrong token", client(url, bearer("wrong")), "searchAuditLogs", 1, 10, tenant, {});
  await refused(401, "wrong password", client(url, basic(plan.user, "wrong")), "findAuditLog", tenant, {});
  const viewer = client(url, bearer(plan.viewer));
  await fourCalls(viewer, "viewer");
  await refused(403, "a viewer elsewhere", viewer, "searchAuditLogs", 1, 10, otherTenant, {});
}

function sayWhatIsMissing() {
  const calls = Object.getOwnPropertyNames(sdk.AuditLogsApi.prototype).filter((name) => name !== "constructor");
  for (const [call, name] of [["export", "exportAuditLogs"], ["all-tenant search", "searchAuditLogsForAllTenants"],
    ["all-tenant export", "exportAuditLogsForAllTenants"], ["global diff", "getGlobalResourceDiffFromAuditLog"]])
    if (!calls.includes(name)) cannot.set(call, "no such call in 0.24.1");
  cannot.set("require('@kestra-io/kestra-sdk') and KestraClient", "0.24.1 lacks dist/model/SLALabels.js; ApiClient and AuditLogsApi are used as they are");
  cannot.set("filters[field][OP]", "0.24.1 has flat parameters only");
  cannot.set("ApiClient.cache = false", "adds a parameter `_` to every GET, which is an unknown parameter: 422");
}

(async () => {
  for (const [name, url] of Object.entries(plan.listeners)) {
    const api = client(url, bearer(plan.token));
    for (const part of [checkSearch, checkFind, checkHistory, checkDiff]) await part(api);
    await checkAuthentication(url);
    console.log(`js at ${name}: ${JSON.stringify(counts)}`);
  }
  sayWhatIsMissing();
  for (const [what, why] of cannot) console.log(`js cannot: ${what}: ${why}`);
  console.log("@kestra-io/kestra-sdk 0.24.1:", JSON.stringify(counts));
  process.exit(counts.failed || counts.skipped ? 1 : 0);
})().catch((error) => {
  console.log("js: broke off:", error);
  process.exit(1);
});
