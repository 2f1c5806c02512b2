# SPDX-License-Identifier: Apache-2.0
"""A real witness (litewitness) cosigns our checkpoints, survives its restart, and raises the alarm at a forked ledger.

Needs Go, ssh-agent, ssh-add and ssh-keygen. A missing tool is a failure.
"""
import base64
import hashlib
import os
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "blackbox"))
os.environ.setdefault("DAYBOOK", str(ROOT / "build/release/apps/daybook/daybook"))
from harness import Server  # noqa: E402

VERSION = "v0.9.0"
NAME = "witness.example/w1"
TOOLS = ROOT / "build" / "interop" / "bin"
passed = 0


def ok(what):
    global passed
    passed += 1
    print(f"witness: ok {passed} {what}", flush=True)


def fail(what):
    sys.exit(f"witness: FAILED: {what}")


def soon(condition, what, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    return fail(what)


def tool():
    binary = TOOLS / "litewitness"
    if not binary.exists():
        if shutil.which("go") is None:
            fail("Go is needed for litewitness")
        print("witness: building litewitness", flush=True)
        TOOLS.mkdir(parents=True, exist_ok=True)
        package = f"filippo.io/torchwood/cmd/litewitness@{VERSION}"
        subprocess.run(["go", "install", package], check=True, env=dict(os.environ, GOBIN=str(TOOLS)))
    return binary


class Witness:
    """litewitness with its key in an ssh-agent of its own."""

    def __init__(self, folder):
        self.folder, self.binary = folder, tool()
        self.sock, self.db = folder / "agent.sock", folder / "litewitness.db"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")], check=True)
        self.agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(self.sock)], stdout=subprocess.DEVNULL)
        soon(self.sock.exists, "ssh-agent did not start")
        subprocess.run(["ssh-add", "-q", str(folder / "key")], check=True, env=dict(os.environ, SSH_AUTH_SOCK=str(self.sock)))
        blob = base64.b64decode((folder / "key.pub").read_text().split()[1])
        self.fingerprint = "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
        public = b"\x04" + blob[-32:]
        key_id = hashlib.sha256(NAME.encode() + b"\n" + public).hexdigest()[:8]
        self.vkey = f"{NAME}+{key_id}+{base64.b64encode(public).decode()}"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.process = None

    def start(self):
        command = [str(self.binary), "-db", str(self.db), "-name", NAME, "-key", self.fingerprint, "-ssh-agent", str(self.sock),
                   "-listen", self.address]
        self.log = open(self.folder / "litewitness.log", "ab")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        host, port = self.address.split(":")

        def listens():
            if self.process.poll() is not None:
                fail("litewitness ended: " + (self.folder / "litewitness.log").read_text()[-500:])
            with socket.socket() as probe:
                return probe.connect_ex((host, int(port))) == 0

        soon(listens, "litewitness does not listen")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=20)

    def knows(self, origin, vkey):
        empty = base64.b64encode(hashlib.sha256(b"").digest()).decode()
        with sqlite3.connect(self.db, timeout=20) as db:
            db.execute("INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)", (origin, empty))
            db.execute("INSERT INTO key (origin, key) VALUES (?, ?)", (origin, vkey))

    def size(self, origin):
        with sqlite3.connect(self.db, timeout=20) as db:
            return db.execute("SELECT tree_size FROM log WHERE origin = ?", (origin,)).fetchone()[0]

    def end(self):
        if self.process and self.process.poll() is None:
            self.stop()
        self.agent.terminate()
        self.agent.wait(timeout=20)


def grow(server, tag, count):
    events = [{"type": "UPDATE", "resource": "FLOW", "id": f"{tag}-{n}"} for n in range(count)]
    answer = server.admin("POST", "/api/v1/main/auditlogs", events)
    if answer.status != 201:
        fail(f"ingest: {answer.status} {answer.body}")
    return answer.json()["treeSize"]


def health(server):
    return server.call("GET", "/health").json()["witnesses"]["list"][0]


