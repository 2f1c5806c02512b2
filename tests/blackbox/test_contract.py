# SPDX-License-Identifier: Apache-2.0
"""serve → token → ingest → search → export → proof, as an outside checker would do it."""
import copy
import csv
import io
import json

import pytest

import harness
import proof

EVENTS = [
    {
        "type": "UPDATE", "resource": "FLOW", "id": f"bb-{n}",
        "date": f"2026-11-20T10:00:{n:02d}.5+01:00",
        "detail": {"id": "hello", "namespace": "company.team", "flowId": "hello", "revision": n + 1},
        "user": {"id": "u1", "username": "jane.doe", "email": "jane@example.org"},
        "ipAddress": "10.0.0.7",
        "before": {"id": "hello", "description": "a"}, "after": {"id": "hello", "description": f"b{n}"},
    }
    for n in range(20)
]


@pytest.fixture(scope="module")
def tokens(server):
    return {"writer": server.token("ci", "writer"), "auditor": server.token("eyes", "auditor")}


@pytest.fixture(scope="module")
def receipts(server, tokens):
    answer = server.call("POST", "/api/v1/main/auditlogs", "Bearer " + tokens["writer"], EVENTS)
    assert answer.status == 201, answer.body
    receipt = answer.json()
    assert receipt["count"] == receipt["created"] == 20
    assert [r["id"] for r in receipt["results"]] == [e["id"] for e in EVENTS]
    indexes = [r["index"] for r in receipt["results"]]
    assert indexes == list(range(receipt["firstIndex"], receipt["firstIndex"] + 20))
    assert receipt["treeSize"] > indexes[-1]
    assert not any(r["duplicate"] for r in receipt["results"])
    return receipt["results"]


def as_auditor(server, tokens, target, method="GET", **more):
    return server.call(method, target, "Bearer " + tokens["auditor"], **more)


def test_health(server):
    health = server.call("GET", "/health").json()
    assert health["status"] == "ok" and health["version"]


def test_a_repeat_gives_the_first_receipt_and_other_content_conflicts(server, tokens, receipts):
    auth = "Bearer " + tokens["writer"]
    again = server.call("POST", "/api/v1/main/auditlogs", auth, EVENTS)
    assert again.status == 200 and again.json()["created"] == 0
    assert [(r["index"], r["leafHash"]) for r in again.json()["results"]] == \
        [(r["index"], r["leafHash"]) for r in receipts]
    changed = copy.deepcopy(EVENTS)
    changed[2]["detail"]["revision"] = 99
    refused = server.call("POST", "/api/v1/main/auditlogs", auth, changed)
    assert refused.status == 409 and "bb-2" in refused.json()["message"]
    assert refused.json()["_embedded"]["errors"][0]["path"] == "/2/id"


def test_search_finds_what_was_acknowledged(server, tokens, receipts):
    found = as_auditor(server, tokens, "/api/v1/main/auditlogs/search?size=50&expand=daybook&flowId=hello").json()
    assert found["total"] == 20 and len(found["results"]) == 20
    by_id = {row["auditLog"]["id"]: row for row in found["results"]}
    for event, receipt in zip(EVENTS, receipts):
        row = by_id[event["id"]]
        assert row["auditLog"]["type"] == "UPDATE"
        assert row["auditLog"]["detail"]["resource"] == "FLOW"
        assert row["auditLog"]["detail"]["revision"] == event["detail"]["revision"]
        assert row["auditLog"]["date"] == event["date"].replace("10:", "09:", 1).replace(".5+01:00", ".500Z")
        assert row["user"]["username"] == "jane.doe"
        assert row["auditLog"]["appliedPatch"] == \
            [{"op": "replace", "path": "/description", "value": event["after"]["description"]}]
        assert row["daybook"]["index"] == receipt["index"]
        assert row["daybook"]["leafHash"] == receipt["leafHash"]
        assert row["daybook"]["submitter"]["username"] == "ci"
    dates = [row["auditLog"]["date"] for row in found["results"]]
    assert dates == sorted(dates, reverse=True)


