# SPDX-License-Identifier: Apache-2.0
"""Recorded traffic of a real Kestra server through the gateway, in pass-through identity."""
import base64
import collections
import json
import pathlib
import re

import pytest

import replay
from harness import Server

RECORDINGS = pathlib.Path(__file__).parent.parent / "data" / "kestra" / "recordings"
FILES = sorted(RECORDINGS.glob("*.jsonl"))

# Changing operations of the contract's «Words», told by path alone: an oracle that is not the classifier.
TENANT = r"(?:/(?!flows|executions|triggers|namespaces|templates|logs|stats|plugins|configs|dashboards|basicAuth" \
         r"|metrics|blueprints|usages|taskruns)[a-z0-9_-]+)?"
READS_BY_POST = re.compile(r"/validate|/graph|/export|/eval|/stats/|/search")
CHANGES = [
    (re.compile(f"^/api/v1{TENANT}/flows(/|$)"), "FLOW"),
    (re.compile(f"^/api/v1{TENANT}/executions(/|$)"), "EXECUTION"),
    (re.compile(f"^/api/v1{TENANT}/triggers(/|$)"), "TRIGGER"),
    (re.compile(f"^/api/v1{TENANT}/namespaces/[^/]+/kv(/|$)"), "KVSTORE"),
    (re.compile(f"^/api/v1{TENANT}/namespaces/[^/]+/files(/|$)"), "NAMESPACE_FILE"),
    (re.compile(f"^/api/v1{TENANT}/templates(/|$)"), "TEMPLATE"),
    (re.compile(f"^/api/v1{TENANT}/logs(/|$)"), "EXECUTION"),
    (re.compile(f"^/api/v1{TENANT}/basicAuth$"), "USER"),
]


def expected_resource(exchange):
    """FLOW, EXECUTION …, None if it is no change, UNKNOWN if the table cannot tell."""
    path = exchange["target"].split("?")[0]
    webhook = re.match(f"^/api/v1{TENANT}/executions/webhook/", path)
    if exchange["method"] in ("GET", "HEAD", "OPTIONS") and not (webhook and exchange["method"] == "GET"):
        return None
    if READS_BY_POST.search(path):
        return None
    for pattern, resource in CHANGES:
        if pattern.match(path):
            return resource
    return "UNKNOWN"


def parts(entry):
    event = json.loads(base64.b64decode(entry["parts"]["event"]["bytes"]))
    raw = base64.b64decode(entry["parts"]["actor"]["bytes"])
    return event, json.loads(raw) if raw else {}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recordings")
    config = folder / "config.yaml"
    config.write_text("gateway:\n  identity: passthrough\n")
    upstream = replay.Upstream()
    with Server(folder / "data", upstream.url, config) as server:
        server.upstream_double = upstream
        server.auditor = "Bearer " + server.token("eyes", "auditor")
        yield server
    upstream.close()


def entries(server, start):
    answer = server.call("GET", f"/api/v1/auditlogs/entries?from={start}&limit=10000", server.auditor)
    return [json.loads(line) for line in answer.body.splitlines()]


def run_one(server, exchange, counts):
    """Drives one exchange and compares; returns why it was not compared, or None."""
    path = exchange["target"].split("?")[0]
    if re.match(r"^/api/v1(/[^/]+)?/auditlogs", path):
        return "answered by daybook"
    if replay.body_of(exchange["req"]) is None:
        return "request body not kept"
    server.upstream_double.expect(exchange)
    if "status" not in exchange:
        status, _, headers, _ = replay.send(server.gateway, exchange)
        assert status in (502, 504) and replay.header(headers, "x-daybook-executed") == "unknown", exchange["target"]
        return "never answered by Kestra"
    status, reason, headers, body = replay.send(server.gateway, exchange)
    where = (exchange["n"], exchange["method"], exchange["target"])
    assert status == exchange["status"], where
    assert reason == (exchange["reason"] or ""), where
    recorded = [tuple(pair) for pair in exchange["resp_headers"]]
    assert replay.end_to_end(headers) == replay.end_to_end(recorded), where
    assert len(server.upstream_double.seen) == 1, where
    check_forwarded(exchange, *server.upstream_double.seen[0])
    stored = replay.body_of(exchange["resp"])
    if stored is None:
        return "answer body not kept"
    if exchange["method"] != "HEAD" and exchange["status"] not in (204, 304):
        assert body == stored, where
    counts["equal"] += 1
    return None


