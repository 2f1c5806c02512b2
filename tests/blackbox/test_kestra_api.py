# SPDX-License-Identifier: Apache-2.0
"""Kestra's eight audit-log operations, field by field: contract section 5, Kestra API section 4."""
import csv
import io
import json
import re
import urllib.parse

import pytest

import harness

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
MAIL = re.compile(r"^$|^[a-zA-Z0-9_!#$%&’*+/=?`{|}~^.-]+@[a-zA-Z0-9.-]+$")  # kestrapy's model
OLD, NEW = "id: hello\ndescription: \"old\"\n", "id: hello\ndescription: \"new\"\n"

EVENTS = [
    {"id": "k-create", "type": "CREATE", "resource": "FLOW", "date": "2026-11-20T10:00:00Z",
     "detail": {"id": "hello", "namespace": "company.team", "flowId": "hello", "revision": 1},
     "user": {"id": "u1", "username": "jane", "email": "jane@example.org", "name": "Jane Doe"},
     "ipAddress": "10.0.0.7", "after": OLD},
    {"id": "k-update", "type": "UPDATE", "resource": "FLOW", "date": "2026-11-20T10:00:01.5+01:00",
     "detail": {"id": "hello", "namespace": "company.team", "flowId": "hello", "revision": 2,
                "type": "io.kestra.core.models.flows.Flow"},
     "user": {"id": "u1"}, "before": OLD, "after": NEW},
    {"id": "k-delete", "type": "DELETE", "resource": "FLOW", "date": "2026-11-20T10:00:02Z",
     "detail": {"id": "hello", "namespace": "company.team", "flowId": "hello", "revision": 3},
     "user": {"id": "bot", "type": "SERVICE_ACCOUNT", "email": "not a mail"}, "before": NEW},
    {"id": "k-json", "type": "UPDATE", "resource": "TRIGGER", "date": "2026-11-20T10:00:03Z",
     "detail": {"id": "t 1/ä", "namespace": "company.team.sub", "flowId": "other", "triggerId": "t"},
     "user": {"id": "u2", "username": "joe"}, "impersonatedBy": "u1",
     "before": {"z": 1, "a": {"y": [1, 2.50]}}, "after": {"z": 2, "a": {"y": [1, 2.50]}}},
    {"id": "k-system", "type": "UPDATE", "resource": "TENANT", "date": "2026-11-20T10:00:04Z",
     "user": {"type": "SYSTEM"}},
    {"id": "k-patch", "type": "UPDATE", "resource": "DASHBOARD", "date": "2026-11-20T10:00:05Z",
     "detail": {"id": "d1", "dotted.key": "x y", "flag": True, "nested": {"b": 1, "a": [0]}}, "user": {"id": "u2"},
     "appliedPatch": [{"op": "add", "path": "/a", "value": 1}],
     "revertPatch": [{"op": "remove", "path": "/a"}]},
    {"id": "k-novel", "type": "PROMOTE", "resource": "CASE_TEMPLATE v2", "date": "2026-11-20T10:00:06Z",
     "detail": {"id": "d1", "username": "jane"}, "user": {"id": "u2"}},
]


@pytest.fixture(scope="module")
def tokens(server):
    return {"writer": server.token("ci", "writer"), "auditor": server.token("eyes", "auditor"),
            "viewer": server.token("peek", "viewer", "main")}


@pytest.fixture(scope="module")
def stored(server, tokens):
    answer = server.call("POST", "/api/v1/main/auditlogs", "Bearer " + tokens["writer"], EVENTS)
    assert answer.status == 201, answer.body
    answer = server.call("POST", "/api/v1/other/auditlogs", "Bearer " + tokens["writer"],
                         [{"id": "k-create", "type": "CREATE", "resource": "FLOW", "after": "elsewhere"}])
    assert answer.status == 201, answer.body
    return EVENTS


def get(server, tokens, target, status=200, who="auditor", method="GET"):
    answer = server.call(method, target, "Bearer " + tokens[who])
    assert answer.status == status, (target, answer.status, answer.body)
    return answer.json() if answer.body else None