@pytest.mark.parametrize("filters,total", [
    ("namespace=company", 20), ("namespace=comp", 0), ("filters[namespace][PREFIX]=company", 20),
    ("filters[flowId][EQUALS]=hello&type=UPDATE", 20), ("filters[flowId][IN]=hello,x&userId=u1", 20),
    ("type=DELETE", 0), ("userId=nobody", 0), ("resources=FLOW&resources=EXECUTION", 20),
    ("startDate=2026-11-20T09:00:10Z&endDate=2026-11-20T09:00:12.500Z", 3),
    ("filters[id][EQUALS]=bb-7", 1),
])
def test_filters(server, tokens, receipts, filters, total):
    answer = as_auditor(server, tokens, "/api/v1/main/auditlogs/search?" + filters)
    assert answer.status == 200, answer.body
    assert answer.json()["total"] == total


@pytest.mark.parametrize("bad,path", [
    ("nonsense=1", "nonsense"), ("filters[nonsense][EQUALS]=1", "filters[nonsense][EQUALS]"),
    ("filters[namespace][LIKE]=1", "filters[namespace][LIKE]"), ("size=1001", "size"), ("page=0", "page"),
    ("startDate=yesterday", "startDate"), ("sort=nonsense:asc", "sort"), ("treeSize=999999", "treeSize"),
])
def test_bad_parameters_are_named(server, tokens, bad, path):
    answer = as_auditor(server, tokens, "/api/v1/main/auditlogs/search?" + bad)
    assert answer.status == 422, answer.body
    assert answer.json()["_embedded"]["errors"][0]["path"] == path


def test_pages_are_pinned_and_complete(server, tokens, receipts):
    size = as_auditor(server, tokens, "/api/v1/main/auditlogs/search?size=1").json()["treeSize"]
    seen = []
    for page in range(1, 8):
        rows = as_auditor(server, tokens, f"/api/v1/main/auditlogs/search?size=3&page={page}&treeSize={size}").json()
        seen += [row["auditLog"]["id"] for row in rows["results"]]
    assert len(seen) == len(set(seen)) == 20
    keyset, before = [], size
    while before is not None:
        page = as_auditor(server, tokens, f"/api/v1/main/auditlogs/search?size=7&before={before}&expand=daybook").json()
        keyset += [row["daybook"]["index"] for row in page["results"]]
        before = page["next"]
    assert keyset == [r["index"] for r in reversed(receipts)]


def test_export_is_complete_and_rfc_4180(server, tokens, receipts):
    answer = as_auditor(server, tokens, "/api/v1/main/auditlogs/export?flowId=hello")
    assert answer.status == 200 and answer.header("Content-Type").startswith("text/csv")
    assert int(answer.header("X-Daybook-Tree-Size")) > receipts[-1]["index"]
    text = answer.body.decode()
    assert "\r\n" in text
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["id"] for row in rows] == [e["id"] for e in reversed(EVENTS)]
    assert list(rows[0]) == ("id,tenantId,date,resource,type,userId,username,userType,ipAddress,impersonatedBy,"
                             "namespace,flowId,executionId,revision,detail").split(",")
    assert json.loads(rows[0]["detail"])["revision"] == 20


def fetch_proof(server, tokens, entry_id):
    answer = as_auditor(server, tokens, f"/api/v1/main/auditlogs/{entry_id}/proof?format=json")
    assert answer.status == 200, answer.body
    return answer.json()


def test_every_entry_proves_itself(server, tokens, receipts):
    vkey = server.call("GET", "/tlog/key").body.decode().splitlines()[0]
    for event, receipt in zip(EVENTS, receipts):
        document = fetch_proof(server, tokens, event["id"])
        assert (document["index"], document["leafHash"]) == (receipt["index"], receipt["leafHash"])
        shown = proof.check(document, vkey)
        assert shown["event"]["detail"] == event["detail"]
        assert shown["event"]["kind"] == "event" and shown["event"]["v"] == 1
        assert shown["actor"]["username"] == "jane.doe"
        assert shown["change"]["after"] == event["after"]


