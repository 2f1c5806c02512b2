# SPDX-License-Identifier: Apache-2.0
"""Schemathesis against the real binary: every answer has to be one that openapi.yaml describes.

    run_schemathesis.py [--cases 10000] [--seed N]      needs network once, for pip

Streams that never end would never be answers: the server is told to take no followers, so that `follow` is seen with
its refusals only (tests/blackbox/test_follow.py sees the rest). Not asked of us: that whatever fits the
types is accepted (a tree size above the present one, a filter value that is no duration).
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "blackbox"))
from harness import Server  # noqa: E402

VERSION = "4.32.5"
VENV = HERE.parents[1] / "build" / "interop" / "venv-schemathesis"
CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
          "response_schema_conformance", "negative_data_rejection", "missing_required_header", "unsupported_method",
          "allow_header_conformance", "ignored_auth"]
SAMPLES = [
    {"id": "s-flow", "type": "UPDATE", "resource": "FLOW", "detail": {"id": "hello", "namespace": "a.b", "flowId": "hello"},
     "user": {"id": "u", "username": "jane", "email": "jane@example.org"}, "ipAddress": "10.0.0.1", "before": "a: 1\n",
     "after": "a: 2\n"},
    {"id": "s-json", "type": "CREATE", "resource": "TRIGGER", "after": {"a": [1, None]}, "impersonatedBy": "x"},
    {"id": "s-system", "type": "DELETE", "resource": "TENANT", "user": {"type": "SYSTEM"}, "result": "DENIED"},
    {"id": "s-patch", "type": "UPDATE", "resource": "APP", "appliedPatch": [{"op": "add", "path": "/a", "value": 1}],
     "request": {"method": "PUT", "path": "/x", "status": 200, "durationMs": 3, "requestId": "r"}, "status": "s", "message": "m",
     "reason": "r", "userAgent": "ua"},
]


def tool():
    command = VENV / "bin" / "schemathesis"
    if not command.exists():
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        subprocess.run([str(VENV / "bin" / "pip"), "install", "-q", f"schemathesis=={VERSION}"], check=True)
    return str(command)


def run(server, token, options, folder):
    report = pathlib.Path(folder, "events.ndjson")
    operations = server.call("GET", "/openapi.yaml").body.decode().count("      operationId: ")
    command = [tool(), "run", f"http://{server.api}/openapi.yaml", "--url", f"http://{server.api}", "-H",
               f"Authorization: Bearer {token}", "--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing",
               "--max-examples", str(max(options.cases // operations, 1)), "--seed", str(options.seed), "--continue-on-failure",
               "--request-timeout", "60", "--workers", "1", "--suppress-health-check", "all", "--warnings", "off",
               "--report", "ndjson", "--report-ndjson-path", str(report)]
    environment = dict(os.environ, SCHEMATHESIS_HOOKS="schemathesis_hooks", PYTHONPATH=str(HERE),
                       DAYBOOK_IDS=",".join(sample["id"] for sample in SAMPLES))
    done = subprocess.run(command, env=environment, cwd=folder)
    return done.returncode


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="daybook-schemathesis-") as folder:
        config = pathlib.Path(folder, "config.yaml")
        config.write_text("follow:\n  followers_max: 0\naccess:\n  lock_duration: 1ms\n")
        with Server(pathlib.Path(folder, "data"), config=config) as server:
            token = server.token("schemathesis", "admin")
            stored = server.call("POST", "/api/v1/main/auditlogs", "Bearer " + token, SAMPLES)
            assert stored.status == 201, stored.body
            code = run(server, token, options, folder)
            alive = server.call("GET", "/health").status == 200
            code = code or (0 if alive else 1)
        print(json.dumps({"exit": code, "seed": options.seed}))
    sys.exit(code)


if __name__ == "__main__":
    main()
