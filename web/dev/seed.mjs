// SPDX-License-Identifier: Apache-2.0
// Deterministic events in the shape that ingest takes. The newest stand first in `latest`; `history` makes as
// many older ones as asked for.

const people = {
  amelie: { id: "u-amelie", username: "amelie.roux", name: "Amélie Roux", email: "amelie.roux@example.com", type: "STANDARD" },
  tomasz: { id: "u-tomasz", username: "tomasz.wolny", name: "Tomasz Wolny", email: "tomasz.wolny@example.com", type: "STANDARD" },
  priya: { id: "u-priya", username: "priya.raman", name: "Priya Raman", email: "priya.raman@example.com", type: "STANDARD" },
  jonas: { id: "u-jonas", username: "jonas.berg", name: "Jonas Berg", email: "jonas.berg@example.com", type: "STANDARD" },
  deployer: { id: "sa-deployer", username: "ci-deployer", type: "SERVICE_ACCOUNT" },
  terraform: { id: "sa-terraform", username: "terraform", type: "SERVICE_ACCOUNT" },
};
const FIREFOX = "Mozilla/5.0 (Macintosh; Intel Mac OS X 14.7; rv:145.0) Gecko/20100101 Firefox/145.0";
const CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

export const flowBefore = `id: daily-ledger-sync
namespace: company.finance
description: Copies the day's bookings from SAP to the warehouse

inputs:
  - id: day
    type: DATE
    defaults: "{{ now() }}"

tasks:
  - id: open_period
    type: io.kestra.plugin.core.log.Log
    message: "Period {{ inputs.day }}"
  - id: load_sap
    type: io.kestra.plugin.core.http.Request
    timeout: PT5M
    uri: "{{ secret('SAP_URL') }}/ledger"
    headers:
      Accept: application/json
  - id: store
    type: io.kestra.plugin.jdbc.postgresql.CopyIn
    url: "{{ kv('WAREHOUSE_URL') }}"
    from: "{{ outputs.load_sap.uri }}"
    table: finance.ledger

triggers:
  - id: nightly
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "0 2 * * *"
`;
export const flowAfter = flowBefore
  .replace("timeout: PT5M", "timeout: PT15M")
  .replace('cron: "0 2 * * *"', 'cron: "0 1 * * 1-5"\n    timezone: Europe/Paris');

const taskBefore = { id: "weekly-digest", namespace: "company.growth", revision: 1, disabled: false, tasks: [{ id: "render", type: "io.kestra.plugin.scripts.python.Script", script: "import json\nprint(json.dumps({'week': 47}))\n" }] };
const taskAfter = { ...taskBefore, revision: 2, tasks: [{ ...taskBefore.tasks[0], script: "import json\nprint(json.dumps({'week': 48}))\n" }, { id: "send", type: "io.kestra.plugin.notifications.mail.MailSend", to: "team@example.com" }] };

const request = (method, path, status, durationMs, n) => ({ method, path, status, durationMs, requestId: `01KAQ7V3E8M${n}` });