def search(server, tokens, filters="", tenant="main"):
    return get(server, tokens, f"/api/v1/{tenant}/auditlogs/search?size=100&{filters}")


def found(server, tokens, filters):
    return {row["auditLog"]["id"] for row in search(server, tokens, filters)["results"]}


def ids(*suffixes):
    return {"k-" + suffix for suffix in suffixes}


def check_error(document, path=None):
    assert isinstance(document["message"], str) and document["message"]
    assert document["_links"]["self"]["templated"] is False
    assert document["_links"]["self"]["href"].startswith("/api/v1/")
    first = document["_embedded"]["errors"][0]
    assert isinstance(first["message"], str) and isinstance(first["path"], str)
    if path is not None:
        assert first["path"] == path


def check_row(row):
    """What every client's model asks of a row."""
    assert set(row) <= {"auditLog", "user", "daybook"}
    log = row["auditLog"]
    for name in ("id", "type", "date", "userId"):
        assert isinstance(log[name], str) and log[name], name
    assert TIME.match(log["date"])
    for name in ("tenantId", "ipAddress", "impersonatedBy"):
        assert isinstance(log.get(name, ""), str), name
    detail = log["detail"]
    assert isinstance(detail["type"], str) and detail["resource"] == detail["resourceType"]
    for name in ("appliedPatch", "revertPatch"):
        assert all(isinstance(step, dict) for step in log.get(name, []))
    if "user" in row:
        user = row["user"]
        assert user["type"] in ("STANDARD", "SERVICE_ACCOUNT") and user["id"] == log["userId"]
        assert isinstance(user["username"], str) and user["username"] and MAIL.match(user["email"])
        assert isinstance(user["superAdmin"], bool) and isinstance(user["instanceOwner"], bool)
        for name in ("groupList", "groups", "providers", "auths"):
            assert isinstance(user[name], list)


# 4.1 search

def test_rows_are_what_was_ingested(server, tokens, stored):
    page = search(server, tokens)
    assert set(page) == {"results", "total", "treeSize"} and page["total"] == len(stored)
    rows = {row["auditLog"]["id"]: row for row in page["results"]}
    for event in stored:
        row = rows[event["id"]]
        check_row(row)
        log, detail = row["auditLog"], dict(row["auditLog"]["detail"])
        assert log["tenantId"] == "main" and log["type"] == event["type"]
        assert (detail.pop("resource"), detail.pop("resourceType")) == (event["resource"],) * 2
        assert detail.pop("type") == event.get("detail", {}).get("type", event["resource"])
        sent = {key: value for key, value in event.get("detail", {}).items() if key != "type"}
        assert detail == sent
        assert log.get("ipAddress") == event.get("ipAddress") or "ipAddress" not in event
        assert log.get("impersonatedBy") == event.get("impersonatedBy")
        if event["user"].get("type") == "SYSTEM":
            assert "user" not in row and log["userId"] == "system"
        else:
            user = event["user"]
            assert row["user"]["id"] == user["id"] == log["userId"]
            assert row["user"]["username"] == user.get("username", user["id"])
            assert row["user"]["type"] == user.get("type", "STANDARD")
    assert rows["k-update"]["auditLog"]["date"] == "2026-11-20T09:00:01.500Z"
    assert rows["k-create"]["user"]["email"] == "jane@example.org" and rows["k-create"]["user"]["name"] == "Jane Doe"
    assert rows["k-delete"]["user"]["email"] == ""
    assert rows["k-patch"]["auditLog"]["appliedPatch"] == stored[5]["appliedPatch"]
    assert rows["k-json"]["auditLog"]["appliedPatch"] == [{"op": "replace", "path": "/z", "value": 2}]
    assert rows["k-json"]["auditLog"]["revertPatch"] == [{"op": "replace", "path": "/z", "value": 1}]


