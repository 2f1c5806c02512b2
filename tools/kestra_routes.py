#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/data/kestra/routes.tsv: resource, action and ids of every operation of Kestra that is known.

    tools/kestra_routes.py tests/data/kestra/routes.yaml > tests/data/kestra/routes.tsv

Open-source, Enterprise, older and newer ones. Shares no code with the classifier nor with the maker of its rule file.
Only what the path tells is compared: `ids` are the details that stand in it, without those that name people.
"""
import json
import re
import sys

import yaml

from kestra_golden import own_words

# Names of people, and what repeats another column.
LEFT_OUT = {"tenantId", "username", "email", "webhookKey", "uid"}
# An invitation's id lets its holder in; what follows a webhook's key may be as secret as the key.
SECRET = {"invitationId", "path"}


def fill(path):
    return re.sub(r"\{(\w+)\}", lambda m: "acme" if m.group(1) == "tenant" else "v-" + m.group(1), path)


def ids(op):
    found = {}
    for key, source in (op.get("details") or {}).items():
        match = re.fullmatch(r"path\.(\w+)", str(source))
        if match and key not in LEFT_OUT and match.group(1) not in SECRET and "{" + match.group(1) + "}" in op["path"]:
            found[key] = "v-" + match.group(1)
    return found


def words(op, edition):
    path = op["path"].replace("/api/v1/{tenant}", "").replace("/api/v1", "")
    if op["action"] in ("LOGIN", "LOGOUT", "IMPERSONATE"):
        return op["resource"], op["action"]
    if path.startswith("/templates"):
        return "TEMPLATE", op["action"]
    if edition == "oss" or op["resource"] == "TRIGGER":
        resource, action, _ = own_words(op, path)
        return resource, action
    return op["resource"], op["action"]


def main():
    with open(sys.argv[1], encoding="utf-8") as source:
        data = yaml.safe_load(source)
    known = {op["method"] + " " + op["path"]: op for op in data["operations"]}
    older = [{**known.get(op.get("same_as", ""), {}), **op} for op in data["legacy_routes"]]
    seen = set()
    print("source\tmethod\tpath\tresource\taction\tchanges\tids")
    for name, operations in (("2.0", data["operations"]), ("older", older), ("newer", data["additions_2_0_x"])):
        for op in operations:
            key = op["method"] + " " + op["path"]
            if key in seen:
                continue
            seen.add(key)
            resource, action = words(op, op.get("edition", ""))
            print("\t".join([name, op["method"], fill(op["path"]), resource, action, "yes" if op.get("mutating") else "no",
                             json.dumps(ids(op), sort_keys=True)]))


if __name__ == "__main__":
    main()
