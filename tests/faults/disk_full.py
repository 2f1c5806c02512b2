# SPDX-License-Identifier: Apache-2.0
"""A small real file system is filled and emptied again and again under a running server.

    disk_full.py --cycles 50 [--megabytes 160]

The data directory lies on a tmpfs of that size (needs the right to mount). In each cycle a ballast file takes all that
is left while writers write. Until space returns: ingest is refused with 503 and Retry-After, reading goes on, the last
entry says DISK_FULL and a checkpoint covers it. Then the ballast goes, writing resumes by itself, and DISK_FREE says
so. In every fifth cycle the server is killed while the disk is full. No acknowledgement is ever lost.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "blackbox"))
from harness import Server, verify  # noqa: E402
from kill_loop import Oracle, all_entries  # noqa: E402


class Refusals:
    def __init__(self):
        self.count, self.wrong = 0, []


def write_events(server, token, oracle, refusals, tag, stop):
    """Batches of different sizes until told to stop; refusals are counted."""
    n = 0
    while not stop.is_set():
        batch = [{"type": "UPDATE", "resource": "FLOW", "id": f"{tag}-{n}-{k}", "message": "m" * 100} for k in range(1 + n % 40)]
        try:
            answer = server.call("POST", "/api/v1/main/auditlogs", "Bearer " + token, batch)
        except OSError:
            return
        if answer.status == 201:
            for receipt in answer.json()["results"]:
                oracle.acknowledged(receipt["id"], receipt)
            time.sleep(0.005)  # The ledger itself is not to fill the disk.
        elif answer.status == 503 and answer.header("Retry-After"):
            refusals.count += 1
            time.sleep(0.02)
        else:
            refusals.wrong.append((answer.status, answer.body[:200]))
        n += 1


def fill(path):
    """Takes all space there is."""
    with open(path, "ab", buffering=0) as file:
        for piece in (1 << 20, 1 << 16, 1 << 12):
            try:
                while True:
                    file.write(b"\1" * piece)
            except OSError:
                pass


def system_actions(server, token):
    answer = server.call("GET", "/api/v1/auditlogs/search?filters[kind][EQUALS]=system&size=20", "Bearer " + token)
    assert answer.status == 200, answer.body
    return [row["auditLog"]["type"] for row in answer.json()["results"]]


def wait_for(what, condition, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("did not happen: " + what)


def cycle(number, server, tokens, oracle, ballast, kill):
    stop, refusals = threading.Event(), Refusals()
    writers = [threading.Thread(target=write_events, args=(server, tokens["writer"], oracle, refusals, f"c{number}w{w}", stop))
               for w in range(4)]
    for writer in writers:
        writer.start()
    time.sleep(random.uniform(0.05, 0.2))
    full = threading.Event()

    def keep_full():  # Also what the server gives back: the disk is really full.
        while not full.is_set():
            fill(ballast)
            time.sleep(0.02)
    filler = threading.Thread(target=keep_full)
    filler.start()
    wait_for("503 on a full disk", lambda: refusals.count > 10)
    answer = server.call("GET", "/api/v1/main/auditlogs/search?size=10", "Bearer " + tokens["auditor"])
    assert answer.status == 200 and answer.json()["results"], "reading stopped"
    said = system_actions(server, tokens["auditor"])[0] == "DISK_FULL"
    if kill:
        server.kill()
    full.set()
    filler.join()
    os.remove(ballast)
    if kill:
        assert verify(server.data)["ok"]
        server.start()
    else:
        before = len(oracle.known)
        wait_for("resuming", lambda: len(oracle.known) > before)
        if said:
            assert "DISK_FREE" in system_actions(server, tokens["auditor"])
    stop.set()
    for writer in writers:
        writer.join()
    assert not refusals.wrong, refusals.wrong[:3]
    return refusals.count, said


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cycles", type=int, default=50)
    parser.add_argument("--megabytes", type=int, default=160)
    arguments = parser.parse_args()
    oracle, refused, said, seen = Oracle(), 0, 0, {}
    with tempfile.TemporaryDirectory(prefix="daybook-full-") as root:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={arguments.megabytes}m", "tmpfs", root],
                                 capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            sys.exit("disk_full: may not mount here: " + mounted.stderr.strip())
        server = Server(os.path.join(root, "data"))
        try:
            server.start()
            tokens = {role: server.token(f"{role}-account", role) for role in ("writer", "auditor")}
            following = 0
            for number in range(1, arguments.cycles + 1):
                count, last_entry = cycle(number, server, tokens, oracle, os.path.join(root, "ballast"), number % 5 == 0)
                refused, said = refused + count, said + last_entry
                for entry in all_entries(server, tokens["auditor"], following):
                    following = entry["index"] + 1
                    seen[entry["id"]] = (entry["index"], entry["leafHash"])
                lost = [name for name, receipt in oracle.known.items() if seen.get(name) != receipt]
                assert not lost, f"{len(lost)} acknowledged entries lost or changed, e.g. {lost[:3]}"
                if number % 10 == 0:
                    print(f"disk_full: {number} cycles, {len(oracle.known)} acknowledged, {refused} refused, 0 lost", flush=True)
            assert server.stop() == 0
            assert verify(server.data)["ok"]
        finally:
            if server.process and server.process.poll() is None:
                server.kill()
            subprocess.run(["umount", root], check=False)
    print(f"disk_full: {arguments.cycles} cycles on {arguments.megabytes} MiB, {len(oracle.known)} acknowledged, {refused} refused "
          f"with 503 and Retry-After, the last entry said DISK_FULL {said} times, 0 lost, verify good")
    return 0


if __name__ == "__main__":
    sys.exit(main())