def test_defaults_and_bounds_of_pages(server, tokens, stored):
    page = get(server, tokens, "/api/v1/main/auditlogs/search")
    dates = [row["auditLog"]["date"] for row in page["results"]]
    assert dates == sorted(dates, reverse=True) and len(dates) == len(stored)
    assert len(get(server, tokens, "/api/v1/main/auditlogs/search?size=3&page=3")["results"]) == 1
    empty = get(server, tokens, "/api/v1/main/auditlogs/search?page=99")
    assert empty["results"] == [] and empty["total"] == len(stored)
    for bad in ("size=0", "size=1001", "size=x", "size=", "page=0", "page=-1", "page=1.5", "sort=date",
                "sort=nonsense:asc", "expand=x", "before=1&after=1", "before=1&page=1", "after=1&sort=date:asc",
                "treeSize=-1", "startDate=x", "size=3&size=4"):
        name = bad.split("&")[0].split("=")[0]
        document = get(server, tokens, "/api/v1/main/auditlogs/search?" + bad, 422)
        check_error(document)
        assert document["_embedded"]["errors"][0]["path"] in (name, bad.split("&")[-1].split("=")[0]), bad
    assert get(server, tokens, "/api/v1/main/auditlogs/search?size=1000")["total"] == len(stored)


@pytest.mark.parametrize("sort", [
    "sort=userId:asc&sort=date:desc", "sort=userId:asc,date:desc", "sort=userId%3Aasc%2Cdate%3Adesc",
    "sort=userId:asc&sort=date:anything"])
def test_both_spellings_of_sort(server, tokens, stored, sort):
    rows = search(server, tokens, sort)["results"]
    got = [(row["auditLog"]["userId"], row["auditLog"]["date"]) for row in rows]
    by_date = sorted(got, key=lambda pair: pair[1], reverse=True)
    assert got == sorted(by_date, key=lambda pair: pair[0])


@pytest.mark.parametrize("field,key", [
    ("id", lambda log: log["id"]), ("type", lambda log: log["type"]),
    ("resource", lambda log: log["detail"]["resource"]), ("detail.resource", lambda log: log["detail"]["resource"]),
    ("date", lambda log: log["date"])])
def test_sort_fields(server, tokens, stored, field, key):
    up = [key(row["auditLog"]) for row in search(server, tokens, f"sort={field}:asc")["results"]]
    down = [key(row["auditLog"]) for row in search(server, tokens, f"sort={field}:desc")["results"]]
    assert up == sorted(up) and down == up[::-1]


