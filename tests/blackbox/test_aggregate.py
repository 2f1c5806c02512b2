# SPDX-License-Identifier: Apache-2.0
"""`GET .../aggregate`: contract section 5, against counts made by hand."""
import collections
import datetime
import itertools
import zoneinfo

import pytest

import harness

MAIN, ALL = "/api/v1/main/auditlogs", "/api/v1/auditlogs"
START = datetime.datetime(2026, 10, 24, 20, tzinfo=datetime.timezone.utc)  # Summer time ends that night in Europe.


def make(n):
    event = {"id": f"a-{n}", "type": ("CREATE", "UPDATE", "DELETE")[n % 3],
             "resource": ("FLOW", "FLOW", "FLOW", "EXECUTION", "TRIGGER")[n % 5],
             "date": (START + datetime.timedelta(minutes=13 * n)).strftime("%Y-%m-%dT%H:%M:%SZ"),
             "user": {"id": ("jane", "Janet", "joe")[n % 7 % 3], "type": "SERVICE_ACCOUNT" if n % 7 == 2 else "STANDARD"},
             "detail": {"namespace": ("company", "company.team", "other")[n % 4 % 3]}}
    if n % 4 != 3:
        event["detail"]["flowId"] = f"flow-{n % 11}"
        event["ipAddress"] = f"10.0.0.{n % 2}"
    if n % 10 == 0:
        event["result"] = "FAILURE"
    return event


EVENTS = [make(n) for n in range(300)]
FIELDS = {"resource": lambda e: e["resource"], "type": lambda e: e["type"], "userId": lambda e: e["user"]["id"],
          "actorKind": lambda e: e["user"]["type"], "namespace": lambda e: e["detail"]["namespace"],
          "flowId": lambda e: e["detail"].get("flowId"), "result": lambda e: e.get("result", "SUCCESS"),
          "ipAddress": lambda e: e.get("ipAddress"), "tenantId": lambda e: "main"}


@pytest.fixture(scope="module")
def tokens(server):
    made = {name: "Bearer " + server.token(name, name) for name in ("writer", "auditor", "gateway")}
    made["viewer"] = "Bearer " + server.token("viewer", "viewer", "main")
    assert server.call("POST", MAIN, made["writer"], EVENTS).status == 201
    hidden = [{"type": "HIDDEN", "resource": "HIDDEN", "user": {"id": "hidden"}, "detail": {"namespace": "hidden"},
               "ipAddress": "10.9.9.9"}] * 3
    assert server.call("POST", "/api/v1/other/auditlogs", made["writer"], hidden).status == 201
    narrow = {"name": "narrow", "role": "viewer", "tenant": "main", "namespace": "company.team"}
    assert server.admin("POST", "/api/v1/service-accounts", narrow).status == 201
    made["narrow"] = "Bearer " + server.admin("POST", "/api/v1/tokens", {"serviceAccount": "narrow"}).json()["fullToken"]
    return made


def get(server, tokens, parameters, who="auditor", base=MAIN, status=200):
    answer = server.call("GET", f"{base}/aggregate?{parameters}", tokens[who])
    assert answer.status == status, answer.body
    return answer.json()


def total(server, tokens, parameters):
    return server.call("GET", f"{MAIN}/search?size=1&{parameters}", tokens["auditor"]).json()["total"]


def expected_groups(events, names, top=10):
    counts = collections.Counter(tuple(FIELDS[name](event) for name in names) for event in events)
    counts = {key: count for key, count in counts.items() if None not in key}
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"key": dict(zip(names, key)), "count": count} for key, count in ranked[:top]]


@pytest.mark.parametrize("name", FIELDS)
def test_groups_of_one_field(server, tokens, name):
    answer = get(server, tokens, f"by={name}")
    assert set(answer) >= {"treeSize", "total", "groups", "others", "histogram"}
    assert answer["groups"] == expected_groups(EVENTS, [name])
    assert answer["total"] == len(EVENTS) == total(server, tokens, "")
    assert sum(group["count"] for group in answer["groups"]) + answer["others"] == answer["total"]
    short = get(server, tokens, f"by={name}&top=1&interval=none")
    assert short["groups"] == answer["groups"][:1] and short["histogram"] == []
    assert short["groups"][0]["count"] + short["others"] == short["total"]


