# SPDX-License-Identifier: Apache-2.0
"""Evidence: asked for over HTTP, checked from a terminal, and a second time by code of ours that shares nothing with it."""
import base64
import json
import os
import subprocess

import pytest

import harness
import proof
from harness import Server

VERIFIER = os.path.join(os.path.dirname(harness.DAYBOOK), "..", "daybook-verify", "daybook-verify")
EVENTS = [{"type": "UPDATE", "resource": "FLOW" if n % 2 else "EXECUTION", "id": f"e-{n}", "detail": {"n": n},
           "user": {"id": "u1", "username": "jane"}} for n in range(12)]


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Files of evidence, the checkpoint and key of their ledger, and its directory after a clean stop."""
    folder = tmp_path_factory.mktemp("evidence")
    with Server(folder / "data") as server:
        writer = "Bearer " + server.token("ci", "writer")
        reader = "Bearer " + server.token("audit", "auditor")
        assert server.call("POST", "/api/v1/main/auditlogs", writer, EVENTS).status == 201
        path = "/api/v1/main/auditlogs"
        complete = server.call("POST", path + "/evidence", reader, {"filters": "resource=FLOW", "complete": True})
        one = server.call("GET", path + "/e-3/evidence?disclose=event,change", reader)
        page = server.call("GET", path + "/e-3/evidence?format=html", reader)
        for name, answer in (("complete.json", complete), ("one.json", one), ("page.html", page)):
            assert answer.status == 200, answer.body
            (folder / name).write_bytes(answer.body)
        (folder / "checkpoint").write_text(json.loads(complete.body)["checkpoint"])
        (folder / "key").write_text(server.call("GET", "/tlog/key", reader).body.decode().splitlines()[0])
        assert server.stop() == 0
    return folder


def check(file, *more, verb=("verify-evidence",), program=None):
    done = subprocess.run([program or harness.DAYBOOK, *verb, str(file), "--json", *more], stdout=subprocess.PIPE, timeout=60)
    return done.returncode, json.loads(done.stdout) if done.stdout else None


@pytest.mark.parametrize("name", ["complete.json", "one.json", "page.html"])
def test_evidence_verifies_with_both_programs(asked, name):
    for verb, program in ((("verify-evidence",), None), ((), VERIFIER)):
        code, report = check(asked / name, verb=verb, program=program)
        assert code == 0 and report["ok"] and report["failures"] == [], report
        assert not report["keyFromOutside"] and report["anchoredTo"] is None


def test_key_and_checkpoint_kept_outside(asked):
    key = (asked / "key").read_text().strip()
    code, report = check(asked / "complete.json", "--key", key, "--checkpoint", str(asked / "checkpoint"))
    assert code == 0 and report["keyFromOutside"] and report["anchoredTo"] == report["treeSize"]
    assert check(asked / "complete.json", "--key", key[:-4] + "AAAA")[0] == 2  # Not the key of that id.
    assert check(asked / "missing.json")[0] == 3


def test_evidence_holds_for_code_that_is_not_ours(asked):
    document = json.loads((asked / "complete.json").read_text())
    items = document["items"]
    assert [item["index"] for item in items] == list(range(document["selection"]["from"], document["selection"]["to"]))
    for item in items:
        shown = "id" in item
        assert {part.get("state") for part in item["parts"].values()} == ({None} if shown else {"withheld"})
        leaf = b"\x01" + b"".join(bytes.fromhex(item["parts"][name]["commitment"]) for name, _ in proof.KINDS)
        assert proof.b64(item["leaf"]) == leaf
        path = [proof.b64(one) for one in item["proof"]["hashes"]]
        size = document["selection"]["treeSize"]
        root = proof.root_from_path(item["index"], size, proof.sha(b"\x00", leaf), path)
        assert root.hex() == item["proof"]["rootHash"]
        for name, kind in proof.KINDS:
            part = item["parts"][name]
            if shown:
                told = proof.sha(kind, proof.b64(part["salt"]), proof.b64(part["bytes"]))
                assert told.hex() == part["commitment"]
            else:
                assert set(part) == {"commitment", "state"}
        if shown:
            assert json.loads(proof.b64(item["parts"]["event"]["bytes"]))["resource"] == "FLOW"
    assert sum("id" in item for item in items) == 6


def test_a_withheld_actor_is_nowhere(asked):
    document = json.loads((asked / "one.json").read_text())
    actor = document["items"][0]["parts"]["actor"]
    assert actor["state"] == "withheld" and set(actor) == {"commitment", "state"}
    shown = b"".join(proof.b64(part["bytes"]) for part in document["items"][0]["parts"].values() if "bytes" in part)
    assert b"jane" not in shown


def test_changed_evidence_is_refused(asked):
    document = json.loads((asked / "complete.json").read_text())
    file = asked / "changed.json"

    def refused(changed):
        file.write_text(json.dumps(changed))
        code, report = check(file)
        assert code == 1 and report["failures"], report
        return report["failures"]

    for at in range(len(document["items"])):
        items = [item for position, item in enumerate(document["items"]) if position != at]
        assert refused(dict(document, items=items))
    other = json.loads(json.dumps(document))
    shown = next(position for position, item in enumerate(other["items"]) if "id" in item)
    part = other["items"][shown]["parts"]["event"]
    part["bytes"] = base64.b64encode(base64.b64decode(part["bytes"]).replace(b'"v":1', b'"v":2', 1)).decode()
    assert refused(other)[0]["item"] == shown
    file.write_bytes(b"{")
    assert check(file)[0] == 1


def test_the_auditors_program_takes_exports_and_directories(asked):
    assert check(asked / "data", verb=(), program=VERIFIER)[0] == 0
    out = asked / "static"
    subprocess.run([harness.DAYBOOK, "tlog-export", str(asked / "data"), str(out)], check=True, stdout=subprocess.DEVNULL)
    code, report = check(out, verb=(), program=VERIFIER)
    assert code == 0 and report["ok"] and report["treeSize"] > 0
    tile = next(path for path in sorted((out / "tile" / "0").rglob("*")) if path.is_file())
    changed = bytearray(tile.read_bytes())
    changed[5] ^= 1
    tile.write_bytes(changed)
    assert check(out, verb=(), program=VERIFIER)[0] == 1
