#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/data/kestra/golden.tsv: what classification must say of each open-source operation.

    tools/kestra_golden.py tests/data/kestra/routes.yaml > tests/data/kestra/golden.tsv

Shares no code with the classifier nor with the maker of its rule file: it goes from the published
list of operations and from daybook's own words, written down here a second time.
"""
import json
import re
import sys

import yaml

SAMPLES = {
    "namespace": "company.team", "flowId": "hello", "executionId": "5wOrelQHavVRrS8us58QUX",
    "triggerId": "every", "taskRunId": "2fVi4d1b2sjjuDudIFW35S", "taskId": "say", "key": "greeting",
    "kind": "flow", "metric": "rows", "cls": "io.kestra.plugin.core.log.Log", "chartId": "c1",
    "type": "io.kestra.plugin.core.log.Log", "version": "1.0", "group": "core", "path": "more/x",
}
QUIET = ("search", "validate", "graph")


def sample(name, path):
    if name == "id":
        return "company.team" if path.endswith("/namespaces/{id}") else "hello"
    return SAMPLES[name]


def fill(path):
    return re.sub(r"\{(\w+)\}", lambda m: sample(m.group(1), path), path)


def own_words(op, path):
    """Resource, action and action if absent, as daybook's words rule over the list."""
    method, resource, action = op["method"], op["resource"], op["action"]
    first = path.split("/")[1]
    if not op["mutating"]:
        return resource, "READ", ""
    if first == "logs":
        return "EXECUTION", "DELETE", ""
    if first == "basicAuth":
        return "USER", "UPDATE", ""
    if resource == "FLOW" and first == "flows":
        if "/bulk" in path or "/import" in path or path == "/flows/{namespace}":
            return "FLOW", "UPDATE", ""
        if method == "DELETE":
            return "FLOW", "DELETE", ""
        if method == "POST" and not re.search(r"/(enable|disable)/", path):
            return "FLOW", "CREATE", ""
        return "FLOW", "UPDATE", ""
    if resource == "EXECUTION":
        if re.search(r"/webhook/|/replay", path) or path == "/executions/{namespace}/{id}":
            return "EXECUTION", "CREATE", ""
        if method == "DELETE" and "/kill" not in path:
            return "EXECUTION", "DELETE", ""
        return "EXECUTION", "UPDATE", ""
    if resource == "TRIGGER":
        return "TRIGGER", "DELETE" if method == "DELETE" else "UPDATE", ""
    if resource in ("KVSTORE", "NAMESPACE_FILE"):
        if method == "DELETE":
            return resource, "DELETE", ""
        if resource == "NAMESPACE_FILE" and method == "PUT":
            return resource, "UPDATE", ""  # A move.
        return resource, "UPDATE", "CREATE"
    return resource, action, op.get("action_if_absent", "")


def bulk(op, path):
    if not op["mutating"]:
        return "no"
    if path.endswith("/by-query"):
        return "query"
    if re.search(r"/by-(ids|triggers)$", path) or path.endswith("/namespaces/{namespace}/kv"):
        return "ids"
    if path.endswith("/import"):
        return "file"
    if path in ("/flows/bulk", "/flows/{namespace}"):
        return "yaml_multi"
    return "no"


def level(op, path):
    """`none` or `recorded`."""
    if op["mutating"]:
        return "recorded"
    parts = path.strip("/").split("/")
    if parts[0] in ("plugins", "configs", "stats") or any(p in parts for p in QUIET):
        return "none"
    # The attributes of a file, which the file browser polls.
    return "none" if path.endswith("/files/stats") else "recorded"


def detail(op, path, resource):
    """What the path alone tells, by daybook's keys."""
    names = re.findall(r"\{(\w+)\}", path)
    values = {n: sample(n, path) for n in names}
    out = {}
    mutating = op["mutating"]
    if resource == "FLOW":
        flow = values.get("flowId", values.get("id"))
        if flow and "namespace" in values:
            out = {"id": flow, "flowId": flow}
    elif resource == "EXECUTION":
        if "executionId" in values:
            out = {"id": values["executionId"], "executionId": values["executionId"]}
            if mutating and "/replay" in path:
                out["originalId"] = values["executionId"]
        elif "namespace" in values and ("flowId" in values or "id" in values):
            out = {"flowId": values.get("flowId", values.get("id"))}
        if mutating and path.startswith("/logs/"):
            out["part"] = "logs"
        for extra in ("taskRunId", "taskId", "metric"):
            if extra in values:
                out[extra] = values[extra]
    elif resource == "TRIGGER":
        if "triggerId" in values:
            out = {"id": values["triggerId"], "triggerId": values["triggerId"]}
        if "flowId" in values:
            out["flowId"] = values["flowId"]
    elif resource == "KVSTORE":
        if "key" in values:
            out = {"id": values["key"], "key": values["key"]}
    elif resource == "NAMESPACE":
        if "id" in values:
            out = {"id": values["id"], "namespace": values["id"]}
    elif resource == "BLUEPRINT":
        out = {k: values[k] for k in ("kind", "id") if k in values}
    elif resource in ("DASHBOARD", "MCP_SERVER"):
        out = {k: values[k] for k in ("id", "chartId") if k in values}
    elif resource == "UNKNOWN":
        for key, source in op["details"].items():
            if source.startswith("path.") and not path.endswith("{" + source[5:] + "}") or \
                    source.startswith("path.") and source[5:] != "path":
                out[key] = values[source[5:]]
    if "taskId" in values and resource == "FLOW":
        out["taskId"] = values["taskId"]
    if "namespace" in values:
        out["namespace"] = values["namespace"]
    return out


def main():
    with open(sys.argv[1], encoding="utf-8") as source:
        operations = yaml.safe_load(source)["operations"]
    print("method\tpath\tresource\taction\tabsent\ttenant\tbulk\tchanges\tlevel\tdetail")
    for op in operations:
        if op["edition"] != "oss":
            continue
        whole = op["path"]
        path = whole.replace("/api/v1/{tenant}", "").replace("/api/v1", "")
        resource, action, absent = own_words(op, path)
        keys = json.dumps(detail(op, path, resource), sort_keys=True)
        rest = [resource, action, absent or "-"]
        more = [bulk(op, path), "yes" if op["mutating"] else "no", level(op, path), keys]
        if "{tenant}" in whole:
            print("\t".join([op["method"], "/api/v1/acme" + fill(path), *rest, "acme", *more]))
        # Kestra before 0.23: the same without a tenant.
        print("\t".join([op["method"], "/api/v1" + fill(path), *rest, "main", *more]))


if __name__ == "__main__":
    main()
