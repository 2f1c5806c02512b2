# SPDX-License-Identifier: Apache-2.0
"""Stop, verify, damage, kill: what the commands say about a data directory."""
import json
import os
import shutil
import subprocess
import time

import harness
import proof
from harness import Server, verify

EVENTS = [{"type": "CREATE", "resource": "FLOW", "id": f"k-{n}"} for n in range(50)]


def filled(tmp_path):
    data = tmp_path / "data"
    with Server(data) as server:
        writer = "Bearer " + server.token("ci", "writer")
        answer = server.call("POST", "/api/v1/main/auditlogs", writer, EVENTS)
        assert answer.status == 201
        size = answer.json()["treeSize"]
        assert verify(data)["ok"]  # Beside the running server.
        assert server.stop() == 0
    return data, size


def test_a_clean_stop_verifies_and_covers_every_entry(tmp_path):
    data, size = filled(tmp_path)
    report = verify(data)
    assert report["ok"] and report["treeSize"] >= size and report["failures"] == []
    assert report["anchoredTo"] is None and report["tornTailBytes"] == 0


def test_a_stop_while_it_starts_is_clean(tmp_path):
    server = Server(tmp_path / "data").start()
    assert server.stop() == 0  # At once after the first healthy answer.
    process = subprocess.Popen([harness.DAYBOOK, "serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0"],
                               stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    process.terminate()
    assert process.wait(timeout=30) == 0
    assert verify(tmp_path / "data")["ok"]


def test_a_changed_added_cut_or_missing_byte_or_file_is_named(tmp_path):
    data, _ = filled(tmp_path)
    for name in sorted(os.listdir(data / "ledger")):
        file = data / "ledger" / name
        original = file.read_bytes()
        for at in sorted({0, len(original) // 3, len(original) // 2, len(original) - 1}):
            file.write_bytes(original[:at] + bytes([original[at] ^ 1]) + original[at + 1:])
            report = verify(data, expect=1)
            assert any(f["file"] == f"ledger/{name}" for f in report["failures"]), (name, at, report)
        for changed in (original + b"x", original[:-1]):
            file.write_bytes(changed)
            assert not verify(data, expect=1)["ok"]
        file.unlink()
        assert not verify(data, expect=1)["ok"]
        file.write_bytes(original)
    (data / "ledger" / "stray").write_bytes(b"x")
    assert [f["file"] for f in verify(data, expect=1)["failures"]] == ["ledger/stray"]
    (data / "ledger" / "stray").unlink()
    assert verify(data)["ok"]


def test_a_saved_checkpoint_anchors_and_exposes_a_rollback(tmp_path):
    data, _ = filled(tmp_path)
    shutil.copytree(data, tmp_path / "older")
    with Server(data) as server:
        writer = "Bearer " + server.token("ci2", "writer")
        server.call("POST", "/api/v1/main/auditlogs", writer, [{"type": "DELETE", "resource": "FLOW"}])
        vkey = server.call("GET", "/tlog/key").body.decode().splitlines()[0]
        deadline, size = time.monotonic() + 3, 0
        while size <= verify(tmp_path / "older")["treeSize"]:  # Published within 2 s.
            assert time.monotonic() < deadline
            note = server.call("GET", "/tlog/checkpoint").body
            size = proof.open_checkpoint(note.decode(), [vkey])[1]
    saved = tmp_path / "saved"
    saved.write_bytes(note)
    assert verify(data, 0, "--checkpoint", str(saved))["anchoredTo"] == size
    assert not verify(tmp_path / "older", 1, "--checkpoint", str(saved))["ok"]
    assert verify(data, 0, "--key", vkey)["ok"]


def test_kill_loses_nothing_acknowledged(tmp_path):
    data = tmp_path / "data"
    server = Server(data).start()
    writer = "Bearer " + server.token("ci", "writer")
    known = {}
    for round_ in range(5):
        for n in range(20):
            answer = server.call("POST", "/api/v1/main/auditlogs", writer,
                                 {"type": "CREATE", "resource": "FLOW", "id": f"r{round_}-{n}"})
            assert answer.status == 201
            known[f"r{round_}-{n}"] = answer.json()["results"][0]
        server.kill()
        server = Server(data).start()
    auditor = "Bearer " + server.token("eyes", "auditor")
    entries = server.call("GET", "/api/v1/auditlogs/entries?limit=10000", auditor).body.decode().splitlines()
    stored = {e["id"]: e for e in map(json.loads, entries)}
    for entry_id, receipt in known.items():
        assert stored[entry_id]["index"] == receipt["index"] and stored[entry_id]["leafHash"] == receipt["leafHash"]
    server.stop()
    assert verify(data)["ok"]


def test_verify_by_url_checks_every_part_with_a_token(tmp_path):
    with Server(tmp_path / "data") as server:
        writer = "Bearer " + server.token("ci", "writer")
        server.call("POST", "/api/v1/main/auditlogs", writer, EVENTS)
        token = server.token("eyes", "auditor")
        server.call("GET", "/api/v1/main/auditlogs/k-1/proof", "Bearer " + token)
        report = verify("http://" + server.api, 0)
        assert report["ok"] and report["treeSize"] >= 50
        assert verify("http://" + server.api, 0, "--token", token)["ok"]


def test_static_export_has_key_checkpoint_and_tiles(tmp_path):
    data, size = filled(tmp_path)
    out = tmp_path / "out"
    harness.run([harness.DAYBOOK, "tlog-export", str(data), str(out)])
    vkey = (out / "key").read_text().splitlines()[0]
    assert proof.open_checkpoint((out / "checkpoint").read_text(), [vkey])[1] >= size
    assert list((out / "tile" / "0").iterdir()) and list((out / "tile" / "entries").iterdir())


def test_commands_say_what_is_wrong(tmp_path):
    harness.run([harness.DAYBOOK, "--nonsense"], expect=2)
    harness.run([harness.DAYBOOK, "verify", str(tmp_path / "absent"), "--json"], expect=3)
    harness.run([harness.DAYBOOK, "tlog-export", str(tmp_path / "absent"), str(tmp_path / "o")], expect=3)
    assert not (tmp_path / "absent").exists()
    harness.run([harness.DAYBOOK, "serve", "--data", str(tmp_path / "x"), "--config", str(tmp_path / "absent")], expect=3)
    harness.run([harness.DAYBOOK, "serve", "--data", str(tmp_path / "x"), "--gateway", "127.0.0.1:0",
                 "--upstream", "ftp://x"], expect=2)
    assert not (tmp_path / "x").exists()
    harness.run([harness.DAYBOOK, "user", "create", "v", "--role", "viewer", "--password-stdin",
                 "--data", str(tmp_path / "d")], "long enough", expect=2)
    harness.run([harness.DAYBOOK, "user", "create", "v", "--role", "nonsense", "--password-stdin",
                 "--data", str(tmp_path / "d")], "long enough", expect=2)
    assert harness.run([harness.DAYBOOK, "--version"]).startswith("daybook ")