def check_forwarded(exchange, first, headers, body):
    """The upstream saw the same request: method, target byte for byte, end-to-end headers, body."""
    method, target, _ = first.split(" ")
    assert (method, target) == (exchange["method"], exchange["target"])
    sent = [(k, v) for k, v in exchange["req_headers"]
            if k.lower() not in replay.HOP_BY_HOP | {"content-length", "expect", "x-forwarded-for"}]
    got = [(k, v) for k, v in headers if not k.lower().startswith("x-forwarded-")
           and k.lower() not in replay.HOP_BY_HOP | {"content-length"}]
    assert got == [(k, v) for k, v in sent if not k.lower().startswith("x-forwarded-")], exchange["target"]
    assert body == (replay.body_of(exchange["req"]) or b"")


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_recorded_exchanges_pass_unchanged_and_are_recorded(gateway, file):
    counts, reasons, checked = collections.Counter(), collections.Counter(), collections.Counter()
    start = len(entries(gateway, 0))
    for exchange in replay.load(file):
        reason = run_one(gateway, exchange, counts)
        if reason:
            reasons[reason] += 1
        if reason in ("answered by daybook", "request body not kept"):
            continue
        expected = expected_resource(exchange)
        if expected is None:
            continue
        new = [(entry, *parts(entry)) for entry in entries(gateway, start)]
        start += len(new)
        check_recorded(exchange, expected, [n for n in new if n[1]["kind"] in ("attempt", "outcome")], checked)
    print(f"\n{file.stem}: {counts['equal']} equal, not compared: {dict(reasons)}, changes checked: {dict(checked)}")
    assert counts["equal"] > 0 and sum(reasons.values()) <= 30


def check_recorded(exchange, expected, new, checked):
    where = (exchange["n"], exchange["method"], exchange["target"])
    attempts = [event for _, event, _ in new if event["kind"] == "attempt"]
    outcomes = [(event, actor) for _, event, actor in new if event["kind"] == "outcome"]
    assert len(attempts) == 1 and outcomes, where
    checked["changes"] += 1
    for event, actor in outcomes:
        assert event["attemptId"] == attempts[0]["id"], where
        if expected != "UNKNOWN":
            assert event["resource"] == expected, (where, event["resource"])
        wanted = "UNKNOWN" if "status" not in exchange else "SUCCESS" if exchange["status"] < 400 else "FAILURE"
        assert event["result"] == wanted, (where, event)
        check_actor(exchange, event, actor, where)
    if exchange.get("status") == 200 and not event.get("detail", {}).get("bulk"):
        check_detail(exchange, expected, outcomes[0][0]["detail"], where, checked)


def check_actor(exchange, event, actor, where):
    authorization = next((v for k, v in exchange["req_headers"] if k.lower() == "authorization"), "")
    if "/executions/webhook/" in exchange["target"]:
        assert actor.get("userId") == "webhook", where
        return
    if authorization.lower().startswith("basic "):
        try:
            name = base64.b64decode(authorization[6:], validate=True).decode().partition(":")
        except ValueError:
            return
        if name[1] and name[0]:
            assert actor.get("username") == name[0] or exchange.get("status") == 401, where


def check_detail(exchange, resource, detail, where, checked):
    """Where the answer names the object, the entry does too."""
    try:
        headers = [tuple(pair) for pair in exchange["resp_headers"]]
        answer = json.loads(replay.decoded(headers, replay.body_of(exchange["resp"]) or b""))
    except (ValueError, OSError):
        return
    if not isinstance(answer, dict):
        return
    if resource == "FLOW" and {"id", "namespace", "revision"} <= answer.keys():
        assert (detail["flowId"], detail["namespace"], detail["revision"]) == \
            (answer["id"], answer["namespace"], answer["revision"]), where
        checked["flows"] += 1
    if resource == "EXECUTION" and {"id", "namespace", "flowId", "state"} <= answer.keys():
        assert (detail["executionId"], detail["namespace"], detail["flowId"]) == \
            (answer["id"], answer["namespace"], answer["flowId"]), where
        if "flowRevision" in answer:
            assert detail["revision"] == answer["flowRevision"], where
        checked["executions"] += 1
    if resource == "TRIGGER" and {"triggerId", "namespace", "flowId"} <= answer.keys():
        assert (detail["triggerId"], detail["namespace"], detail["flowId"]) == \
            (answer["triggerId"], answer["namespace"], answer["flowId"]), where
        checked["triggers"] += 1


