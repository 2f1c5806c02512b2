# SPDX-License-Identifier: Apache-2.0
"""kestrapy's audit-log calls against daybook; the plan of sdk.py comes on standard input."""
import base64
import csv
import io
import json
import sys
from datetime import datetime, timedelta, timezone

from kestrapy import KestraClient, QueryFilter, QueryFilterField, QueryFilterOp
from kestrapy.exceptions import (ForbiddenException, NotFoundException, UnauthorizedException,
                                 UnprocessableEntityException)
from kestrapy.configuration import Configuration
from kestrapy.query import and_, or_, where

import sdk_model as model

PLAN = json.load(sys.stdin)
ONE, TWO = PLAN["events"]
EVENTS = [(tenant, event, row) for tenant in (ONE, TWO)
          for event, row in zip(PLAN["events"][tenant], PLAN["rows"][tenant])]
ORDER = {event["id"]: place for place, (_, event, _) in enumerate(EVENTS)}
BY_ID = {event["id"]: (event, row) for _, event, row in EVENTS}
COUNTS = {"calls": 0, "compared": 0, "failed": 0, "skipped": 0}
CANNOT = {}


def check(good, what, *more):
    COUNTS["compared"] += 1
    if not good:
        COUNTS["failed"] += 1
        if COUNTS["failed"] <= 20:
            print("kestrapy: DIFFERS:", what, *[str(one)[:600] for one in more])


def call(function, *arguments, **named):
    COUNTS["calls"] += 1
    return function(*arguments, **named)


def raises(kind, what, function, *arguments, **named):
    try:
        got = call(function, *arguments, **named)
    except kind:
        check(True, what)
    except Exception as other:  # noqa: BLE001 - any other answer is the finding
        check(False, what, type(other).__name__, other)
    else:
        check(False, what, "no error", got)


def chosen(tenant, tree):
    return [(event, row) for there, event, row in EVENTS
            if (tenant is None or there == tenant) and model.tree_ok(tree, event, row)]


def newest_first(pairs):
    return sorted(pairs, key=lambda pair: (pair[0]["date"], ORDER[pair[0]["id"]]), reverse=True)


def check_rows(rows, pairs, what):
    check([row["auditLog"]["id"] for row in rows] == [event["id"] for event, _ in pairs], what + ": ids in order",
          [row["auditLog"]["id"] for row in rows], [event["id"] for event, _ in pairs])
    for row in rows:
        event, expected = BY_ID.get(row["auditLog"]["id"], (None, None))
        if event is None:
            check(False, what + ": unknown row", row)
            continue
        check(model.without_computed_patches(event, row) == expected, what + ": fields of a row", row, expected)
        check(model.change_ok(event, row["auditLog"]), what + ": patches", row)


# --- filters: every field with every operator that the audit log takes, as leaves and in groups

PIECES = ["CONTAINS", "STARTS_WITH", "ENDS_WITH"]
SETS = ["EQUALS", "NOT_EQUALS", "IN", "NOT_IN"]
LONG_AGO = datetime(2026, 9, 1, 8, 10, 0, 260000, tzinfo=timezone.utc)
LEAVES = []


def add(field, operators, *values):
    for operator in operators:
        for value in values:
            if operator in ("IN", "NOT_IN"):
                # The object's key ends a list at its commas; a list of one is a list.
                LEAVES.append((field, operator, value if isinstance(value, (list, dict)) else [value, "else"]))
            else:
                LEAVES.append((field, operator, value[0] if isinstance(value, list) else value))


add("namespace", SETS + PIECES + ["PREFIX"], "company", "company.team", ["company.team", "other"], "nowhere")
add("flowId", SETS + PIECES + ["PREFIX"], "hello", "Übung", ["hello", "daily-ledger-sync"])
add("executionId", SETS + PIECES, "exec1", "exec")
add("userId", SETS + PIECES, "u1", "system", ["u1", "s1"])
add("username", SETS + PIECES, "jane.doe", "=cmd()", "u3")
add("id", SETS + PIECES, "sdk-one-007", "sdk-")
add("resources", SETS + ["CONTAINS"], "FLOW", "SOMETHING_NEW", ["FLOW", "EXECUTION"])
add("type", SETS, "CREATE", ["CREATE", "PROMOTE"])
add("action", SETS, "DELETE", ["UPDATE", "READ"])
add("q", ["EQUALS", "NOT_EQUALS"], "daily-ledger-sync", "ledger", "Secret", "KV store", "cafe", "ubung", "jane hello", "&+%")
for text in ("namespace", "flowId", "id"):
    add(text, ["REGEX"], "^company$|team", "one-0[0-3]", "l+o?$")
