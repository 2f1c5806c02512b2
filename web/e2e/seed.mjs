// SPDX-License-Identifier: Apache-2.0
// Six events of one run, told apart by `detail.run`, so that counts hold on a ledger that has others.
import { flowAfter, flowBefore } from "../dev/seed.mjs";
import { base, password, user } from "./lib.mjs";

export function wipeMark() {
  return `run-${Date.now().toString(36)}`;
}

function events(mark) {
  const person = { id: "e2e-person", username: "e2e.person", name: "Eda Twoee", email: "e2e.person@example.com", type: "STANDARD" };
  const deployer = { id: "e2e-deployer", username: "e2e.deployer", type: "SERVICE_ACCOUNT" };
  const at = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();
  const flow = { id: "e2e-ledger-sync", namespace: "web.e2e.finance", flowId: "e2e-ledger-sync", run: mark };
  const request = (method, path, status) => ({ method, path, status, durationMs: 84, requestId: `${mark}-${status}` });
  const common = { ipAddress: "198.51.100.61", userAgent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 14.7; rv:145.0) Gecko/20100101 Firefox/145.0" };
  return [
    { ...common, type: "CREATE", resource: "FLOW", date: at(600), user: person, detail: { ...flow, revision: 1 }, after: flowBefore, request: request("POST", "/api/v1/main/flows", 200) },
    { ...common, type: "UPDATE", resource: "FLOW", date: at(500), user: person, detail: { ...flow, revision: 2 }, before: flowBefore, after: flowAfter, request: request("PUT", "/api/v1/main/flows/web.e2e.finance/e2e-ledger-sync", 200) },
    { ...common, type: "CREATE", resource: "EXECUTION", date: at(400), user: deployer, userAgent: "kestra-cli/1.2.0", detail: { id: `x-${mark}`, namespace: flow.namespace, flowId: flow.flowId, executionId: `x-${mark}`, revision: 2, run: mark } },
    { ...common, type: "UPDATE", resource: "EXECUTION", date: at(300), user: deployer, userAgent: "evil \u202eagent\u200b", detail: { id: `x-${mark}`, namespace: flow.namespace, flowId: flow.flowId, executionId: `x-${mark}`, revision: 2, run: mark }, before: { state: "RUNNING" }, after: { state: "KILLED" } },
    { ...common, type: "UPDATE", resource: "FLOW", date: at(200), user: person, detail: { ...flow, revision: 3 }, before: { id: flow.id, disabled: false }, after: { id: flow.id, disabled: true, labels: { team: "ledger" } }, result: "FAILURE", status: "422", message: "Illegal flow" },
    { ...common, type: "DELETE", resource: "FLOW", date: at(100), user: person, detail: { ...flow, revision: 3 }, before: flowAfter },
  ];
}

export async function seed(mark) {
  const response = await fetch(`${base}/api/v1/main/auditlogs`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` },
    body: JSON.stringify(events(mark)),
  });
  if (response.status !== 201) throw new Error(`seeding: ${response.status} ${await response.text()}`);
}
