# SPDX-License-Identifier: Apache-2.0
"""System calls of the real binary fail by strace injection; each run has to end as docs/operations.md says.

    strace_faults.py [--only fdatasync] [--runs N]

fatal     (fdatasync EIO, pwrite EIO): no acknowledgement after it, /health says read-only and why, reading goes on, the
          process ends with exit code 4, `ledger.stopped` is there; the next start verifies and writes again.
passing   (pwrite ENOSPC, openat EMFILE of a journal file): 503 with Retry-After, and the next event is stored.
start-up  (any call while opening fails): exit code 3 or a good start, never a ledger that does not verify.

Whatever happened: `daybook verify` is good and every acknowledgement is there.
"""
import argparse
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "blackbox"))
import harness  # noqa: E402
from harness import Server, basic, verify  # noqa: E402

ADMIN = basic("admin", harness.ADMIN_PASSWORD)
EVENTS = 8


def need_strace():
    if shutil.which("strace"):
        return
    subprocess.run(["apt-get", "install", "-y", "-qq", "strace"], check=False, capture_output=True)
    if not shutil.which("strace"):
        sys.exit("strace_faults: needs strace: apt install strace")
    probe = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False)
    if probe.returncode != 0:
        sys.exit("strace_faults: strace may not trace here: " + probe.stderr.decode())


class Running:
    """strace attached to a running server: its calls fail from now on as `inject` says, until detach()."""

    def __init__(self, server, calls, inject, path=None):
        command = ["strace", "-f", "-q", "-o", os.devnull, "-e", "trace=" + calls, "-e", "inject=" + inject]
        if path:
            command += ["-P", path]
        self.process = subprocess.Popen([*command, "-p", str(server.process.pid)], stderr=subprocess.PIPE)
        attached = f"/proc/{server.process.pid}/task"
        while not all(traced(os.path.join(attached, task)) for task in os.listdir(attached)):
            if self.process.poll() is not None:
                raise RuntimeError("strace: " + self.process.stderr.read().decode())

    def detach(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=60)


def traced(task):
    with open(task + "/status", encoding="ascii") as file:
        return "TracerPid:\t0\n" not in file.read()


class Run:
    def __init__(self, data):
        self.data, self.known, self.server = data, {}, Server(data).start()
        self.next = 0

    def post(self):
        self.next += 1
        name = f"e{self.next}"
        answer = self.server.call("POST", "/api/v1/main/auditlogs", ADMIN, {"type": "UPDATE", "resource": "FLOW", "id": name},
                                  timeout=60)
        if answer.status == 201:
            receipt = answer.json()["results"][0]
            self.known[name] = (receipt["index"], receipt["leafHash"])
        return answer

    def holds(self):
        """The server on self.server has every acknowledgement."""
        found = self.server.call("GET", "/api/v1/auditlogs/entries?from=0&limit=10000", ADMIN, timeout=60)
        assert found.status == 200, found.body
        seen = {e["id"]: (e["index"], e["leafHash"]) for e in map(json.loads, found.body.splitlines())}
        lost = [name for name, receipt in self.known.items() if seen.get(name) != receipt]
        assert not lost, f"lost: {lost}"

    def end(self):
        assert verify(self.data)["ok"]
        self.server = Server(self.data).start()
        self.holds()
        assert self.post().status == 201, "does not write again after a restart"
        assert self.server.stop() == 0
        assert verify(self.data)["ok"]


def fatal(data, calls, inject, number):
    run = Run(data)
    for _ in range(3):
        assert run.post().status == 201
    tracer = Running(run.server, calls, inject.format(n=number), data + "/ledger/journal-00000000000000000000")
    stopped = False
    for _ in range(EVENTS):
        answer = run.post()
        assert not (stopped and answer.status == 201), "acknowledged after writing had stopped"
        stopped = stopped or answer.status != 201
        if answer.status != 201:
            assert answer.status == 503, answer.body
    tracer.detach()
    assert stopped, "the fault was not hit"
    assert run.post().status == 503, "wrote again without a restart"
    health = run.server.call("GET", "/health")
    document = health.json()
    assert document["status"] == "read-only" and document["writable"] is False and document["stoppedBecause"], document
    run.holds()  # Reading goes on.
    assert os.path.exists(data + "/ledger.stopped")
    assert run.server.stop() == 4
    run.end()