@pytest.mark.parametrize("names", list(itertools.combinations(("resource", "type", "userId", "flowId"), 2)))
def test_groups_of_two_fields(server, tokens, names):
    answer = get(server, tokens, f"by={names[0]},{names[1]}&top=1000")
    assert answer["groups"] == expected_groups(EVENTS, names, 1000)


@pytest.mark.parametrize("filters,chosen", [
    ("type=CREATE&resources=FLOW", lambda e: e["type"] == "CREATE" and e["resource"] == "FLOW"),
    ("namespace=company", lambda e: e["detail"]["namespace"].startswith("company")),
    ("filters[or][0][type][EQUALS]=CREATE&filters[or][1][userId][EQUALS]=joe",
     lambda e: e["type"] == "CREATE" or e["user"]["id"] == "joe"),
    ("result=FAILURE", lambda e: e.get("result") == "FAILURE"), ("flowId=nothing", lambda e: False)])
def test_total_is_that_of_search(server, tokens, filters, chosen):
    some = [event for event in EVENTS if chosen(event)]
    answer = get(server, tokens, "by=resource&" + filters)
    assert answer["total"] == len(some) == total(server, tokens, filters)
    assert answer["groups"] == expected_groups(some, ["resource"])
    assert sum(bucket["count"] for bucket in answer["histogram"]) == len(some)


def millis(moment):
    return int(moment.timestamp() * 1000)


def dates():
    return [datetime.datetime.fromisoformat(event["date"].replace("Z", "+00:00")) for event in EVENTS]


def check_histogram(histogram, by=("resource",)):
    assert all(type(bucket[key]) is int for bucket in histogram for key in ("from", "to", "count"))
    for one, two in zip(histogram, histogram[1:]):
        assert one["to"] == two["from"] and one["from"] < one["to"]
    moments = [millis(date) for date in dates()]
    for bucket in histogram:
        inside = [event for event, moment in zip(EVENTS, moments) if bucket["from"] <= moment < bucket["to"]]
        assert bucket["count"] == len(inside)
        ranked = lambda groups: sorted(groups, key=lambda group: sorted(group["key"].items()))  # noqa: E731
        assert ranked(bucket["groups"]) == ranked(expected_groups(inside, list(by), 1000))
    assert histogram[0]["from"] <= min(moments) and histogram[-1]["to"] > max(moments)


@pytest.mark.parametrize("interval,zone,step", [
    ("PT1H", "UTC", 3600), ("P1D", "UTC", 86400), ("PT15M", "UTC", 900), ("PT1H", "Europe/Berlin", 3600),
    ("P1D", "Europe/Berlin", None), ("P1D", "Asia/Kolkata", 86400), ("P1W", "UTC", 7 * 86400), ("P1M", "UTC", None)])
def test_histogram(server, tokens, interval, zone, step):
    histogram = get(server, tokens, f"by=resource&interval={interval}&tz={zone}")["histogram"]
    check_histogram(histogram)
    for bucket in histogram:
        if step and interval != "P1W":
            assert bucket["to"] - bucket["from"] == step * 1000
        if interval == "P1D":
            local = datetime.datetime.fromtimestamp(bucket["from"] / 1000, zoneinfo.ZoneInfo(zone))
            assert (local.hour, local.minute) == (0, 0)
    if (interval, zone) == ("P1D", "Europe/Berlin"):  # The night with an hour more.
        assert 25 * 3_600_000 in [bucket["to"] - bucket["from"] for bucket in histogram]


def test_the_interval_is_chosen_if_none_is_given(server, tokens):
    answer = get(server, tokens, "by=resource")
    check_histogram(answer["histogram"])
    assert 10 <= len(answer["histogram"]) <= 60
    same = get(server, tokens, "by=resource&interval=auto")
    assert {**same, "treeSize": 0} == {**answer, "treeSize": 0}  # Reads are entries too.
    assert get(server, tokens, "by=resource&interval=" + answer["interval"])["histogram"] == answer["histogram"]
    instant = get(server, tokens, "by=resource&id=a-1")
    assert sum(bucket["count"] for bucket in instant["histogram"]) == 1


