#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Kestra's official SDKs against daybook: every audit-log call with every parameter, answers compared field by field.

Starts a daybook with its gateway in front of the stand-in for Kestra, ingests made-up events, and runs the checks of
each SDK against the API's listener and against the gateway. `make interop-sdk` installs the SDKs outside the tree.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "blackbox")]

import sdk_model  # noqa: E402
from harness import DAYBOOK, basic, request, run  # noqa: E402

TENANTS = {"sdk-one": 60, "sdk-two": 25}
DEMO_PASSWORD = "daybook-demo"  # Printed by `daybook demo`; good for made-up data only.


class Demo:
    """`daybook demo`: server, gateway, the stand-in, and people who act on it."""

    def __init__(self, data):
        self.data = data
        self.process = subprocess.Popen([DAYBOOK, "demo", "--data", data, "--listen", "127.0.0.1:0",
                                         "--gateway", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        self.addresses = {}
        for line in self.process.stdout:
            if line.startswith("listening "):
                _, name, url = line.split()
                self.addresses[name] = url.split("://")[1]
            if line.startswith("demo ready"):
                return
        raise RuntimeError("the demo did not start")

    def account(self, kind, name, role, tenant=None):
        words = [DAYBOOK, kind, "create", name, "--role", role, "--data", self.data, "--json"]
        words += ["--tenant", tenant] if tenant else []
        if kind == "user":
            return json.loads(run(words + ["--password-stdin"], DEMO_PASSWORD))
        run(words)
        made = run([DAYBOOK, "token", "create", "--service-account", name, "--data", self.data, "--json"])
        return json.loads(made)["fullToken"]

    def post(self, path, body):
        answer = request(self.addresses["api"], "POST", path,
                         {"Authorization": basic("admin", DEMO_PASSWORD), "Content-Type": "application/json"},
                         json.dumps(body))
        assert answer.status == 201, (answer.status, answer.body)

    def stop(self):
        self.process.terminate()
        self.process.stdout.read()
        assert self.process.wait(60) == 0


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--python", required=True, help="an interpreter that has kestrapy")
    arguments.add_argument("--js", required=True, help="a folder whose node_modules has @kestra-io/kestra-sdk")
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as data:
        demo = Demo(data)
        failed = 0
        try:
            plan = {"listeners": {name: "http://" + address for name, address in demo.addresses.items()},
                    "events": {tenant: sdk_model.make_events(tenant, count, options.seed)
                               for tenant, count in TENANTS.items()},
                    "token": demo.account("service-account", "sdk-auditor", "auditor"),
                    "viewer": demo.account("service-account", "sdk-viewer", "viewer", "sdk-one"),
                    "user": "sdk-person", "password": DEMO_PASSWORD,
                    "kestra": {"user": "jane.doe", "password": DEMO_PASSWORD}}
            demo.account("user", "sdk-person", "auditor")
            for tenant, events in plan["events"].items():
                demo.post(f"/api/v1/{tenant}/auditlogs", events)
            plan["rows"] = {tenant: [sdk_model.shown_row(event, tenant) for event in events]
                            for tenant, events in plan["events"].items()}
            script = HERE / "sdk_js" / "audit_logs.cjs"
            environment = dict(os.environ, NODE_PATH=str(pathlib.Path(options.js) / "node_modules"))
            for command in ([options.python, "-u", "-W", "ignore", str(HERE / "sdk_kestrapy.py")], ["node", str(script)]):
                done = subprocess.run(command, input=json.dumps(plan), text=True, env=environment, timeout=600)
                failed += done.returncode != 0
        finally:
            demo.stop()
        run([DAYBOOK, "verify", data, "--json"])
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