def passing(data, calls, inject, number):
    run = Run(data)
    for _ in range(2):
        assert run.post().status == 201
    tracer = Running(run.server, calls, inject.format(n=number), data + "/ledger/journal-00000000000000000000")
    refused = 0
    for _ in range(EVENTS):
        answer = run.post()
        assert answer.status in (201, 503), answer.body
        if answer.status == 503:
            refused += 1
            assert answer.header("Retry-After"), "503 without Retry-After"
    tracer.detach()
    assert refused, "the fault was not hit"
    for attempt in range(100):
        if run.post().status == 201:
            break
        assert attempt < 99, "does not resume"
        time.sleep(0.05)
    assert run.server.call("GET", "/health").json()["status"] == "ok"
    assert run.server.stop() == 0
    run.end()


def opening(data, calls, inject, number):
    """A start whose n-th call of a kind fails, over what a kill left."""
    run = Run(data)
    for _ in range(3):
        assert run.post().status == 201
    run.server.kill()
    command = ["strace", "-f", "-q", "-o", os.devnull, "-e", "trace=" + calls, "-e", "inject=" + inject.format(n=number),
               "-P", data, "-P", data + "/ledger", *(part for path in sorted(glob.glob(data + "/ledger/*")) for part in ("-P", path)),
               "-P", data + "/ledger-open.tmp", harness.DAYBOOK, "serve", "--data", data, "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               env=dict(os.environ, DAYBOOK_ADMIN_PASSWORD=harness.ADMIN_PASSWORD))
    line = process.stdout.readline()
    if line:  # It came up: the fault did no harm, or came to nothing.
        child = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=True).stdout.split()[0]
        os.kill(int(child), signal.SIGTERM)
    code = process.wait(timeout=120)
    assert code in (0, 3, 4), code
    run.end()
    return "came up" if line else "refused"


CASES = [
    (fatal, "fdatasync", "fdatasync:error=EIO:when={n}", range(1, 5)),
    (fatal, "fdatasync", "fdatasync:error=ENOSPC:when={n}", range(1, 3)),
    (fatal, "pwrite64", "pwrite64:error=EIO:when={n}", range(1, 5)),
    (passing, "pwrite64", "pwrite64:error=ENOSPC:when={n}", range(1, 5)),
    (passing, "pwrite64", "pwrite64:error=EDQUOT:when={n}", range(1, 3)),
    (opening, "openat", "openat:error=EMFILE:when={n}", range(1, 8)),
    (opening, "openat", "openat:error=EIO:when={n}", range(1, 4)),
    (opening, "pread64", "pread64:error=EIO:when={n}", range(1, 6)),
    (opening, "pwrite64", "pwrite64:error=EIO:when={n}", range(1, 4)),
    (opening, "pwrite64", "pwrite64:error=ENOSPC:when={n}", range(1, 3)),
    (opening, "fdatasync,fsync", "fdatasync,fsync:error=EIO:when={n}", range(1, 6)),
    (opening, "ftruncate", "ftruncate:error=EIO:when={n}", range(1, 3)),
    (opening, "/^rename", "/^rename:error=EIO:when={n}", range(1, 2)),
    (opening, "/^unlink", "/^unlink:error=EIO:when={n}", range(1, 2)),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="cases whose calls contain this")
    parser.add_argument("--runs", type=int, default=0, help="at most so many of each case")
    arguments = parser.parse_args()
    need_strace()
    total = 0
    for case, calls, inject, numbers in CASES:
        if arguments.only not in calls:
            continue
        notes = []
        for number in list(numbers)[:arguments.runs or None]:
            with tempfile.TemporaryDirectory(prefix="daybook-strace-") as data:
                notes.append(case(data, calls, inject, number) or "")
            total += 1
        seen = ", ".join(f"{notes.count(note)} {note}" for note in sorted(set(notes)) if note)
        print(f"strace_faults: {case.__name__}: {inject}: {len(notes)} runs good {seen}", flush=True)
    print(f"strace_faults: {total} runs, 0 lost, 0 unreadable, each ended as documented")
    return 0


if __name__ == "__main__":
    sys.exit(main())