def cosigned(server, size):
    """The published checkpoint, once it covers `size` and carries the witness's line."""
    def look():
        note = server.call("GET", "/tlog/checkpoint").body.decode()
        covers = int(note.split("\n")[1]) >= size
        return note if covers and f"— {NAME} " in note else None

    return soon(look, f"no cosignature over {size} entries: {health(server)}")


def main():
    work = pathlib.Path(tempfile.mkdtemp(prefix="daybook-witness-"))
    witness = Witness(work)
    try:
        run(work, witness)
    finally:
        witness.end()
        shutil.rmtree(work, ignore_errors=True)
    print(f"{passed} passed, 0 failed")


def run(work, witness):
    policy = work / "policy"
    policy.write_text(f"witness w1 {witness.vkey} http://{witness.address}/\nquorum w1\n")
    config = work / "config.yaml"
    config.write_text(f"witness:\n  policy: {policy}\n  interval: 100ms\n  timeout: 3s\nheartbeat:\n  after: 1h\n")
    witness.start()
    data, fork = work / "data", work / "fork"
    with Server(data, config=config) as server:
        first = server.call("GET", "/tlog/checkpoint").body.decode()
        origin, vkey = first.split("\n")[0], server.call("GET", "/tlog/key").body.decode().split("\n")[0]
        grow(server, "early", 3)
        soon(lambda: "origin" in health(server).get("problem", ""), "a witness that does not know us is not shown")
        ok("a witness that does not know the ledger is told in /health, and holds nothing up")
        assert server.stop() == 0
    shutil.copytree(data, fork)  # The same key and the same entries so far.
    witness.knows(origin, vkey)

    with Server(data, config=config) as server:
        size = grow(server, "one", 20)
        note = cosigned(server, size)
        ok("litewitness cosigns; /tlog/checkpoint carries its line")
        size = int(note.split("\n")[1])
        proof = server.admin("GET", f"/api/v1/main/auditlogs/one-3/proof?treeSize={size}").body.decode()
        evidence = server.admin("GET", f"/api/v1/main/auditlogs/one-3/evidence?treeSize={size}").json()
        if NAME not in proof or NAME not in evidence["checkpoint"]:
            fail("a proof or evidence of a cosigned tree comes without the cosignature")
        ok("proofs and evidence carry it too")
        witness.kill()
        size = grow(server, "two", 20)
        soon(lambda: health(server).get("problem"), "a dead witness is not shown")
        witness.start()
        cosigned(server, size)
        if witness.size(origin) < size:
            fail("litewitness does not remember what it cosigned")
        ok("it survives a kill and a start, from the size it remembers")
        assert server.stop() == 0
    with Server(data, config=config) as server:
        cosigned(server, grow(server, "three", 5))
        if "alarm" in health(server):
            fail(f"an honest ledger raises an alarm: {health(server)}")
        ok("our restart goes on from there, without an alarm")
        assert server.stop() == 0

    # A copy from before, with other entries: fewer than the witness knows, then more.
    # Its server's log is kept.
    log = work / "forked.log"
    with Server(fork, config=config, log=log) as server:
        grow(server, "forked", 2)
        alarm = soon(lambda: health(server).get("alarm"), "a shorter copy raises no alarm")
        ok(f"a copy that is shorter raises the alarm: {alarm}")
        found = soon(lambda: server.admin("GET", "/api/v1/auditlogs/search?kind=system&type=WITNESS_ALARM").json()["results"],
                     "the alarm is no entry")
        ok("which is an entry of the ledger: " + found[0]["auditLog"]["detail"]["what"])
        if "daybook_witness_alarm{witness=\"w1\"} 1" not in server.call("GET", "/metrics").body.decode():
            fail("the alarm is not in the metrics")
        ok("and in the metrics")
        soon(lambda: "witness: ALARM: w1: " in log.read_text(), "the alarm is not in the log")
        ok("and in the log")
        grow(server, "forked-on", 100)
        assert server.stop() == 0
    with Server(fork, config=config) as server:
        grow(server, "forked-still", 1)
        soon(lambda: "extend" in health(server).get("alarm", ""), f"a fork raises no alarm: {health(server)}")
        ok("a longer fork raises the alarm")
        assert server.stop() == 0


if __name__ == "__main__":
    main()