@pytest.mark.parametrize("filters,expected", [
    ("resources=FLOW&resources=TRIGGER", ids("create", "update", "delete", "json")),
    ("resources=FLOW,TRIGGER", ids("create", "update", "delete", "json")),
    ("resources=FLOW%2CTRIGGER", ids("create", "update", "delete", "json")),
    ("resource=TENANT", ids("system")), ("permission=TENANT", ids("system")),
    ("resources=CASE_TEMPLATE+v2", ids("novel")), ("type=PROMOTE", ids("novel")),
    ("type=CREATE&type=DELETE", ids("create", "delete")), ("type=CREATE,DELETE", ids("create", "delete")),
    ("details=" + urllib.parse.quote('{"flowId":"hello","revision":"2"}'), ids("update")),
    ("details=" + urllib.parse.quote('{"flowId":"hello","revision":2}'), ids("update")),
    ("details[flowId]=hello&details[revision]=2", ids("update")),
    ("details%5BflowId%5D=hello&details%5Brevision%5D=2", ids("update")),
    ("details=flowId,hello,revision,2", ids("update")), ("details=flowId,hello", ids("create", "update", "delete")),
    ("details=revision:3", ids("delete")), ("details=flowId:hello&details=revision:3", ids("delete")),
    ("filters[details][EQUALS][flowId]=hello&filters[details][EQUALS][revision]=2", ids("update")),
    ("filters%5Bdetails%5D%5BEQUALS%5D%5BflowId%5D=hello&filters%5Bdetails%5D%5BEQUALS%5D%5Brevision%5D=2", ids("update")),
    ("filters[details][EQUALS]=revision:2", ids("update")), ("filters[details][IN][revision]=2,3", ids("update", "delete")),
    ("filters[details][EQUALS][dotted.key]=x+y", ids("patch")), ("filters[details][EQUALS][flag]=true", ids("patch")),
    ("filters[details][EQUALS][nested]=" + urllib.parse.quote('{"a":[0],"b":1}'), ids("patch")),
    ("namespace=company.team", ids("create", "update", "delete", "json")), ("namespace=company.te", set()),
    ("filters[namespace][EQUALS]=company.team", ids("create", "update", "delete")),
    ("filters[namespace][NOT_EQUALS]=company.team", ids("json", "system", "patch", "novel")),
    ("filters[flowId][NOT_IN]=hello,x", ids("json", "system", "patch", "novel")),
    ("filters[namespace][PREFIX]=company&type=UPDATE&resources=TRIGGER", ids("json")),
    ("flowId=hello&filters[type][IN]=UPDATE,CREATE", ids("create", "update")),
    ("userId=system", ids("system")), ("filters[username][STARTS_WITH]=j", ids("create", "json")),
    ("id=k-json", ids("json")), ("id=K-JSON", set()), ("filters[action][EQUALS]=DELETE", ids("delete")),
    ("startDate=2026-11-20T10:00:03Z&endDate=2026-11-20T10:00:05Z", ids("json", "system", "patch")),
    ("filters[startDate][EQUALS]=2026-11-20T10:00:05%2B00:00", ids("patch", "novel")),
    ("filters[startDate][GREATER_THAN]=2026-11-20T10:00:05%2B00:00", ids("novel")),
    ("q=casetemplate", set()), ("q=case+TEMPLATE", ids("novel")), ("filters[q][EQUALS]=t%C3%A4", set()),
    ("q=jane", ids("create", "novel")), ("filters[q][NOT_EQUALS]=hello", ids("json", "system", "patch", "novel")),
    ("filters[actorKind][EQUALS]=SERVICE_ACCOUNT", ids("delete")),
])
def test_filters_of_both_forms(server, tokens, stored, filters, expected):
    assert found(server, tokens, filters) == expected
    for who in ("auditor",):
        text = server.call("GET", "/api/v1/main/auditlogs/export?" + filters, "Bearer " + tokens[who]).body.decode()
        assert {row["id"] for row in csv.DictReader(io.StringIO(text, newline=""))} == expected


@pytest.mark.parametrize("bad", [
    "filters[scope][EQUALS]=USER", "filters[labels][EQUALS][a]=b", "filters[flowId][LIKE]=x",
    "filters[startDate][IN]=2026-11-20T10:00:03Z", "filters[flowId][EQUALS][key]=x", "filters[]=x", "filters=x",
    "filters[details][EQUALS]=novalue", "details=%7B", "details=[]", "unknown=1", "result=MAYBE",
    "filters[timeRange][EQUALS]=yesterday", "filters[kind][CONTAINS]=e"])
def test_what_is_not_supported_is_named(server, tokens, stored, bad):
    for operation in ("search", "export"):
        document = get(server, tokens, f"/api/v1/main/auditlogs/{operation}?{bad}", 422)
        check_error(document, urllib.parse.unquote(bad.rsplit("=", 1)[0]))


def test_all_tenants(server, tokens, stored):
    rows = get(server, tokens, "/api/v1/auditlogs/search?size=100&id=k-create")["results"]
    assert sorted(row["auditLog"]["tenantId"] for row in rows) == ["main", "other"]
    text = server.call("GET", "/api/v1/auditlogs/export?id=k-create", "Bearer " + tokens["auditor"]).body.decode()
    assert sorted(row["tenantId"] for row in csv.DictReader(io.StringIO(text, newline=""))) == ["main", "other"]
    for target in ("search", "export", "k-create/diff", "entries"):
        check_error(get(server, tokens, "/api/v1/auditlogs/" + target, 403, "viewer"))
    check_error(get(server, tokens, "/api/v1/auditlogs/k-create/diff", 404))
    check_error(get(server, tokens, "/api/v1/auditlogs/k-create", 404))