def strings_in(value, path=()):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from strings_in(item, path + (key,))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from strings_in(item, path + (at,))
    else:
        yield path, value


def replaced(document, path, value):
    changed = copy.deepcopy(document)
    target = changed
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return changed


def test_any_changed_byte_of_a_proof_is_refused(server, tokens, receipts):
    vkey = server.call("GET", "/tlog/key").body.decode().splitlines()[0]
    document = fetch_proof(server, tokens, "bb-3")
    proof.check(document, vkey)
    tried = 0
    for path, value in strings_in(document):
        if isinstance(value, int):
            changes = [value + 1]
        else:
            changes = [value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1:] for at in range(len(value))]
        for change in changes:
            tried += 1
            with pytest.raises(proof.Refused):
                proof.check(replaced(document, path, change), vkey)
                print("accepted after a change at", path, change)
    assert tried > 1000


def test_tlog_proof_text_and_checkpoint(server, tokens, receipts):
    answer = as_auditor(server, tokens, "/api/v1/main/auditlogs/bb-3/proof")
    lines = answer.body.decode().split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1" and lines[1] == f"index {receipts[3]['index']}"
    vkey = server.call("GET", "/tlog/key").body.decode().splitlines()[0]
    note = answer.body.decode().split("\n\n", 1)[1]
    origin, size, root = proof.open_checkpoint(note, [vkey])
    published = server.call("GET", "/tlog/checkpoint").body.decode()
    assert proof.open_checkpoint(published, [vkey])[1] >= size > receipts[3]["index"]


def test_entries_show_every_kind_in_order(server, tokens, receipts):
    answer = as_auditor(server, tokens, "/api/v1/auditlogs/entries?from=0&limit=1000")
    lines = [json.loads(line) for line in answer.body.decode().splitlines()]
    assert [line["index"] for line in lines] == list(range(len(lines)))
    assert {r["id"] for r in receipts} <= {line["id"] for line in lines}


def test_who_may_do_what(server, tokens):
    assert server.call("GET", "/api/v1/main/auditlogs/search").status == 401
    challenge = server.call("GET", "/api/v1/main/auditlogs/search").header("WWW-Authenticate")
    assert challenge == 'Basic realm="daybook", Bearer'
    assert server.call("GET", "/api/v1/main/auditlogs/search", "Bearer nonsense").status == 401
    assert server.call("GET", "/health", "Bearer nonsense").status == 401
    writer = "Bearer " + tokens["writer"]
    assert server.call("GET", "/api/v1/main/auditlogs/search", writer).status == 403
    auditor = "Bearer " + tokens["auditor"]
    assert server.call("POST", "/api/v1/main/auditlogs", auditor, EVENTS[0]).status == 403
    assert server.call("GET", "/api/v1/main/auditlogs/search", harness.basic("eyes", tokens["auditor"])).status in (200, 401)
    viewer = "Bearer " + server.token("peek", "viewer", "main")
    assert server.call("GET", "/api/v1/main/auditlogs/search", viewer).status == 200
    assert server.call("GET", "/api/v1/other/auditlogs/search", viewer).status == 403
    assert server.call("GET", "/api/v1/auditlogs/search", viewer).status == 403
    assert as_auditor(server, tokens, "/api/v1/unheard-of/auditlogs/search").status == 404


@pytest.mark.parametrize("method,target,status", [
    ("DELETE", "/api/v1/main/auditlogs/search", 405), ("PUT", "/api/v1/main/auditlogs", 405),
    ("POST", "/api/v1/auditlogs", 405), ("POST", "/tlog/checkpoint", 405), ("GET", "/tlog/tile/00/000", 404),
    ("GET", "/nothing", 404), ("HEAD", "/tlog/checkpoint", 200),
])
def test_methods_and_paths(server, tokens, method, target, status):
    answer = as_auditor(server, tokens, target, method=method)
    assert answer.status == status
    if status == 405:
        assert answer.header("Allow") is not None