def test_facets_ignore_their_own_filter(server, tokens):
    answer = get(server, tokens, "facets=resource,type,userId&type=CREATE&resources=FLOW&interval=none")
    flow = [event for event in EVENTS if event["resource"] == "FLOW"]
    create = [event for event in EVENTS if event["type"] == "CREATE"]
    both = [event for event in flow if event["type"] == "CREATE"]
    assert answer["total"] == len(both) and answer["groups"] == []
    assert set(answer["facets"]) == {"resource", "type", "userId"}
    assert answer["facets"]["resource"] == {"groups": expected_groups(create, ["resource"]), "others": 0}
    assert answer["facets"]["type"] == {"groups": expected_groups(flow, ["type"]), "others": 0}
    assert answer["facets"]["userId"] == {"groups": expected_groups(both, ["userId"]), "others": 0}


def test_values_for_autocompletion(server, tokens):
    answer = get(server, tokens, "by=userId&like=JAN&interval=none")
    assert answer["groups"] == [group for group in expected_groups(EVENTS, ["userId"]) if "jan" in group["key"]["userId"].lower()]
    assert len(answer["groups"]) == 2 and answer["total"] == len(EVENTS)
    assert sum(group["count"] for group in answer["groups"]) + answer["others"] == answer["total"]


def test_nobody_counts_what_it_may_not_see(server, tokens):
    inside = [event for event in EVENTS if event["detail"]["namespace"] == "company.team"]
    every = ",".join(FIELDS)
    for who, base, seen in [("viewer", MAIN, EVENTS), ("narrow", MAIN, inside), ("gateway", MAIN, [])]:
        answer = get(server, tokens, f"by=namespace&facets={every}", who, base)
        assert answer["total"] == len(seen)
        for name in FIELDS:
            facet = answer["facets"][name]
            assert facet["groups"] == expected_groups(seen, [name]), (who, name)
            assert sum(group["count"] for group in facet["groups"]) + facet["others"] == len(seen)
        wide = get(server, tokens, f"facets={every}&namespace=other&type=HIDDEN", who, base)
        assert "HIDDEN" not in str(wide) and "hidden" not in str(wide["facets"])
        if who == "narrow":
            assert [group["key"]["namespace"] for group in wide["facets"]["namespace"]["groups"]] in ([], ["company.team"])
    assert "hidden" not in str(get(server, tokens, f"facets={every}"))
    both = get(server, tokens, "by=tenantId&interval=none", "auditor", ALL)
    assert {"key": {"tenantId": "main"}, "count": 300} in both["groups"]
    assert {"key": {"tenantId": "other"}, "count": 3} in both["groups"]
    for base in (ALL, "/api/v1/other/auditlogs"):
        get(server, tokens, "by=resource", "viewer", base, 403)
    get(server, tokens, "by=resource", "writer", MAIN, 403)


def test_a_pinned_size(server, tokens):
    size = get(server, tokens, "by=resource")["treeSize"]
    assert server.call("POST", MAIN, tokens["writer"], {"type": "NEW", "resource": "NEW"}).status == 201
    pinned = get(server, tokens, f"by=resource&treeSize={size}")
    assert pinned["total"] == len(EVENTS) and pinned["treeSize"] == size
    assert get(server, tokens, "by=resource")["total"] == len(EVENTS) + 1


@pytest.mark.parametrize("bad,path", [
    ("by=nonsense", "by"), ("by=resource,resource", "by"), ("by=", "by"), ("interval=1h", "interval"), ("interval=PT0S", "interval"),
    ("tz=Mars/Base", "tz"), ("tz=../etc/passwd", "tz"), ("top=-1", "top"), ("top=1001", "top"), ("facets=x", "facets"),
    ("like=x", "like"), ("size=1", "size"), ("sort=date:asc", "sort"), ("treeSize=99999999", "treeSize"),
    ("filters[flowId][LIKE]=x", "filters[flowId][LIKE]"), ("interval=PT1S", "interval")])
def test_bad_parameters_are_named(server, tokens, bad, path):
    document = get(server, tokens, bad, status=422)
    assert document["_embedded"]["errors"][0]["path"] == path


def test_counting_is_recorded_as_a_read(server, tokens):
    get(server, tokens, "by=resource&userId=joe")
    server.call("POST", MAIN, tokens["writer"], {"type": "C", "resource": "R"})  # Durable after it.
    page = server.call("GET", f"{ALL}/search?kind=system&details[operation]=aggregate&size=1", tokens["auditor"]).json()
    detail = page["results"][0]["auditLog"]["detail"]
    assert detail["tenant"] == "main" and detail["filters"] == "by=resource&userId=joe"
