# SPDX-License-Identifier: Apache-2.0
"""Backs up under load, loses the directory, restores it in both ways, and checks everything.

    restore_drill.py [--rounds 3]

Under a new origin: every entry keeps index and leaf, the old checkpoint is a prefix of the new tree, the first new
entry names the old origin, size and root. Under the old origin: refused while a larger checkpoint is known outside,
else it goes on. Both verify, sign in with the old accounts, and take entries again.
"""
import argparse
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "blackbox"))
from harness import DAYBOOK, Server, run, verify  # noqa: E402
from kill_loop import Oracle, all_entries, write_events  # noqa: E402


def entries_of(server, token):
    return {entry["index"]: (entry["id"], entry["leafHash"], entry["parts"]) for entry in all_entries(server, token, 0)}


def drill(root, number):
    data, copy = os.path.join(root, f"data{number}"), os.path.join(root, f"copy{number}")
    server, oracle, stop = Server(data).start(), Oracle(), threading.Event()
    tokens = {role: server.token(f"{role}-account", role) for role in ("writer", "auditor")}
    writers = [threading.Thread(target=write_events, args=(server, tokens["writer"], oracle, w, number, stop)) for w in range(6)]
    for writer in writers:
        writer.start()
    time.sleep(1.5)
    made = json.loads(run([DAYBOOK, "backup", "--data", data, copy, "--json"]))
    at_backup = os.path.join(root, f"checkpoint{number}")
    time.sleep(1.2)  # So that a larger checkpoint is known outside.
    stop.set()
    for writer in writers:
        writer.join()
    time.sleep(1.2)
    with open(at_backup, "wb") as file:
        file.write(server.call("GET", "/tlog/checkpoint").body)
    known = int(open(at_backup, encoding="utf-8").read().splitlines()[1])
    assert known > made["treeSize"] > 0, (known, made)
    old = entries_of(server, tokens["auditor"])
    server.kill()
    keys = os.path.join(root, f"keys{number}")
    shutil.copytree(os.path.join(data, "keys"), keys)
    report = verify(copy)
    assert report["ok"] and report["treeSize"] == made["treeSize"] and report["rootHash"] == made["rootHash"]
    # A new origin.
    new = os.path.join(root, f"new{number}")
    restored = json.loads(run([DAYBOOK, "restore", copy, new, "--why", "drill", "--json"]))
    assert restored["origin"] != made["origin"] and restored["treeSize"] == made["treeSize"] + 1
    assert verify(new)["ok"]
    again = Server(new).start()
    entries = entries_of(again, tokens["auditor"])  # With the old token.
    for index in range(made["treeSize"]):
        assert entries[index] == old[index], index
    event = json.loads(base64.b64decode(entries[made["treeSize"]][2]["event"]["bytes"]))
    assert event["action"] == "RESTORE" and event["detail"]["origin"] == made["origin"], event
    assert event["detail"]["treeSize"] == made["treeSize"] and event["detail"]["rootHash"] == made["rootHash"], event
    body = {"type": "CREATE", "resource": "FLOW", "id": "after"}
    answer = again.call("POST", "/api/v1/main/auditlogs", "Bearer " + tokens["writer"], body)
    assert answer.status == 201, answer.body
    assert again.stop() == 0 and verify(new)["ok"]
    # The old origin: never below what is known outside.
    same = os.path.join(root, f"same{number}")
    shutil.copytree(keys, os.path.join(same, "keys"))
    command = [DAYBOOK, "restore", copy, same, "--same-origin", "--json"]
    run(command, expect=2)
    run([*command, "--checkpoint", at_backup], expect=1)
    shutil.rmtree(same)
    # From a whole copy of the lost directory it goes on.
    assert subprocess.run([DAYBOOK, "verify", data], capture_output=True, check=False).returncode == 0
    shutil.copytree(keys, os.path.join(same, "keys"))
    run([DAYBOOK, "recover", "--data", data, "--json"])
    full = os.path.join(root, f"full{number}")
    run([DAYBOOK, "backup", "--data", data, full, "--json"])
    done = json.loads(run([DAYBOOK, "restore", full, same, "--same-origin", "--checkpoint", at_backup, "--json"]))
    assert done["origin"] == made["origin"], done
    assert verify(same, 0, "--checkpoint", at_backup)["anchoredTo"] == known
    again = Server(same).start()
    entries = entries_of(again, tokens["auditor"])
    assert all(entries[index] == entry for index, entry in old.items() if index < known)
    assert again.stop() == 0 and verify(same)["ok"]
    return made["treeSize"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    total = 0
    for number in range(arguments.rounds):
        with tempfile.TemporaryDirectory(prefix="daybook-drill-") as root:
            total += drill(root, number)
    print(f"restore_drill: {arguments.rounds} drills, {total} entries backed up under load and restored under a new origin, "
          "every leaf and part equal; the old origin only from the largest known checkpoint; all verify")
    return 0


if __name__ == "__main__":
    sys.exit(main())