@pytest.mark.parametrize("body,path,status", [
    ({"resource": "FLOW"}, "/type", 422), ({"type": "CREATE"}, "/resource", 422),
    ({"type": "C", "resource": "R", "user": {"id": "x", "idd": 1}}, "/user/idd", 422),
    ({"type": "C", "resource": "R", "date": "2026-02-30T00:00:00Z"}, "/date", 422),
    ({"type": "C", "resource": "R", "id": ".."}, "/id", 422), ({"type": "C", "resource": "R", "id": "search"}, "/id", 422),
    ({"type": "C\n", "resource": "R"}, "/type", 422), ({"type": "C", "resource": "R", "detail": []}, "/detail", 422),
    ({"type": "C", "resource": "R", "before": 1, "appliedPatch": []}, None, 422), ([], None, 422),
    ({"type": "C", "resource": "R", "result": "MAYBE"}, "/result", 422),
    ([{"type": "C", "resource": "R"}, {"type": "C"}], "/1/resource", 422),
    ('{"type":"C","type":"D","resource":"R"}', None, 422), ('{"type":"C","resource":"R","detail":{"n":9007199254740993}}', None, 422),
    ("{", None, 422), ("", None, 422),
])
def test_bad_events_name_the_field_and_store_nothing(server, tokens, body, path, status):
    writer = "Bearer " + tokens["writer"]
    before = server.call("GET", "/api/v1/main/auditlogs/search?size=1", "Bearer " + tokens["auditor"]).json()["total"]
    headers = {"Content-Type": "application/json"}
    text = body if isinstance(body, str) else json.dumps(body)
    answer = server.call("POST", "/api/v1/main/auditlogs", writer, text, headers)
    assert answer.status == status, answer.body
    document = answer.json()
    assert document["message"] and document["count"] == 0 and document["created"] == 0
    if path:
        assert document["_embedded"]["errors"][0]["path"] == path
    after = server.call("GET", "/api/v1/main/auditlogs/search?size=1", "Bearer " + tokens["auditor"]).json()["total"]
    assert before == after


def test_ndjson_stops_at_the_first_bad_line(server, tokens):
    good = [json.dumps({"type": "READ", "resource": "FLOW", "id": f"nd-{n}"}) for n in range(5)]
    body = "\n".join(good[:3] + [""] + ['{"type":"READ"}'] + good[3:])
    answer = server.call("POST", "/api/v1/lines/auditlogs", "Bearer " + tokens["writer"], body,
                         {"Content-Type": "application/x-ndjson"})
    assert answer.status == 422, answer.body
    assert answer.json()["count"] == 3 and answer.json()["line"] == 5
    found = as_auditor(server, tokens, "/api/v1/lines/auditlogs/search").json()
    assert found["total"] == 3
    answer = server.call("POST", "/api/v1/lines/auditlogs?receipts=true", "Bearer " + tokens["writer"],
                         "\n".join(good), {"Content-Type": "application/x-ndjson"})
    assert answer.status == 201 and answer.json()["count"] == 5 and answer.json()["created"] == 2
    assert [r["duplicate"] for r in answer.json()["results"]] == [True, True, True, False, False]
    assert server.call("POST", "/api/v1/lines/auditlogs", "Bearer " + tokens["writer"], "x",
                       {"Content-Type": "text/plain"}).status == 415


def test_serve_with_a_senseless_listener_makes_no_directory(tmp_path):
    for words in (["--listen", "nonsense"], ["--gateway", "nonsense", "--upstream", "http://127.0.0.1:9"]):
        data = tmp_path / "data"
        harness.run([harness.DAYBOOK, "serve", "--data", str(data), *words], expect=2)
        assert not data.exists()
