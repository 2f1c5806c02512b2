# SPDX-License-Identifier: Apache-2.0
"""The background check beside a running server, a byte changed under it, and a copy that is restored."""
import glob
import json
import os
import subprocess
import time

from harness import ADMIN_PASSWORD, DAYBOOK, Server, basic, run, verify

ADMIN = basic("admin", ADMIN_PASSWORD)


def scrubs(server):
    target = "/api/v1/auditlogs/search?filters[kind][EQUALS]=system&filters[type][EQUALS]=SCRUB&expand=daybook&size=100"
    return server.admin("GET", target).json()["results"]


def wait_for(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("did not happen")


def metric(server, name):
    text = server.admin("GET", "/metrics").body.decode()
    return float(next(line.split()[-1] for line in text.splitlines() if line.startswith(name)))


def test_damage_under_a_running_server_is_found_and_stops_writing(tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("ledger:\n  scrub_interval: 1s\n")
    server = Server(tmp_path / "data", config=config).start()
    events = [{"type": "UPDATE", "resource": "FLOW", "id": f"e{n}"} for n in range(50)]
    posted = server.admin("POST", "/api/v1/main/auditlogs", events)
    assert posted.status == 201
    size = posted.json()["treeSize"]
    # Signed: from then on only the check looks at these bytes again.
    wait_for(lambda: int(server.call("GET", "/tlog/checkpoint").body.decode().splitlines()[1]) >= size)
    wait_for(lambda: len(scrubs(server)) >= 2)
    assert all(row["daybook"]["result"] == "SUCCESS" for row in scrubs(server))
    assert metric(server, "daybook_ledger_scrubs_total") >= 2
    assert metric(server, "daybook_ledger_scrub_age_seconds") < 60
    journal = sorted(glob.glob(str(tmp_path / "data/ledger/journal-*")))[0]
    with open(journal, "r+b") as file:
        file.seek(8000)
        byte = file.read(1)
        file.seek(8000)
        file.write(bytes([byte[0] ^ 4]))
    wait_for(lambda: server.call("GET", "/health").json()["status"] == "read-only")
    health = server.call("GET", "/health").json()
    assert health["writable"] is False and health["stoppedBecause"]
    assert server.admin("POST", "/api/v1/main/auditlogs", {"type": "UPDATE", "resource": "FLOW"}).status == 503
    last = scrubs(server)[0]
    assert last["daybook"]["result"] == "FAILURE"
    assert last["auditLog"]["detail"]["file"] == os.path.basename(journal)
    assert metric(server, "daybook_ledger_scrub_damage_total") == 1
    assert server.admin("GET", "/api/v1/main/auditlogs/search").json()["total"] == 50
    assert server.stop() == 4
    assert not verify(tmp_path / "data", 1)["ok"]
    again = subprocess.run([DAYBOOK, "serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0"], capture_output=True,
                           timeout=60, check=False)
    assert again.returncode == 3


def test_backup_beside_a_server_and_restore_under_a_new_origin(tmp_path):
    data, copy, new = tmp_path / "data", tmp_path / "copy", tmp_path / "new"
    server = Server(data).start()
    token = server.token("auditor", "auditor")
    events = [{"type": "UPDATE", "resource": "FLOW", "id": f"e{n}"} for n in range(300)]
    assert server.admin("POST", "/api/v1/main/auditlogs", events).status == 201
    time.sleep(1.5)  # A checkpoint covers them.
    made = json.loads(run([DAYBOOK, "backup", "--data", str(data), str(copy), "--json"]))
    assert made["treeSize"] >= 300
    assert not (copy / "keys").exists()
    run([DAYBOOK, "backup", "--data", str(data), str(copy)], expect=2)  # Not empty.
    saved = server.call("GET", "/tlog/checkpoint").body.decode()
    assert server.stop() == 0
    assert verify(copy)["rootHash"] == made["rootHash"]
    restored = json.loads(run([DAYBOOK, "restore", str(copy), str(new), "--json"]))
    assert restored["restored"] == {key: made[key] for key in ("origin", "treeSize", "rootHash")}
    assert restored["origin"] != made["origin"]
    assert verify(new)["ok"]
    checkpoint = tmp_path / "saved"
    checkpoint.write_text(saved)
    # A larger checkpoint is known: the old origin must not go on.
    assert int(saved.splitlines()[1]) >= made["treeSize"]
    refused = [DAYBOOK, "restore", str(copy), str(tmp_path / "same"), "--same-origin"]
    run(refused, expect=2)
    with Server(new) as again:
        found = again.call("GET", "/api/v1/main/auditlogs/search?size=1", "Bearer " + token).json()
        assert found["total"] == 300
        assert again.admin("POST", "/api/v1/main/auditlogs", {"type": "UPDATE", "resource": "FLOW", "id": "e5"}).status == 200
