#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes src/kestra/rules/kestra.yaml from a classified list of Kestra's routes.

    tools/kestra_rules.py tests/data/kestra/routes.yaml > src/kestra/rules/kestra.yaml

The list (routes.yaml) says for each operation of Kestra's API which resource it touches and how.
daybook's own words override it: FLOW, EXECUTION, TRIGGER, KVSTORE, NAMESPACE_FILE and TEMPLATE
follow docs/kestra.md. The result is committed and reviewed; src/kestra/README.md has its schema.
"""
import re
import sys

import yaml

VERSION = "2026-11-24"

# First segments after /api/v1 that are never a tenant, and that make the segment before them one.
RESOURCE_WORDS = """flows executions triggers namespaces templates logs stats plugins configs
dashboards basicAuth metrics blueprints usages taskruns""".split()

# Reads below these words are not recorded by default, nor are searches, validations and graphs.
QUIET_WORDS = {"plugins", "configs", "stats", "search", "validate", "graph"}

# Documents of these are about people or hold credentials: only who, what and when is kept.
METADATA_ONLY = {"USER", "INVITATION", "TENANT_ACCESS", "SERVICE_ACCOUNT", "SECRET", "CREDENTIAL",
                 "SECURITY_INTEGRATION", "NAMESPACE_FILE", "SUPPORT"}

# Routes of 0.21 to 1.x that the list lacks: method, path, name, resource, action, details.
OLD_ROUTES = [
    ("GET", "~/blueprints/community", "searchBlueprints", "BLUEPRINT", "READ", {}),
    ("GET", "~/blueprints/community/tags", "listBlueprintTags", "BLUEPRINT", "READ", {}),
    ("GET", "~/blueprints/community/{id}/flow", "getBlueprintSource", "BLUEPRINT", "READ",
     {"id": "path.id"}),
    ("GET", "~/blueprints/community/{id}/graph", "getBlueprintGraph", "BLUEPRINT", "READ",
     {"id": "path.id"}),
    ("GET", "~/stats/**", "stats", "EXECUTION", "READ", {}),
    ("POST", "~/stats/**", "stats", "EXECUTION", "READ", {}),
    ("GET", "~/plugins/**", "plugins", "UNKNOWN", "READ", {}),
    ("GET", "~/configs/**", "getConfiguration", "INSTANCE", "READ", {}),
    ("GET", "~/templates/search", "searchTemplates", "TEMPLATE", "READ", {}),
    ("GET", "~/templates/distinct-namespaces", "listTemplateNamespaces", "TEMPLATE", "READ", {}),
    ("GET", "~/templates/export/by-query", "exportTemplatesByQuery", "TEMPLATE", "READ", {}),
    ("POST", "~/templates/export/by-ids", "exportTemplatesByIds", "TEMPLATE", "READ", {}),
    ("POST", "~/templates/validate", "validateTemplates", "TEMPLATE", "READ", {}),
    ("GET", "~/templates/{namespace}/{id}", "getTemplate", "TEMPLATE", "READ", {}),
    ("GET", "/", "root", "UNKNOWN", "READ", {}),
    ("GET", "/ui/**", "ui", "UNKNOWN", "READ", {}),
    ("GET", "/ping", "ping", "UNKNOWN", "READ", {}),
    ("POST", "/logout", "logout", "USER", "LOGOUT", {}),
    ("GET", "/logout", "logout", "USER", "LOGOUT", {}),
]
QUIET_NAMES = {"root", "ui", "ping"}


def tilde(path):
    return "~" + path[len("/api/v1/{tenant}"):] if path.startswith("/api/v1/{tenant}") else path


def params(path):
    return re.findall(r"\{(\w+)\}", path)


def segments(path):
    return [s for s in path.split("/") if s and s != "~"]


# ---- the words that rule over the list -------------------------------------------------------

def flow_rule(op, rule, ps):
    ident = "path.flowId" if "flowId" in ps else "path.id" if "id" in ps else None
    detail = {}
    if ident:
        detail = {"id": ident, "namespace": "path.namespace", "flowId": ident}
        detail["revision"] = ("response.revision|previous.revision" if rule["changes"]
                              else "query.revision")
    elif rule["match"].endswith(" ~/flows") and rule["changes"]:
        detail = {"id": "response.id|body.id", "namespace": "response.namespace|body.namespace",
                  "flowId": "response.id|body.id", "revision": "response.revision"}
    elif "namespace" in ps:
        detail = {"namespace": "path.namespace"}
    for extra in ("taskId", "auditId"):
        if extra in ps:
            detail[extra] = "path." + extra
    rule["detail"] = detail
    if rule["changes"] and not rule.get("bulk") and ident:
        rule["doc"] = "flow"
        rule["before"] = "~/flows/{namespace}/{%s}?source=true" % ident[5:]
        if "concurrency-limit" in rule["match"]:
            rule["doc"] = "object"
            del rule["before"]
        if rule["match"].endswith("/revisions"):
            rule["detail"]["revision"] = "previous.revision"
            rule["doc"] = "none"
    elif detail.get("flowId") and rule["changes"]:
        rule["doc"] = "flow"
    if rule.get("bulk") in ("yaml_multi", "file"):
        rule["doc"] = "flow"
        rule["before"] = ("~/flows/{namespace}" if "namespace" in ps else
                          "~/flows/search?page=1&size=1000")
        if rule["bulk"] == "file":
            rule["after"] = "~/flows/search?page=1&size=1000"


def execution_rule(op, rule, ps):
    path = rule["match"].split(" ", 1)[1]
    detail = {}
    if "executionId" in ps:
        detail = {"id": "path.executionId", "executionId": "path.executionId"}
        if rule["changes"]:
            made = rule["action"] == "CREATE" or path.endswith("/restart")
            if made:
                detail = {"id": "response.id|path.executionId",
                          "executionId": "response.id|path.executionId"}
            if rule["action"] == "CREATE":
                detail["originalId"] = "path.executionId"
            detail["namespace"] = "response.namespace|previous.namespace"
            detail["flowId"] = "response.flowId|previous.flowId"
            detail["revision"] = "response.flowRevision|previous.flowRevision"
            rule["before"] = "~/executions/{executionId}"
            rule["doc"] = "execution"
            if re.search(r"/(kill|resume|pause)$", path):
                rule["after"] = rule["before"]  # Their answers are empty.
    elif rule["changes"] and not rule.get("bulk") and "/logs/" not in path:
        detail = {"id": "response.id", "namespace": "path.namespace", "flowId": "path.id",
                  "executionId": "response.id", "revision": "response.flowRevision|query.revision"}
        rule["doc"] = "execution"
    else:
        if "namespace" in ps:
            detail["namespace"] = "path.namespace"
        if "flowId" in ps or ("id" in ps and "/executions/" in path):
            detail["flowId"] = "path.flowId" if "flowId" in ps else "path.id"
            detail["revision"] = "query.revision"
            if "/metrics/" in path or "/logs/" in path:
                del detail["revision"]
    for extra in ("taskRunId", "taskId", "metric"):
        if extra in ps:
            detail[extra] = "path." + extra
    if "/logs/" in path and rule["changes"]:
        detail["part"] = "=logs"
        rule["doc"] = "none"
    rule["detail"] = detail
    if "/webhook/" in path:
        rule["secret"] = ["key"]
        rule["open"] = True
        rule["webhook"] = True
        rule["detail"]["revision"] = "response.flowRevision"
    if rule["changes"] and not rule.get("bulk") and re.search(
            r"/(resume|replay-with-inputs)$|executions/(trigger/)?\{namespace\}/\{id\}$", path):
        rule["private_body"] = True


def trigger_rule(op, rule, ps):
    keys = ("namespace", "flowId", "triggerId")
    if "triggerId" in ps:
        detail = {k: "path." + k for k in keys}
        rule["before"] = "~/triggers/{namespace}/{flowId}"
    elif rule["changes"] and not rule.get("bulk"):
        detail = {k: "body." + k for k in keys}
    else:
        detail = {k: "path." + k for k in keys if k in ps}
    if "triggerId" in detail:
        detail = {"id": detail["triggerId"], **detail}
    rule["detail"] = detail
    if rule["changes"]:
        rule["action"] = "DELETE" if rule["match"].startswith("DELETE") else "UPDATE"
        rule["doc"] = "trigger" if "triggerId" in detail else "none"


def kv_rule(op, rule, ps):
    detail = {"id": "path.key"} if "key" in ps else {}
    if "namespace" in ps:
        detail["namespace"] = "path.namespace"
    if "key" in ps:
        detail["key"] = "path.key"
    rule["detail"] = detail
    if rule["changes"] and "key" in ps:
        rule["doc"] = "kv"
        rule["before"] = "~/namespaces/{namespace}/kv/{key}"
        rule["private_body"] = True
    if rule["match"].startswith("PUT"):
        rule["action"], rule["absent"] = "UPDATE", "CREATE"


def file_rule(op, rule, ps):
    where = "query.path|query.from"
    detail = {"id": where, "namespace": "path.namespace", "path": where}
    if not rule["changes"] and not op["details"].get("path"):
        detail = {"namespace": "path.namespace"}
    rule["detail"] = detail
    if rule["changes"]:
        rule["doc"] = "file"
        rule["before"] = "~/namespaces/{namespace}/files/stats?path={?path|from}"
        rule["private_body"] = True
    if rule["match"].startswith("POST"):
        rule["action"], rule["absent"] = "UPDATE", "CREATE"


def template_rule(op, rule, ps):
    rule["detail"] = {}
    if "id" in ps:
        rule["detail"] = {"id": "path.id", "namespace": "path.namespace"}
    elif rule["match"] == "POST ~/templates":
        rule["detail"] = {"id": "response.id|body.id",
                          "namespace": "response.namespace|body.namespace"}
    elif "namespace" in ps:
        rule["detail"] = {"namespace": "path.namespace"}
    if rule["changes"]:
        rule["doc"] = "template"
        if "id" in ps:
            rule["before"] = "~/templates/{namespace}/{id}"
        if rule.get("bulk") == "yaml_multi":
            rule["before"] = "~/templates/search?namespace={namespace}&size=1000"
        if rule.get("bulk") == "file":
            rule["before"] = "~/templates/search?size=1000"


OWN_WORDS = {"FLOW": flow_rule, "EXECUTION": execution_rule, "TRIGGER": trigger_rule,
             "KVSTORE": kv_rule, "NAMESPACE_FILE": file_rule, "TEMPLATE": template_rule}

# Detail keys that name people or repeat what stands elsewhere.
LEFT_OUT = {"tenantId", "username", "email", "webhookKey", "uid"}


def other_rule(op, rule, ps):
    """Every other resource: what the list says, without personal data."""
    detail = {}
    for key, source in op.get("details", {}).items():
        if key in LEFT_OUT or not re.fullmatch(r"(path|body|response)\.\w+", source):
            continue
        if source.startswith("path.") and source[5:] not in ps:
            continue
        if source.startswith("body") and rule["resource"] in ("USER", "INVITATION"):
            continue
        detail[key] = source + "|body.id" if source == "response.id" and key == "id" else source
    for other in ("key", "name", "userId"):
        # Objects that have no id of their own: their history goes by this one.
        if "id" not in detail and detail.get(other, "").startswith(("path.", "body.")):
            detail = {"id": detail[other], **detail}
    rule["detail"] = detail
    if not rule["changes"]:
        return
    previous = op.get("previous_state") or {}
    if previous.get("get") and "pick" not in previous and rule["resource"] not in METADATA_ONLY:
        target = tilde(previous["get"])
        if set(params(target)) <= set(ps):
            rule["before"] = target
    rule["doc"] = "none" if rule["resource"] in METADATA_ONLY else "object"
    if "/members" in rule["match"]:
        rule["doc"] = "none"  # A list of people.
        rule.pop("before", None)
    if op.get("action_if_absent"):
        rule["absent"] = op["action_if_absent"]
    if rule["resource"] in ("SECRET", "CREDENTIAL", "USER") or op.get("redact"):
        rule["private_body"] = True


def bulk_of(op, rule):
    """How a changing bulk request names its objects; where the names stand."""
    match = rule["match"]
    if match.endswith("/by-query"):
        return "query", None
    if rule["resource"] == "TEMPLATE" and op.get("bulk"):
        if match.endswith("/import"):
            return "file", None
        return ("ids", "body[]") if match.endswith("/by-ids") else ("yaml_multi", None)
    if not op.get("bulk"):
        return None, None
    how = op.get("bulk_by", "ids")
    where = op.get("bulk_ids") or ""
    if how in ("ids", "objects"):
        found = re.match(r"body(?:\.(\w+))?\[\]", where)
        return how, ("body." + found.group(1) + "[]" if found and found.group(1) else "body[]")
    return how, None


TEMPLATE_NAMES = {
    "POST /templates": "createTemplate", "PUT /templates/{namespace}/{id}": "updateTemplate",
    "DELETE /templates/{namespace}/{id}": "deleteTemplate",
    "POST /templates/{namespace}": "updateTemplatesInNamespace",
    "POST /templates/import": "importTemplates",
    "DELETE /templates/delete/by-query": "deleteTemplatesByQuery",
    "DELETE /templates/delete/by-ids": "deleteTemplatesByIds",
}


def name_of(op, path, resource):
    name = op.get("operation_id") or TEMPLATE_NAMES.get(
        op["method"] + " " + tilde(path)[1:])
    if not name:
        words = [op["method"].lower()] + [re.sub(r"\W", "", s) for s in segments(tilde(path))[-2:]]
        return words[0] + "".join(w[:1].upper() + w[1:] for w in words[1:])
    name = re.sub(r"_\d+$", "", name)
    if re.fullmatch(r"create|update|delete|get|list|find|index|search|metrics|generate|history|"
                    r"revoke|subscribers|login|logout|expressions", name):
        if name not in ("login", "logout"):
            name += "".join(w.capitalize() for w in resource.split("_"))
    return name


def make(op):
    path = tilde(op["path"])
    resource, action = op["resource"], op["action"]
    if "/templates" in path and path.startswith("~/templates"):
        resource = "TEMPLATE"
    rule = {"name": name_of(op, op["path"], resource), "match": op["method"] + " " + path,
            "resource": resource, "action": action, "changes": bool(op.get("mutating"))}
    if path.endswith("/{path}") and ("webhook" in path or "pluginUi" in path):
        rule["match"] = rule["match"][:-len("{path}")] + "**"
    ps = params(rule["match"])
    if rule["changes"]:
        how, where = bulk_of(op, rule)
        if how:
            rule["bulk"] = how
            if where:
                rule["ids"] = where
    OWN_WORDS.get(resource, other_rule)(op, rule, ps)
    if path.endswith("basicAuth"):
        rule["detail"], rule["doc"], rule["private_body"] = {}, "none", True
        rule["username"] = "body.username"
    if "invitationId" in ps:
        rule["secret"] = ["invitationId"]
        rule["detail"] = {k: v for k, v in rule["detail"].items() if v != "path.invitationId"}
    if action in ("LOGIN", "LOGOUT", "IMPERSONATE"):
        rule["mode"], rule["sign_in"] = "available", True
        rule["private_body"] = True
        rule["detail"] = {} if action != "IMPERSONATE" else {"id": "path.id"}
        rule.pop("before", None)
        rule["doc"] = "none"
    if path == "/ping":
        rule["open"] = True
    if not rule["changes"]:
        quiet = QUIET_WORDS & set(segments(path)) or rule["name"] in QUIET_NAMES
        rule["level"] = "none" if quiet else "metadata"
    else:
        rule["level"] = "metadata" if rule.get("doc", "none") == "none" else "change"
    return rule


def load(source):
    data = yaml.safe_load(source)
    ops = [dict(o) for o in data["operations"]]
    known = {o["method"] + " " + o["path"]: o for o in ops}
    for legacy in data["legacy_routes"]:
        same = known.get(legacy.get("same_as", ""))
        merged = {**(same or {}), **legacy}
        ops.append(merged)
    ops += [dict(o) for o in data["additions_2_0_x"]]
    for method, path, name, resource, action, details in OLD_ROUTES:
        ops.append({"method": method, "path": path.replace("~", "/api/v1/{tenant}"),
                    "operation_id": name, "resource": resource, "action": action,
                    "mutating": action != "READ", "bulk": False, "details": details})
    reserved = data["summary"]["reserved_first_segments_after_api_v1"]
    return ops, reserved


# ---- writing ---------------------------------------------------------------------------------

ORDER = ["name", "match", "resource", "action", "absent", "level", "mode", "sign_in", "open",
         "webhook", "secret", "private_body", "username", "bulk", "ids", "doc", "before", "after",
         "detail"]


def scalar(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if re.fullmatch(r"[A-Za-z_][\w.|]*", text):
        return text
    return '"' + text + '"'


def line(rule):
    out = []
    for key in ORDER:
        value = rule.get(key)
        if value in (None, {}, False, []) or (key == "doc" and value == "none"):
            continue
        if key == "level" and value == ("change" if rule["action"] != "READ" and
                                        rule.get("doc", "none") != "none" else "metadata"):
            continue
        if isinstance(value, dict):
            value = "{" + ", ".join(f"{k}: {scalar(v)}" for k, v in value.items()) + "}"
        elif isinstance(value, list):
            value = "[" + ", ".join(scalar(v) for v in value) + "]"
        else:
            value = scalar(value)
        out.append(f"{key}: {value}")
    text = "  - {" + ", ".join(out) + "}"
    return wrap(text)


def wrap(text, width=100):
    """Breaks a flow mapping at commas, so that reviews and diffs stay readable."""
    lines, rest = [], text
    while len(rest) > width:
        cut = rest.rfind(", ", 8, width)
        if cut < 0:
            break
        lines.append(rest[:cut + 1])
        rest = "     " + rest[cut + 2:]
    return "\n".join(lines + [rest])


HEADER = """\
# SPDX-License-Identifier: Apache-2.0
# What each route of Kestra's HTTP API does to which resource. daybook's gateway classifies every
# request by this file; its schema is explained in src/kestra/README.md and docs/kestra.md.
#
# Made by tools/kestra_rules.py from tests/data/kestra/routes.yaml; change that script, not this.
#   `~` is /api/v1 or /api/v1/{tenant}: Kestra before 0.23 had no tenant in its paths.
#   Of two routes that fit the one with more fixed segments wins, then the one that is fixed
#   earlier. HEAD uses the rule of GET. A route that is not here: UNKNOWN, action by method.
#   Defaults: level metadata, `change` if `doc` is given; mode strict for what changes something.
"""

SECTIONS = ["FLOW", "EXECUTION", "TRIGGER", "KVSTORE", "NAMESPACE_FILE", "TEMPLATE", "NAMESPACE",
            "USER"]


def main():
    with open(sys.argv[1], encoding="utf-8") as source:
        ops, reserved = load(source)
    rules, seen = [], set()
    for op in ops:
        rule = make(op)
        if rule["match"] not in seen:
            seen.add(rule["match"])
            rules.append(rule)
    second = {segments(r["match"].split(" ", 1)[1])[0] for r in rules
              if r["match"].split(" ", 1)[1].startswith("~/")}
    print(HEADER)
    print(f'version: "{VERSION}"\n')
    print("# Never a tenant when it follows /api/v1/.")
    print(wrap("words: [" + ", ".join(RESOURCE_WORDS) + "]"))
    print(wrap("reserved: [" + ", ".join(reserved) + "]"))
    print("# With the words above: what must follow a tenant.")
    more = sorted(second - set(RESOURCE_WORDS) - set(reserved))
    print(wrap("after_tenant: [" + ", ".join(more) + "]") + "\n")
    print("rules:")
    rank = {name: i for i, name in enumerate(SECTIONS)}
    rules.sort(key=lambda r: (rank.get(r["resource"], len(SECTIONS)), r["resource"] == "UNKNOWN",
                              r["resource"]))
    last = None
    for rule in rules:
        if rule["resource"] != last:
            last = rule["resource"]
            print(f"  # ---- {last}")
        print(line(rule))


if __name__ == "__main__":
    main()