# 4.2 export

def test_csv_export(server, tokens, stored):
    answer = server.call("GET", "/api/v1/main/auditlogs/export", "Bearer " + tokens["auditor"],
                         headers={"Accept": "text/csv"})
    assert answer.header("Content-Type").startswith("text/csv") and answer.header("Transfer-Encoding") == "chunked"
    assert answer.body.count(b"\r\n") == answer.body.count(b"\n") == len(stored) + 1
    rows = list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))
    assert [row["id"] for row in rows] == [event["id"] for event in reversed(stored)]
    by_id = {row["auditLog"]["id"]: row for row in search(server, tokens)["results"]}
    for row in rows:
        shown = by_id[row["id"]]
        log, user = shown["auditLog"], shown.get("user", {})
        assert json.loads(row["detail"]) == log["detail"]
        assert row["detail"] == json.dumps(log["detail"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        expected = {"tenantId": log["tenantId"], "date": log["date"], "resource": log["detail"]["resource"],
                    "type": log["type"], "userId": log["userId"], "username": user.get("username", ""),
                    "userType": user.get("type", ""), "ipAddress": log.get("ipAddress", ""),
                    "impersonatedBy": log.get("impersonatedBy", "")}
        expected |= {key: str(log["detail"].get(key, "")) for key in ("namespace", "flowId", "executionId", "revision")}
        assert {key: row[key] for key in expected} == expected


# 4.3 find

def find(server, tokens, body, status=200, who="auditor"):
    answer = server.call("POST", "/api/v1/main/auditlogs/find", "Bearer " + tokens[who], body)
    assert answer.status == status, answer.body
    return answer.json()


def test_find_answers_both_contracts(server, tokens, stored):
    answer = find(server, tokens, {"resource": "FLOW"})
    assert set(answer) == {"auditLog", "user", "results", "total"} and answer["total"] == 3
    assert [row["auditLog"]["id"] for row in answer["results"]] == ["k-delete", "k-create", "k-update"]
    assert {"auditLog": answer["auditLog"], "user": answer["user"]} == answer["results"][0]
    for row in answer["results"]:
        check_row(row)
    system = find(server, tokens, {"resource": "TENANT"})
    assert set(system) == {"auditLog", "results", "total"}
    assert find(server, tokens, {"resource": "NOTHING"}) == {"results": [], "total": 0}
    assert find(server, tokens, {})["total"] == len(stored)
    assert find(server, tokens, {"permission": "TRIGGER"})["total"] == 1
    assert find(server, tokens, {"resource": "FLOW", "type": None, "detail": None})["total"] == 3
    assert find(server, tokens, {"resource": "FLOW", "type": "UPDATE"})["auditLog"]["id"] == "k-update"
    assert find(server, tokens, {"detail": {"flowId": "hello", "revision": 2}})["auditLog"]["id"] == "k-update"
    assert find(server, tokens, {"detail": {"revision": "2"}})["total"] == 1
    assert find(server, tokens, {"detail": {"nested": {"b": 1, "a": [0]}}})["total"] == 1
    assert find(server, tokens, {"detail": {"flowId": "hello", "revision": 9}})["total"] == 0


@pytest.mark.parametrize("body,path,status", [
    ({"resourse": "FLOW"}, "/resourse", 422), ({"resourse": None}, "/resourse", 422), ({"resource": 1}, "/resource", 422),
    ({"detail": "x"}, "/detail", 422),
    ([], "", 422), ("{", None, 422), ('{"resource":"A","resource":"B"}', None, 422), ("", None, 422),
    ('{"resource":"\\ud800"}', None, 422), ('{"detail":{"n":9007199254740993}}', None, 422),
    ('{"detail":' + '[' * 70 + ']' * 70 + '}', None, 422), (b'{"resource":"\xff"}', None, 422)])
def test_bad_bodies_of_find(server, tokens, stored, body, path, status):
    body = json.dumps(body) if isinstance(body, (dict, list)) else body
    answer = server.call("POST", "/api/v1/main/auditlogs/find", "Bearer " + tokens["auditor"], body,
                         {"Content-Type": "application/json"})
    assert answer.status == status, answer.body
    check_error(answer.json(), path)


def test_find_takes_json_only(server, tokens, stored):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        answer = server.call("POST", "/api/v1/main/auditlogs/find", "Bearer " + tokens["auditor"], "{}",
                             {"Content-Type": kind})
        assert answer.status == 415
        check_error(answer.json())


def test_find_is_bounded_to_ten(server, tokens):
    many = [{"type": "READ", "resource": "FLOW", "date": f"2026-11-20T10:00:{n:02d}Z", "detail": {"id": "m"}}
            for n in range(15)]
    assert server.call("POST", "/api/v1/many/auditlogs", "Bearer " + tokens["writer"], many).status == 201
    answer = server.call("POST", "/api/v1/many/auditlogs/find", "Bearer " + tokens["auditor"], {}).json()
    assert answer["total"] == 15 and len(answer["results"]) == 10
    dates = [row["auditLog"]["date"] for row in answer["results"]]
    assert dates == sorted(dates, reverse=True) and dates[0].endswith(":14.000Z")
    assert len(get(server, tokens, "/api/v1/many/auditlogs/history/m")) == 15


# 4.4 history and diff

def test_history(server, tokens, stored):
    lines = get(server, tokens, "/api/v1/main/auditlogs/history/hello")
    assert [line["id"] for line in lines] == ["k-delete", "k-create", "k-update"]
    for line in lines:
        assert set(line) == {"id", "date", "username"} and TIME.match(line["date"])
    assert [line["username"] for line in lines] == ["bot", "jane", "u1"]
    both = get(server, tokens, "/api/v1/main/auditlogs/history/d1")
    assert [line["id"] for line in both] == ["k-novel", "k-patch"]  # Any resource.
    assert get(server, tokens, "/api/v1/main/auditlogs/history/unknown") == []
    for name in ("t 1/ä", "diff", "search", "..", "k-create"):
        encoded = urllib.parse.quote(name, safe="")
        expected = ["k-json"] if name == "t 1/ä" else []
        assert [line["id"] for line in get(server, tokens, "/api/v1/main/auditlogs/history/" + encoded)] == expected
    check_error(get(server, tokens, "/api/v1/main/auditlogs/history/hello?x=1", 422), "x")
    assert get(server, tokens, "/api/v1/other/auditlogs/history/hello") == []


def test_diff(server, tokens, stored):
    def diff(entry, parameters="", status=200):
        return get(server, tokens, f"/api/v1/main/auditlogs/{entry}/diff{parameters}", status)
    assert diff("k-create") == {"after": OLD}
    assert diff("k-update") == {"before": OLD, "after": NEW}
    assert diff("k-delete") == {"before": NEW}
    assert diff("k-json") == {"before": '{"a":{"y":[1,2.5]},"z":1}', "after": '{"a":{"y":[1,2.5]},"z":2}'}
    assert diff("k-patch") == {} and diff("k-system") == {}
    assert diff("k-update", "?previousId=k-create") == {"before": OLD, "after": NEW}
    assert diff("k-json", "?previousId=k-create") == {"before": OLD, "after": '{"a":{"y":[1,2.5]},"z":2}'}
    assert diff("k-update", "?previousId=k-delete") == {"after": NEW}
    check_error(diff("unknown", "", 404))
    check_error(diff("k-update", "?previousId=unknown", 404))
    check_error(diff("k-update", "?previousId=", 422), "previousId")
    check_error(diff("k-update", "?previous=x", 422), "previous")
    check_error(diff("k-update", "?previousId=k-create&previousId=k-json", 422), "previousId")


# Routing and errors

@pytest.mark.parametrize("word", ["search", "export", "find", "history", "entries", "aggregate", "follow", "evidence",
                                  "diff", "proof", "%73earch"])
def test_reserved_words_are_no_ids(server, tokens, stored, word):
    for below in ("/diff", "/proof"):
        for base in ("/api/v1/main/auditlogs/", "/api/v1/auditlogs/"):
            if (base, word) == ("/api/v1/main/auditlogs/", "history"):
                continue
            assert server.call("GET", base + word + below, "Bearer " + tokens["auditor"]).status == 404
    refused = server.call("POST", "/api/v1/main/auditlogs", "Bearer " + tokens["writer"],
                          {"id": urllib.parse.unquote(word), "type": "C", "resource": "R"})
    assert refused.status == 422


@pytest.mark.parametrize("method,path,allow", [
    ("POST", "search", "GET, HEAD"), ("PUT", "export", "GET, HEAD"), ("GET", "find", "POST"),
    ("DELETE", "history/x", "GET, HEAD"), ("POST", "k-create/diff", "GET, HEAD"), ("DELETE", "k-create", "GET, HEAD"),
    ("PATCH", "aggregate", "GET, HEAD"), ("POST", "follow", "GET, HEAD")])
def test_other_methods_are_refused_whoever_asks(server, stored, method, path, allow):
    answer = server.call(method, "/api/v1/main/auditlogs/" + path, None, "{}" if method != "DELETE" else None)
    assert answer.status == 405 and answer.header("Allow") == allow
    check_error(answer.json())


@pytest.mark.parametrize("path", ["search", "export", "aggregate", "follow", "history/hello", "k-update",
                                  "k-update/diff", "k-update/proof"])
def test_head_answers_like_get_without_a_body(server, tokens, stored, path):
    answer = server.call("HEAD", "/api/v1/main/auditlogs/" + path, "Bearer " + tokens["auditor"])
    assert answer.status == 200 and answer.body == b""
    if path != "follow":
        same = server.call("GET", "/api/v1/main/auditlogs/" + path, "Bearer " + tokens["auditor"])
        assert answer.header("Content-Type") == same.header("Content-Type")
    refused = server.call("HEAD", "/api/v1/main/auditlogs/" + path)
    assert refused.status == 401 and refused.body == b""


def test_unknown_tenants_and_bad_names(server, tokens, stored):
    for path in ("search", "export", "aggregate", "follow", "history/x", "k-update", "k-update/diff"):
        check_error(get(server, tokens, "/api/v1/nobody/auditlogs/" + path, 404))
        check_error(get(server, tokens, "/api/v1/Nobody/auditlogs/" + path, 422))
        check_error(get(server, tokens, "/api/v1/other/auditlogs/" + path, 403, "viewer"))
        check_error(get(server, tokens, "/api/v1/nobody/auditlogs/" + path, 403, "viewer"))


def test_ingest_into_a_bad_tenant_says_what_was_taken(server, tokens, stored):
    answer = server.call("POST", "/api/v1/Nobody/auditlogs", "Bearer " + tokens["writer"], stored)
    document = answer.json()
    assert answer.status == 422 and (document["count"], document["created"], document["line"]) == (0, 0, 1)
    check_error({key: document[key] for key in ("message", "_links", "_embedded")}, "tenant")


def test_consistency_takes_plain_numbers(server, stored):
    for bad in ("from=01&to=1", "from=1&to=01", "from=+1&to=1", "from=&to=1", "from=0&to=1", "from=2&to=1", "from=1",
                "to=1", "from=1&to=99999999", "from=1&to=1&x=1", "from=1&from=1&to=1", "from=1.0&to=1"):
        answer = server.call("GET", "/tlog/consistency?" + bad)
        assert answer.status == 422, bad
        assert answer.json()["_embedded"]["errors"][0]["path"] in ("from", "to", "x")