for pairs in ({"flowId": "hello"}, {"flowId": "hello", "revision": "2"}, {"key": "dot.ted-key"}, {"dot.ted": "x"},
              {"resource": "FLOW"}, {"labels": '{"env":"prod","list":[1,2.5,true]}'}):
    LEAVES.append(("details", "EQUALS", pairs))
LEAVES += [("details", "NOT_EQUALS", {"flowId": "hello"}), ("details", "IN", {"flowId": ["hello", "Übung"]}),
           ("details", "NOT_IN", {"revision": ["1", "3"]}), ("details", "CONTAINS", {"flowId": "ledger"}),
           ("details", "EQUALS", "flowId:hello"), ("details", "EQUALS", "key:x:y,z")]
for field in ("startDate", "endDate"):
    for operator in ("EQUALS", "NOT_EQUALS", "GREATER_THAN", "LESS_THAN", "GREATER_THAN_OR_EQUAL_TO",
                     "LESS_THAN_OR_EQUAL_TO"):
        LEAVES.append((field, operator, LONG_AGO))
        LEAVES.append((field, operator, LONG_AGO.astimezone(timezone(timedelta(hours=5, minutes=30)))))
LEAVES += [("timeRange", "EQUALS", "P999D"), ("kind", "EQUALS", "event"), ("source", "IN", ["ingest", "gateway"])]
# daybook's own fields, which the SDK's enumeration does not have, go as dictionaries.
LEAVES += [("result", "IN", ["FAILURE", "DENIED"]), ("actorKind", "EQUALS", "SERVICE_ACCOUNT"),
           ("ipAddress", "STARTS_WITH", "10.0.1."), ("result", "NOT_EQUALS", "SUCCESS")]

A, B, C, D = (("type", "EQUALS", "CREATE"), ("userId", "EQUALS", "u1"), ("namespace", "PREFIX", "company.team"),
              ("details", "EQUALS", {"flowId": "hello", "revision": "2"}))
GROUPS = [("or", [A, B]), ("or", [A, B, C]), ("and", [A, B]), ("and", [C, ("or", [A, B])]),
          ("and", [("or", [A, B]), ("or", [C, ("resources", "IN", ["APP", "SECRET"])])]),
          ("or", [A, ("and", [B, C])]), ("or", [("and", [A, C]), ("and", [B, D])]), ("or", [D, ("q", "EQUALS", "ledger")]),
          ("or", [("startDate", "GREATER_THAN", LONG_AGO), B])]


def own_field(name):
    return name not in {field.value for field in QueryFilterField}


def sdk_node(node):
    """The SDK's own objects; a dictionary where its enumeration lacks the field."""
    if node[0] in ("and", "or"):
        return (and_ if node[0] == "and" else or_)(*[sdk_node(child) for child in node[1]])
    field, operator, value = node
    if own_field(field):
        return {"field": field, "operation": operator, "value": value}
    return QueryFilter(var_field=QueryFilterField(field), operation=QueryFilterOp(operator), value=value)


def sdk_filters(node):
    return where(sdk_node(node)) if node[0] in ("and", "or") else [sdk_node(node)]


def whole(function, *arguments, filters=None):
    """All pages of 1000."""
    answer = call(function, *arguments, page=1, size=1000, filters=filters)
    return answer["results"], answer["total"]


def check_filters(client):
    api = client.auditlogs
    only_ours = ("id", "STARTS_WITH", "sdk-")  # Of all tenants, the stand-in's people act in another one.
    for tree in LEAVES + GROUPS:
        what = f"filter {tree}"
        rows, total = whole(api.search_audit_logs, ONE, filters=sdk_filters(tree))
        pairs = newest_first(chosen(ONE, tree))
        check_rows(rows, pairs, what)
        check(total == len(pairs), what + ": total", total)
        text = call(api.export_audit_logs, ONE, filters=sdk_filters(tree))
        check_csv(text, chosen(ONE, tree), what)
        if tree[0] == "or" and any(child[0] == "and" for child in tree[1]):
            continue  # With one more condition it would nest too deep.
        both = [sdk_node(only_ours)] + sdk_filters(tree)
        wanted = ("and", [only_ours, tree])
        rows, total = whole(api.search_all_audit_logs, filters=both)
        check_rows(rows, newest_first(chosen(None, wanted)), "all tenants, " + what)
        check_csv(call(api.export_all_audit_logs, filters=both), chosen(None, wanted), "all tenants, " + what)