def test_an_unknown_route_is_recorded_and_counted(gateway):
    start = len(entries(gateway, 0))
    gateway.upstream_double.expect({"method": "POST", "status": 200, "reason": "OK", "resp_headers": [],
                                    "resp": {"enc": "text", "body": "{}"}})
    before = unclassified(gateway)
    exchange = {"n": 0, "method": "POST", "target": "/api/v1/main/quantum-entanglements/7/collapse",
                "req_version": "HTTP/1.1", "req_headers": [["Host", "k"]], "req": {"enc": "text", "body": ""}}
    assert replay.send(gateway.gateway, exchange)[0] == 200
    outcome = [parts(e)[0] for e in entries(gateway, start) if parts(e)[0]["kind"] == "outcome"]
    assert len(outcome) == 1 and outcome[0]["resource"] == "UNKNOWN" and outcome[0]["action"] == "CREATE"
    assert outcome[0]["request"]["path"] == "/api/v1/main/quantum-entanglements/7/collapse"
    assert unclassified(gateway) == before + 1


def unclassified(server):
    text = server.call("GET", "/metrics", server.auditor).body.decode()
    found = re.search(r"^daybook_gateway_unclassified_total(?:\{[^}]*\})? ([0-9.e+]+)$", text, re.M)
    return float(found.group(1)) if found else 0.0


# Secrets that must not be found in any file of the data directory.
CANARIES = {name: f"canary-{name}-5f1c9d" for name in
            ("authorization", "cookie", "query", "json", "multipart", "webhook", "kv", "yaml")}


def test_secrets_reach_no_file(gateway):
    basic = base64.b64encode(f"admin@kestra.io:{CANARIES['authorization']}".encode()).decode()
    flow = f"id: hook\nnamespace: a.b\ntriggers:\n  - id: w\n    type: io.kestra.plugin.core.trigger.Webhook\n" \
           f"    key: {CANARIES['yaml']}\ntasks: []\n"
    form = "--x\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n" + CANARIES["multipart"] + "\r\n--x--\r\n"
    shots = [
        ("GET", f"/api/v1/flows/search?token={CANARIES['query']}&q=1", [], ""),
        ("POST", f"/api/v1/main/executions/webhook/a.b/hook/{CANARIES['webhook']}", [["Content-Type", "application/json"]], "{}"),
        ("POST", f"/api/v1/executions/a.b/f?password={CANARIES['query']}", [["Content-Type", "multipart/form-data; boundary=x"]], form),
        ("POST", "/api/v1/basicAuth", [["Content-Type", "application/json"]],
         json.dumps({"username": "a@b.org", "password": CANARIES["json"]})),
        ("POST", "/api/v1/flows", [["Content-Type", "application/x-yaml"]], flow),
        ("PUT", "/api/v1/namespaces/a.b/kv/k", [["Content-Type", "text/plain"]], CANARIES["kv"]),
        ("PUT", "/api/v1/main/no-such-route", [["Content-Type", "application/json"]], json.dumps({"secret": CANARIES["json"]})),
    ]
    for method, target, headers, body in shots:
        echoed = flow if target.endswith("/flows") else body
        gateway.upstream_double.expect({
            "method": method, "status": 200 if "flows" in target else 422, "reason": "OK",
            "resp_headers": [["content-type", "application/json"]],
            "resp": {"enc": "text", "body": json.dumps({"id": "hook", "namespace": "a.b", "revision": 1, "source": echoed,
                                                        "triggers": [{"id": "w", "type": "io.kestra.plugin.core.trigger.Webhook", "key": CANARIES["yaml"]}],
                                                        "message": f"bad {target.rsplit('/', 1)[-1]}",
                                                        "_links": {"self": {"href": target}}})}})
        replay.send(gateway.gateway, {
            "n": 0, "method": method, "target": target, "req_version": "HTTP/1.1",
            "req_headers": [["Host", "k"], ["Authorization", "Basic " + basic],
                            ["Cookie", f"session={CANARIES['cookie']}"], *headers],
            "req": {"enc": "text", "body": body}})
    gateway.call("GET", "/api/v1/main/auditlogs/search", "Bearer " + CANARIES["authorization"])
    gateway.call("POST", "/api/v1/login", None, {"username": CANARIES["json"], "password": CANARIES["authorization"]})
    needles = [value.encode() for value in CANARIES.values()] + [basic.encode()]
    scanned = 0
    for file in pathlib.Path(gateway.data).rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            scanned += len(content)
            found = [needle for needle in needles if needle in content]
            assert not found, (file, found)
    assert scanned > 10_000