export const latest = [
  { ago: 38, resource: "FLOW", type: "UPDATE", user: people.amelie, ip: "198.51.100.61", ua: FIREFOX, strict: true,
    detail: { id: "daily-ledger-sync", namespace: "company.finance", flowId: "daily-ledger-sync", revision: 13 },
    before: flowBefore, after: flowAfter, request: request("PUT", "/api/v1/main/flows/company.finance/daily-ledger-sync", 200, 84, "Z4T") },
  { ago: 50, resource: "EXECUTION", type: "CREATE", user: people.deployer, ip: "203.0.113.9", ua: "kestra-cli/1.2.0", strict: true,
    detail: { id: "6Yb2kQ9vT1mZ", namespace: "company.finance", flowId: "daily-ledger-sync", executionId: "6Yb2kQ9vT1mZ", revision: 13 },
    request: request("POST", "/api/v1/main/executions/company.finance/daily-ledger-sync", 200, 41, "Z4U") },
  { ago: 147, resource: "SECRET", type: "UPDATE", user: people.tomasz, ip: "198.51.100.24", ua: CHROME,
    detail: { id: "SAP_API_TOKEN", namespace: "company.finance", key: "SAP_API_TOKEN" },
    appliedPatch: [{ op: "replace", path: "/value", value: "***" }], revertPatch: [{ op: "replace", path: "/value", value: "***" }] },
  { ago: 277, resource: "EXECUTION", type: "UPDATE", user: people.priya, ip: "198.51.100.8", ua: CHROME, strict: true, impersonatedBy: "j.ortega",
    detail: { id: "2nLx8Wc4Rf7Q", namespace: "company.logistics", flowId: "route-optimisation", executionId: "2nLx8Wc4Rf7Q", revision: 7 },
    before: { state: "RUNNING", labels: [{ key: "team", value: "ops" }] }, after: { state: "KILLED", labels: [{ key: "team", value: "ops" }] },
    request: request("DELETE", "/api/v1/main/executions/2nLx8Wc4Rf7Q/kill", 202, 19, "Z4V") },
  { ago: 452, resource: "FLOW", type: "DELETE", user: people.amelie, ip: "198.51.100.61", ua: FIREFOX, strict: true,
    detail: { id: "tmp-backfill-2025", namespace: "company.sandbox", flowId: "tmp-backfill-2025", revision: 4 },
    before: { id: "tmp-backfill-2025", namespace: "company.sandbox", revision: 4, tasks: [{ id: "fill", type: "io.kestra.plugin.core.log.Log", message: "backfill" }] },
    request: request("DELETE", "/api/v1/main/flows/company.sandbox/tmp-backfill-2025", 204, 33, "Z4W") },
  { ago: 522, resource: "TRIGGER", type: "UPDATE", user: people.terraform, ip: "203.0.113.40", ua: "Terraform/1.12 provider-kestra/0.24",
    detail: { id: "monday-7am", namespace: "company.growth", flowId: "weekly-digest", triggerId: "monday-7am" },
    before: { disabled: true }, after: { disabled: false } },
  { ago: 523, resource: "NAMESPACE", type: "UPDATE", user: people.terraform, ip: "203.0.113.40", ua: "Terraform/1.12 provider-kestra/0.24",
    detail: { id: "company.growth", namespace: "company.growth" }, before: { description: "Growth" }, after: { description: "Growth team" } },
  { ago: 524, resource: "NAMESPACE_FILE", type: "CREATE", user: people.terraform, ip: "203.0.113.40", ua: "Terraform/1.12 provider-kestra/0.24",
    detail: { id: "scripts/render_digest.py", namespace: "company.growth", path: "scripts/render_digest.py" } },
  { ago: 525, resource: "FLOW", type: "UPDATE", user: people.terraform, ip: "203.0.113.40", ua: "Terraform/1.12 provider-kestra/0.24", strict: true,
    detail: { id: "weekly-digest", namespace: "company.growth", flowId: "weekly-digest", revision: 2 }, before: taskBefore, after: taskAfter,
    request: request("PUT", "/api/v1/main/flows/company.growth/weekly-digest", 200, 61, "Z4X") },
  { ago: 674, resource: "KVSTORE", type: "DELETE", user: people.jonas, ip: "198.51.100.77", ua: CHROME,
    detail: { id: "last_watermark", namespace: "company.data", key: "last_watermark" } },
  { ago: 833, resource: "EXECUTION", type: "DELETE", system: true, detail: { id: "4tGh2", namespace: "company.data", flowId: "purge-old", executionId: "4tGh2" } },
  { ago: 900, resource: "FLOW", type: "UPDATE", user: people.jonas, ip: "198.51.100.77", ua: "curl/8.5 \u202egpj.exe", strict: true, result: "FAILURE", status: "422",
    detail: { id: "orders-report", namespace: "company.data", flowId: "orders-report" }, message: "Illegal flow yaml: unknown task type",
    request: request("PUT", "/api/v1/main/flows/company.data/orders-report", 422, 12, "Z4Y") },
  { ago: 960, resource: "USER", type: "LOGIN", user: people.tomasz, ip: "198.51.100.24", ua: CHROME, noTenant: true, detail: { id: "u-tomasz" } },
  { ago: 977, resource: "USER", type: "LOGIN_FAILURE", anonymous: true, ip: "203.0.113.77", ua: "python-requests/2.32", noTenant: true, result: "DENIED", detail: { count: 3 } },
];

const NAMES = ["orders-report", "stock-snapshot", "fx-rates", "weekly-digest", "daily-ledger-sync", "route-optimisation"];
const SPACES = ["company.data", "company.finance", "company.growth", "company.logistics", "company.sandbox"];

// A small generator with a fixed start, so that every run makes the same rows.
function generator(seed) {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

export function history(count, firstAgo) {
  const pick = generator(7);
  const actors = Object.values(people);
  const out = [];
  let ago = firstAgo;
  for (let i = 0; i < count; i += 1) {
    ago += 20 + pick(600);
    const user = actors[pick(actors.length)];
    const flowId = NAMES[pick(NAMES.length)];
    const namespace = SPACES[pick(SPACES.length)];
    const execution = pick(3) > 0;
    const id = `x${(i * 7919).toString(36)}Qm${pick(1296).toString(36)}`;
    const revision = 1 + pick(20);
    out.push({
      ago,
      resource: execution ? "EXECUTION" : "FLOW",
      type: execution ? (pick(4) ? "CREATE" : "UPDATE") : (["UPDATE", "UPDATE", "CREATE", "DELETE"])[pick(4)],
      user,
      ip: `198.51.100.${pick(250)}`,
      ua: user.type === "SERVICE_ACCOUNT" ? "kestra-cli/1.2.0" : FIREFOX,
      detail: execution ? { id, namespace, flowId, executionId: id, revision } : { id: flowId, namespace, flowId, revision },
      before: execution ? undefined : { id: flowId, namespace, revision: revision - 1 },
      after: execution ? undefined : { id: flowId, namespace, revision },
    });
  }
  return out;
}