def check_csv(text, pairs, what):
    lines = list(csv.reader(io.StringIO(text, newline="")))
    check(lines[0] == model.CSV_COLUMNS, what + ": columns", lines[0])
    expected = [model.csv_cells(row) for _, row in sorted(pairs, key=lambda pair: -ORDER[pair[0]["id"]])]
    check([line[0] for line in lines[1:]] == [cells[0] for cells in expected], what + ": csv ids", len(lines), len(expected))
    for line, cells in zip(lines[1:], expected):
        check(line == cells, what + ": csv", line, cells)


def check_pages(client):
    api = client.auditlogs
    every = newest_first(chosen(ONE, ("and", [])))
    first = call(api.search_audit_logs, ONE)
    check_rows(first["results"], every[:10], "search without parameters")
    check(first["total"] == len(every), "total")
    for size in (1, 7, 25, 1000):
        got = []
        for page in range(1, len(every) // size + 2):
            got += call(api.search_audit_logs, tenant=ONE, page=page, size=size)["results"]
        check_rows(got, every, f"pages of {size}")
    keys = {"date": lambda e, r: e["date"], "type": lambda e, r: e["type"], "userId": lambda e, r: r["auditLog"]["userId"],
            "id": lambda e, r: e["id"], "resource": lambda e, r: e["resource"], "detail.resource": lambda e, r: e["resource"]}
    for first_key in keys:
        for second in (None, "date", "type"):
            for direction in ("asc", "desc"):
                sort = [f"{first_key}:{direction}"] + ([f"{second}:asc"] if second else [])
                last_down = sort[-1].endswith("desc")
                pairs = sorted(chosen(ONE, ("and", [])), key=lambda pair: ORDER[pair[0]["id"]], reverse=last_down)
                for one in reversed(sort):
                    name, way = one.rsplit(":", 1)
                    pairs.sort(key=lambda pair: keys[name](*pair), reverse=way == "desc")
                rows = call(api.search_audit_logs, ONE, page=1, size=1000, sort=sort)["results"]
                check_rows(rows, pairs, f"sort {sort}")
    raises(UnprocessableEntityException, "size 1001", api.search_audit_logs, ONE, size=1001)
    raises(UnprocessableEntityException, "page 0", api.search_audit_logs, ONE, page=0)
    raises(UnprocessableEntityException, "sort without colon", api.search_audit_logs, ONE, sort=["date"])
    raises(UnprocessableEntityException, "sort by an unknown field", api.search_audit_logs, ONE, sort=["x:asc"])


# Operators that the SDK can write and the audit log does not take.
BEYOND = ["NOT_CONTAINS", "IS_NULL", "IS_NOT_NULL"]


def check_unsupported(client):
    api = client.auditlogs
    taken = {leaf[0] for leaf in LEAVES}
    for field in QueryFilterField:
        if field.value in taken:
            continue
        raises(UnprocessableEntityException, f"field {field.value}", api.search_audit_logs, ONE,
               filters=[QueryFilter(var_field=field, operation=QueryFilterOp.EQUALS, value="x")])
        raises(UnprocessableEntityException, f"field {field.value} of export", api.export_audit_logs, ONE,
               filters=[QueryFilter(var_field=field, operation=QueryFilterOp.EQUALS, value="x")])
    supported = {}
    for field, operator, _ in LEAVES:
        supported.setdefault(field, set()).add(operator)
    for field in ("q", "type", "startDate", "timeRange", "details", "executionId"):
        for operator in QueryFilterOp:
            if operator.value in supported[field] or (field, operator.value) == ("executionId", "REGEX"):
                continue
            value = {"a": "b"} if field == "details" else "x"
            raises(UnprocessableEntityException, f"{field} {operator.value}", api.search_audit_logs, ONE,
                   filters=[QueryFilter(var_field=QueryFilterField(field), operation=operator, value=value)])
    for operator in BEYOND:
        CANNOT[f"operator {operator}"] = "kestrapy can write it; the audit log's operators do not have it, answered 422"


def check_find(client):
    api = client.auditlogs
    bodies = [{"resource": "FLOW"}, {"resource": "FLOW", "type": "UPDATE"}, {"resource": "FLOW", "type": None},
              {"type": "DELETE"}, {}, {"detail": {"flowId": "hello"}}, {"permission": "EXECUTION"},
              {"resource": "FLOW", "detail": {"flowId": "hello", "revision": 2}},
              {"detail": {"flowId": "hello", "revision": "2"}}, {"detail": {"key": "café"}}]
    for body in bodies:
        tree = ("and", [("resources", "EQUALS", body[name]) for name in ("resource", "permission") if name in body] +
                [("type", "EQUALS", body["type"]) for _ in [0] if body.get("type")] +
                [("details", "EQUALS", body["detail"]) for _ in [0] if "detail" in body])
        pairs = newest_first(chosen(ONE, tree))
        answer = call(api.find_audit_log, ONE, body)
        check_rows(answer["results"], pairs[:10], f"find {body}")
        check(answer["total"] == len(pairs), f"find {body}: total", answer["total"], len(pairs))
        first = answer["results"][0] if pairs else {}
        check(answer.get("auditLog") == first.get("auditLog"), f"find {body}: the first one")
        check(answer.get("user") == first.get("user"), f"find {body}: its user")
    answer = call(api.find_audit_log, ONE, {"resource": "NOBODY_HAS_THIS"})
    check(answer == {"results": [], "total": 0}, "find nothing", answer)
    raises(UnprocessableEntityException, "find with an unknown member", api.find_audit_log, ONE, {"resources": "FLOW"})


def check_history(client):
    api = client.auditlogs
    for thing in sorted({event["detail"]["id"] for event, _ in chosen(ONE, ("and", []))}):
        pairs = newest_first([(e, r) for e, r in chosen(ONE, ("and", [])) if e["detail"]["id"] == thing])
        got = call(api.audit_log_history, thing, ONE)
        expected = []
        for event, row in pairs:
            line = {"id": event["id"], "date": event["date"]}
            if "user" in row:
                line["username"] = row["user"]["username"]
            expected.append(line)
        check(got == expected, f"history {thing}", got, expected)
    check(call(api.audit_log_history, "unknown-id", ONE) == [], "history of an unknown id")


def check_diff(client):
    api = client.auditlogs
    events = PLAN["events"][ONE]
    with_after = [event for event in events if "after" in event]
    for event in events:
        got = call(api.audit_log_diff, event["id"], ONE)
        check(got == model.diff_of(event), f"diff {event['id']}", got, model.diff_of(event))
        for previous in with_after[:3]:
            got = call(api.audit_log_diff, event["id"], ONE, previous_id=previous["id"])
            check(got == model.diff_of(event, previous), f"diff {event['id']} with {previous['id']}", got)
    raises(NotFoundException, "diff of an unknown id", api.audit_log_diff, "unknown-id", ONE)
    raises(NotFoundException, "diff with an unknown previousId", api.audit_log_diff, events[0]["id"], ONE,
           previous_id="unknown-id")
    raises(NotFoundException, "diff in another tenant", api.audit_log_diff, events[0]["id"], TWO)
    raises(NotFoundException, "global diff of an unknown id", api.global_audit_log_diff, "unknown-id")
    raises(NotFoundException, "global diff of a tenant's entry", api.global_audit_log_diff, events[0]["id"])
    kind = QueryFilter(var_field=QueryFilterField.KIND, operation=QueryFilterOp.EQUALS, value="system")
    own = call(api.search_all_audit_logs, size=2, filters=[kind])["results"]
    check(len(own) == 2 and all("tenantId" not in row["auditLog"] for row in own), "daybook's own acts")
    for row in own:
        got = call(api.global_audit_log_diff, row["auditLog"]["id"])
        check(got == {}, "global diff of an act without a change", got)
        got = call(api.global_audit_log_diff, row["auditLog"]["id"], previous_id=own[0]["auditLog"]["id"])
        check(got == {}, "global diff with previous_id", got)


def eight_calls(client, what):
    """Each of the eight once: an authentication is good for all of them."""
    api, event = client.auditlogs, PLAN["events"][ONE][0]
    check(call(api.search_audit_logs, ONE)["total"] == len(PLAN["events"][ONE]), what + ": search")
    check(call(api.search_all_audit_logs)["total"] >= len(EVENTS), what + ": search all")
    check(call(api.export_audit_logs, ONE).count("\r\n") > len(PLAN["events"][ONE]), what + ": export")
    check(call(api.export_all_audit_logs).count("\r\n") > len(EVENTS), what + ": export all")
    check(call(api.find_audit_log, ONE, {})["total"] == len(PLAN["events"][ONE]), what + ": find")
    check(isinstance(call(api.audit_log_history, event["detail"]["id"], ONE), list), what + ": history")
    check(isinstance(call(api.audit_log_diff, event["id"], ONE), dict), what + ": diff")
    raises(NotFoundException, what + ": global diff", api.global_audit_log_diff, "unknown-id")


def check_authentication(url):
    def configured(header):
        return KestraClient(Configuration(host=url, api_key={"Authorization": header}))

    eight_calls(KestraClient(host=url, token=PLAN["token"]), "Bearer")
    eight_calls(KestraClient(host=url, username=PLAN["user"], password=PLAN["password"]), "Basic")
    eight_calls(KestraClient(Configuration(host=url, username=PLAN["user"], password=PLAN["password"])), "configuration")
    bare = base64.b64encode(PLAN["token"].encode()).decode()
    eight_calls(configured("Basic " + bare), "Basic with the token and no colon")
    for what, client in (("no credential", KestraClient(host=url)), ("wrong token", KestraClient(host=url, token="wrong")),
                         ("wrong password", KestraClient(host=url, username=PLAN["user"], password="wrong"))):
        raises(UnauthorizedException, what, client.auditlogs.search_audit_logs, ONE)
        raises(UnauthorizedException, what, client.auditlogs.export_all_audit_logs)
        raises(UnauthorizedException, what, client.auditlogs.audit_log_diff, "x", ONE)
    viewer = KestraClient(host=url, token=PLAN["viewer"]).auditlogs
    check(call(viewer.search_audit_logs, ONE)["total"] == len(PLAN["events"][ONE]), "a viewer of the tenant")
    raises(ForbiddenException, "a viewer elsewhere", viewer.search_audit_logs, TWO)
    raises(ForbiddenException, "a viewer of all tenants", viewer.search_all_audit_logs)
    raises(ForbiddenException, "a viewer's export of all tenants", viewer.export_all_audit_logs)
    raises(ForbiddenException, "a viewer's global diff", viewer.global_audit_log_diff, "x")


def check_through_gateway(url):
    """A flow changed at the stand-in through the gateway with the SDK, and found with the SDK."""
    person = KestraClient(host=url, username=PLAN["kestra"]["user"], password=PLAN["kestra"]["password"])
    reader = KestraClient(host=url, token=PLAN["token"]).auditlogs
    name, space = "sdk-interop", "interop.sdk"
    sources = [f"id: {name}\nnamespace: {space}\ndescription: {text}\ntasks:\n  - id: log\n"
               "    type: io.kestra.plugin.core.log.Log\n    message: hello\n" for text in ("one", "two")]
    COUNTS["calls"] += 3
    person.flows.create_flow("main", sources[0])
    person.flows.update_flow(space, name, "main", sources[1])
    person.flows.delete_flow(space, name, "main")
    only = [QueryFilter(var_field=QueryFilterField.NAMESPACE, operation=QueryFilterOp.EQUALS, value=space)]
    rows = call(reader.search_audit_logs, "main", filters=only)["results"]
    check([row["auditLog"]["type"] for row in rows] == ["DELETE", "UPDATE", "CREATE"], "acts through the gateway", rows)
    for row in rows:
        detail = row["auditLog"]["detail"]
        check(row["user"]["username"] == PLAN["kestra"]["user"], "the actor", row)
        check((detail["resource"], detail["flowId"], detail["namespace"]) == ("FLOW", name, space), "detail", detail)
    removed, updated, created = (call(reader.audit_log_diff, row["auditLog"]["id"], "main") for row in rows)
    check(created == {"after": sources[0]}, "diff of CREATE", created)
    check(updated == {"before": sources[0], "after": sources[1]}, "diff of UPDATE", updated)
    check(removed == {"before": sources[1]}, "diff of DELETE", removed)
    against = call(reader.audit_log_diff, rows[1]["auditLog"]["id"], "main", previous_id=rows[2]["auditLog"]["id"])
    check(against == {"before": sources[0], "after": sources[1]}, "diff with previousId", against)
    history = call(reader.audit_log_history, rows[0]["auditLog"]["detail"]["id"], "main")
    check([line["id"] for line in history] == [row["auditLog"]["id"] for row in rows], "history of the flow", history)
    found = call(reader.find_audit_log, "main", {"resource": "FLOW", "type": "UPDATE",
                                                 "detail": {"flowId": name, "namespace": space}})
    check(found["auditLog"]["id"] == rows[1]["auditLog"]["id"] and found["total"] == 1, "find", found)


def main():
    for name, url in PLAN["listeners"].items():
        client = KestraClient(host=url, token=PLAN["token"], timeout=60)
        for part in (check_pages, check_filters, check_unsupported, check_find, check_history, check_diff):
            part(client)
        check_authentication(url)
        print(f"kestrapy at {name}: {COUNTS}")
    check_through_gateway(PLAN["listeners"]["gateway"])
    for what, why in CANNOT.items():
        print(f"kestrapy: {what}: {why}")
    print("kestrapy 2.0.3:", json.dumps(COUNTS))
    sys.exit(1 if COUNTS["failed"] or COUNTS["skipped"] else 0)


main()
