# SPDX-License-Identifier: Apache-2.0
"""What the SDK checks ingest, what daybook has to answer about it, and the filter language once more, naively."""
import json
import random
import re
import unicodedata
from datetime import datetime, timedelta, timezone

FLOW = "id: {0}\nnamespace: {1}\ndescription: revision {2}\ntasks:\n  - id: log\n    type: io.kestra.plugin.core.log.Log\n"
START = datetime(2026, 9, 1, 8, 0, 0, 250000, tzinfo=timezone.utc)


def stamp(moment):
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def make_events(tenant, count, seed):
    """Events as they are posted: every optional member present and absent, ties in time, letters of many scripts."""
    rng = random.Random(f"{tenant}/{seed}")
    users = [{"id": "u1", "username": "jane.doe", "email": "jane.doe@example.org", "name": "Jane Doe", "type": "STANDARD"},
             {"id": "u2", "username": "=cmd()", "email": "no mail address", "type": "STANDARD"},
             {"id": "u3", "type": "STANDARD"},
             {"id": "s1", "username": "ci-deployer", "type": "SERVICE_ACCOUNT"},
             {"type": "SYSTEM"}]
    namespaces = ["company", "company.team", "company.team.etl", "companyx", "other"]
    out = []
    for n in range(count):
        resource = rng.choice(["FLOW", "EXECUTION", "KVSTORE", "SECRET", "NAMESPACE_FILE", "APP", "SOMETHING_NEW"])
        action = rng.choice(["CREATE", "UPDATE", "DELETE", "READ", "PROMOTE"])
        namespace, flow = rng.choice(namespaces), rng.choice(["hello", "daily-ledger-sync", "Übung"])
        detail = {"namespace": namespace, "flowId": flow, "id": f"{tenant}-{flow}", "revision": rng.randrange(1, 4)}
        if resource == "EXECUTION":
            detail["executionId"] = f"exec{rng.randrange(6)}"
            detail["id"] = detail["executionId"]
        if resource == "KVSTORE":
            detail["key"] = rng.choice(["a/b c", "café", "x:y,z", "dot.ted-key"])
            detail["id"] = detail["key"]
        if rng.random() < 0.3:
            detail["labels"] = {"env": "prod", "list": [1, 2.5, True]}
        if rng.random() < 0.2:
            detail["type"] = "io.kestra.core.models.flows.Flow"
        event = {"id": f"{tenant}-{n:03}", "type": action, "resource": resource, "detail": detail,
                 "date": stamp(START + timedelta(minutes=n // 2, milliseconds=n // 2)), "user": rng.choice(users)}
        if rng.random() < 0.5:
            event["ipAddress"] = f"10.0.{rng.randrange(3)}.{n}"
        if rng.random() < 0.2:
            event["impersonatedBy"] = "root-id"
        if rng.random() < 0.3:
            event["message"] = rng.choice(["rotated the ledger's key", "Straße repaired", "nothing"])
        if rng.random() < 0.3:
            event["result"] = rng.choice(["FAILURE", "DENIED", "UNKNOWN"])
        change = rng.randrange(4)
        if resource == "FLOW" and change == 0:
            if action != "CREATE":
                event["before"] = FLOW.format(flow, namespace, 1)
            if action != "DELETE":
                event["after"] = FLOW.format(flow, namespace, 2)
        elif change == 1:
            if action != "CREATE":
                event["before"] = {"value": n, "tags": ["a", "b"], "same": {"x": 1}}
            if action != "DELETE":
                event["after"] = {"value": n + 1, "tags": ["a"], "same": {"x": 1}, "new": "é"}
        elif change == 2:
            event["appliedPatch"] = [{"op": "replace", "path": "/v", "value": n}]
            event["revertPatch"] = [{"op": "replace", "path": "/v", "value": n - 1}]
        out.append(event)
    return out


MAIL = re.compile(r"^[A-Za-z0-9_!#$%&*+/=?`{|}~^.-]+@[A-Za-z0-9.-]+$")


def shown_row(event, tenant):
    """The row of the search; patches that daybook computes itself are checked apart (change_ok)."""
    detail = dict(event["detail"], resource=event["resource"], resourceType=event["resource"])
    detail.setdefault("type", event["resource"])
    user = event["user"]
    system = user.get("type") == "SYSTEM"
    log = {"id": event["id"], "tenantId": tenant, "type": event["type"], "detail": detail, "date": event["date"],
           "userId": "system" if system else user["id"]}
    for name in ("ipAddress", "impersonatedBy", "appliedPatch", "revertPatch"):
        if name in event:
            log[name] = event[name]
    row = {"auditLog": log}
    if not system:
        mail = user.get("email", "")
        row["user"] = {"type": user["type"], "id": user["id"], "username": user.get("username", user["id"]),
                       "email": mail if MAIL.match(mail) else "", "superAdmin": False, "instanceOwner": False,
                       "groupList": [], "groups": [], "providers": [], "auths": []}
        if "name" in user:
            row["user"]["name"] = user["name"]
    return row


def apply_patch(document, patch):
    document = json.loads(json.dumps(document))
    for step in patch:
        path = [part.replace("~1", "/").replace("~0", "~") for part in step["path"].split("/")[1:]]
        if not path:
            document = step.get("value")
            continue
        at = document
        for part in path[:-1]:
            at = at[int(part)] if isinstance(at, list) else at[part]
        last = path[-1]
        if isinstance(at, list):
            index = len(at) if last == "-" else int(last)
            if step["op"] == "add":
                at.insert(index, step["value"])
            elif step["op"] == "remove":
                del at[index]
            else:
                at[index] = step["value"]
        elif step["op"] == "remove":
            del at[last]
        else:
            at[last] = step["value"]
    return document


def change_ok(event, log):
    """Both patches lead from one state to the other."""
    if not all(isinstance(event.get(side), (dict, list)) for side in ("before", "after")):
        return ("appliedPatch" in log) == ("appliedPatch" in event)
    return apply_patch(event["before"], log["appliedPatch"]) == event["after"] and \
        apply_patch(event["after"], log["revertPatch"]) == event["before"]


def without_computed_patches(event, row):
    row = json.loads(json.dumps(row))
    if "appliedPatch" not in event:
        row["auditLog"].pop("appliedPatch", None)
        row["auditLog"].pop("revertPatch", None)
    return row


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def text_of(value):
    return value if isinstance(value, str) else canonical(value)


def diff_of(event, previous=None):
    """Two texts; a missing side is left out. `previous`: the state at that other event against this one."""
    before = previous.get("after") if previous else event.get("before")
    out = {} if before is None else {"before": text_of(before)}
    if event.get("after") is not None:
        out["after"] = text_of(event["after"])
    return out


CSV_COLUMNS = "id,tenantId,date,resource,type,userId,username,userType,ipAddress,impersonatedBy,namespace,flowId," \
              "executionId,revision,detail".split(",")


def csv_cells(row):
    log, user, detail = row["auditLog"], row.get("user", {}), row["auditLog"]["detail"]
    cells = [log["id"], log["tenantId"], log["date"], detail["resource"], log["type"], log["userId"],
             user.get("username", ""), user.get("type", ""), log.get("ipAddress", ""), log.get("impersonatedBy", ""),
             detail.get("namespace", ""), detail.get("flowId", ""), detail.get("executionId", ""),
             str(detail.get("revision", "")), canonical(detail)]
    return ["'" + cell if cell[:1] in tuple("=+-@\t\r") else cell for cell in cells]


# --- the filter language

def tokens(text):
    folded = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", folded)


def searchable(event, row):
    words, user = [], row.get("user", {})

    def add(value):
        if isinstance(value, dict):
            for member in value.values():
                add(member)
        elif isinstance(value, list):
            for member in value:
                add(member)
        elif isinstance(value, str):
            words.extend(tokens(value))
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            words.extend(tokens(canonical(value)))

    split = {"KVSTORE": ["kv", "store"]}
    words.extend(split.get(event["resource"], []))
    for value in (event["resource"], event["type"], row["auditLog"]["userId"], user.get("username", ""), user.get("name", ""),
                  event["user"].get("email", ""), event.get("message", ""), event.get("reason", ""), event["detail"],
                  event.get("before"), event.get("after"), row["auditLog"].get("appliedPatch"),
                  row["auditLog"].get("revertPatch")):
        add(value)
    return set(words)


def value_of(field, event, row):
    detail, log = event["detail"], row["auditLog"]
    return {"namespace": detail.get("namespace"), "flowId": detail.get("flowId"), "executionId": detail.get("executionId"),
            "userId": log["userId"], "username": row.get("user", {}).get("username"), "id": event["id"],
            "resources": event["resource"], "resource": event["resource"], "type": event["type"], "action": event["type"],
            "result": event.get("result", "SUCCESS"), "ipAddress": event.get("ipAddress"), "source": "ingest",
            "kind": "event", "actorKind": event["user"]["type"]}[field]


def compare(op, value, wanted):
    one = wanted if isinstance(wanted, str) else ",".join(wanted) if isinstance(wanted, list) else text_of(wanted)
    several = one.split(",")
    if op in ("NOT_EQUALS", "NOT_IN"):
        return not compare(op.replace("NOT_", ""), value, wanted)
    if value is None:
        return False
    return {"EQUALS": lambda: value == one, "IN": lambda: value in several, "CONTAINS": lambda: one in value,
            "STARTS_WITH": lambda: value.startswith(one), "ENDS_WITH": lambda: value.endswith(one),
            "PREFIX": lambda: value == one or value.startswith(one + "."),
            "REGEX": lambda: re.search(one, value) is not None}[op]()


def date_ok(field, op, date, wanted):
    if op == "EQUALS":
        op = "GREATER_THAN_OR_EQUAL_TO" if field == "startDate" else "LESS_THAN_OR_EQUAL_TO"
    if op == "NOT_EQUALS":
        op = "LESS_THAN" if field == "startDate" else "GREATER_THAN"
    return {"GREATER_THAN": date > wanted, "LESS_THAN": date < wanted, "GREATER_THAN_OR_EQUAL_TO": date >= wanted,
            "LESS_THAN_OR_EQUAL_TO": date <= wanted}[op]


def leaf_ok(leaf, event, row):
    field, op, wanted = leaf
    if field == "q":
        found = set(tokens(wanted)) <= searchable(event, row)
        return found if op == "EQUALS" else not found
    if field in ("startDate", "endDate"):
        return date_ok(field, op, event["date"], stamp(wanted) if isinstance(wanted, datetime) else wanted)
    if field == "timeRange":
        return True  # The checks use ranges that reach back behind every event, or none.
    if field == "details":
        pairs = wanted.items() if isinstance(wanted, dict) else [wanted.split(":", 1)]
        for key, value in pairs:
            held = row["auditLog"]["detail"].get(key)
            held = None if held is None else text_of(held)
            if not compare(op, held, value):
                return False
        return True
    return compare(op, value_of(field, event, row), wanted)


def tree_ok(node, event, row):
    """A leaf (field, op, value), or ("and"|"or", [nodes])."""
    if node[0] in ("and", "or"):
        results = [tree_ok(child, event, row) for child in node[1]]
        return all(results) if node[0] == "and" else any(results)
    return leaf_ok(node, event, row)
