# SPDX-License-Identifier: Apache-2.0
"""Hits every named crash point of the sources under load with the real program, restarts, and checks everything.

    crash_points.py --hits 20 [--only seal.] [--seed N]

The points are the calls `crash_point("name")` below src/; `daybook_crashing` (built beside daybook) kills itself at the
n-th passage of one. After each hit `daybook verify` has to be good, the server has to start, and every acknowledged
(id, index, leafHash) has to be there. A point that is not reached is an error: nothing is named that cannot happen.
"""
import argparse
import collections
import glob
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "blackbox"))
import harness  # noqa: E402
from harness import Server, verify  # noqa: E402
from kill_loop import Oracle, all_entries, write_events  # noqa: E402

DAYBOOK = harness.DAYBOOK
CRASHING = os.path.join(os.path.dirname(DAYBOOK), "daybook_crashing")
SEGMENT_ENTRIES = 1_024
WRITERS = 4


def points():
    """Names in order of their files, each once."""
    found = {}
    for path in sorted(glob.glob(os.path.join(HERE, "..", "..", "src", "**", "*.cc"), recursive=True)):
        with open(path, encoding="utf-8") as file:
            for name in re.findall(r'\bcrash_point\("([^"]+)"\)', file.read()):
                found[name] = True
    return list(found)


class Crashing(Server):
    """A server that is to die by itself at `point`, maybe before it is ready."""

    def __init__(self, data, point, passage, config=None):
        super().__init__(data, config=config, environment={"DAYBOOK_CRASH_AT": f"{point}:{passage}"})

    def start(self):
        usual, harness.DAYBOOK = harness.DAYBOOK, CRASHING
        try:
            return super().start()
        except RuntimeError:  # Died on its way up: what was wanted, or not; died() looks.
            return self
        finally:
            harness.DAYBOOK = usual

    def died(self, seconds):
        try:
            return self.process.wait(timeout=seconds) == -signal.SIGKILL
        except subprocess.TimeoutExpired:
            return False


def load_until_dead(server, token, oracle, tag, seconds):
    stop = threading.Event()
    threads = []
    if server.api:
        threads = [threading.Thread(target=write_events, args=(server, token, oracle, w, tag, stop)) for w in range(WRITERS)]
    for thread in threads:
        thread.start()
    dead = server.died(seconds)
    stop.set()
    if not dead:
        server.kill()
    for thread in threads:
        thread.join()
    return dead


def expect_whole(data, tokens, oracle, leave_clean):
    """Sound as found; starts; every acknowledgement holds."""
    report = verify(data)
    assert report["ok"], report
    server = Server(data).start()
    seen = {entry["id"]: (entry["index"], entry["leafHash"]) for entry in all_entries(server, tokens["auditor"], 0)}
    lost = [name for name, receipt in oracle.known.items() if seen.get(name) != receipt]
    assert not lost, f"{len(lost)} acknowledged entries lost or changed, e.g. {lost[:3]}"
    if leave_clean:
        assert server.stop() == 0
        assert verify(data)["ok"]
    else:
        server.kill()


class Hitter:
    def __init__(self, root, rng):
        self.root, self.rng, self.templates = root, rng, {}
        self.rare_checkpoints = os.path.join(root, "rare-checkpoints.yaml")
        self.small_segments = os.path.join(root, "small-segments.yaml")
        with open(self.small_segments, "w", encoding="utf-8") as file:
            file.write(f"ledger:\n  segment_entries: {SEGMENT_ENTRIES}\n")
        self.acknowledged = 0

    def fresh(self, name="new"):
        """A copy of a prepared directory with its tokens and acknowledgements."""
        if name not in self.templates:
            data = os.path.join(self.root, "template-" + name)
            self.templates[name] = (data, *self.prepare(name, data))
        template, tokens, known = self.templates[name]
        data = tempfile.mkdtemp(dir=self.root)
        shutil.copytree(template, data, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sock"))
        oracle = Oracle()
        oracle.known = dict(known)
        return data, tokens, oracle

    def prepare(self, name, data):
        """`new`: accounts only. `full`: three segments and a bit, nothing of it sealed or covered by a checkpoint."""
        config = self.rare_checkpoints
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"ledger:\n  checkpoint_interval: 24h\n  segment_entries: {SEGMENT_ENTRIES}\n")
        server = Server(data, config=config).start()
        tokens = {role: server.token(f"{role}-account", role) for role in ("writer", "auditor")}
        known = {}
        for first in range(0, 3 * SEGMENT_ENTRIES if name == "full" else 0, 700):
            batch = [{"type": "UPDATE", "resource": "FLOW", "id": f"t{first + n}"} for n in range(700)]
            answer = server.call("POST", "/api/v1/main/auditlogs", "Bearer " + tokens["writer"], batch, timeout=120)
            assert answer.status == 201, answer.body
            known.update({r["id"]: (r["index"], r["leafHash"]) for r in answer.json()["results"]})
        if name == "full":
            server.kill()  # Unclean, so that nothing is signed: the next start does.
        else:
            assert server.stop() == 0
        return tokens, known

    def hit(self, point, number):
        family = point.split(".")[0]
        getattr(self, "hit_" + family)(point, number)

    def hit_running(self, point, number, passage, template="new"):
        data, tokens, oracle = self.fresh(template)
        server = Crashing(data, point, passage, self.small_segments).start()
        assert load_until_dead(server, tokens["writer"], oracle, number, 60), f"{point} was not reached"
        self.acknowledged += len(oracle.known)
        expect_whole(data, tokens, oracle, leave_clean=number % 4 == 0)
        shutil.rmtree(data)

    def hit_append(self, point, number):
        self.hit_running(point, number, 1 if point == "append.unnamed" else self.rng.randint(1, 60))

    def hit_group(self, point, number):
        self.hit_running(point, number, self.rng.randint(1, 60))

    def hit_checkpoint(self, point, number):
        self.hit_running(point, number, self.rng.randint(1, 3))

    def hit_seal(self, point, number):
        self.hit_running(point, number, 1, "full")

    def hit_open(self, point, number):
        """Opening what a kill left, and sometimes what a clean stop left."""
        data, tokens, oracle = self.fresh()
        if number % 4:
            server = Server(data).start()
            stop = threading.Event()
            writer = threading.Thread(target=write_events, args=(server, tokens["writer"], oracle, 0, number, stop))
            writer.start()
            time.sleep(self.rng.uniform(0.01, 0.2))
            server.kill()
            stop.set()
            writer.join()
        assert Crashing(data, point, 1).start().died(30), f"{point} was not reached"
        self.acknowledged += len(oracle.known)
        expect_whole(data, tokens, oracle, leave_clean=number % 4 == 0)
        shutil.rmtree(data)

    def hit_make(self, point, _):
        """Making a new ledger: what is left is finished by the next start, or was never one."""
        data = tempfile.mkdtemp(dir=self.root)
        assert Crashing(data, point, 1).start().died(30), f"{point} was not reached"
        server = Server(data).start()
        assert server.stop() == 0
        assert verify(data)["ok"]
        shutil.rmtree(data)

    def hit_close(self, point, number):
        data, tokens, oracle = self.fresh()
        server = Crashing(data, point, 1).start()
        stop = threading.Event()
        writers = [threading.Thread(target=write_events, args=(server, tokens["writer"], oracle, w, number, stop))
                   for w in range(WRITERS)]
        for writer in writers:
            writer.start()
        time.sleep(self.rng.uniform(0.05, 0.3))
        server.process.send_signal(signal.SIGTERM)
        dead = server.died(60)
        stop.set()
        for writer in writers:
            writer.join()
        assert dead, f"{point} was not reached"
        self.acknowledged += len(oracle.known)
        expect_whole(data, tokens, oracle, leave_clean=number % 4 == 0)
        shutil.rmtree(data)

    def hit_recover(self, point, _):
        """Damage behind the last checkpoint, cut by `recover`, which dies and is run again."""
        data, tokens, oracle = self.fresh("full" if point == "recover.file_removed" else "new")
        if point != "recover.file_removed":  # That one has its files, and nothing signed, already.
            server = Server(data, config=self.rare_checkpoints).start()
            for n in range(12):
                body = [{"type": "UPDATE", "resource": "FLOW", "id": f"r{n}"}]
                answer = server.call("POST", "/api/v1/main/auditlogs", "Bearer " + tokens["writer"], body)
                receipt = answer.json()["results"][0]
                oracle.known[receipt["id"]] = (receipt["index"], receipt["leafHash"])
            server.kill()
        had = flip_in_journal(data, last_file=point != "recover.file_removed")
        command = ["recover", "--data", data, "--accept-loss", "1000000", "--json"]
        environment = dict(os.environ, DAYBOOK_CRASH_AT=f"{point}:1")
        died = subprocess.run([CRASHING, *command], env=environment, capture_output=True, check=False)
        assert died.returncode == -signal.SIGKILL, f"{point} was not reached: {died.returncode} {died.stdout} {died.stderr}"
        again = subprocess.run([DAYBOOK, *command], capture_output=True, text=True, check=False)
        assert again.returncode == 0, (again.stdout, again.stderr)
        kept = json.loads(again.stdout)["treeSize"]
        assert kept < had, (kept, had)
        oracle.known = {name: receipt for name, receipt in oracle.known.items() if receipt[0] < kept}
        self.acknowledged += len(oracle.known)
        expect_whole(data, tokens, oracle, leave_clean=True)
        shutil.rmtree(data)


def flip_in_journal(data, last_file):
    """Changes a byte of a group that has another one behind it. The number of entries the whole journal had."""
    size = verify(data)["treeSize"]
    files = sorted(glob.glob(data + "/ledger/journal-*"))
    path = files[-1] if last_file else files[0]
    with open(path, "r+b") as file:
        content = file.read()
        at = content.rfind(b"DBKg", 0, content.rfind(b"DBKg")) if last_file else content.rfind(b"DBKg")
        assert at > 0, "no second group"
        at += 120
        file.seek(at)
        file.write(bytes([content[at] ^ 1]))
    return size


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hits", type=int, default=20)
    parser.add_argument("--only", default="", help="points whose name begins so")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    chosen = [point for point in points() if point.startswith(arguments.only)]
    assert chosen, "no such point"
    print(f"crash_points: seed {arguments.seed}, {len(chosen)} points", flush=True)
    hits = collections.Counter()
    with tempfile.TemporaryDirectory(prefix="daybook-crash-") as root:
        hitter = Hitter(root, random.Random(arguments.seed))
        for point in chosen:
            for number in range(1, arguments.hits + 1):
                hitter.hit(point, number)
                hits[point] += 1
            print(f"crash_points: {point}: {hits[point]} hits, 0 lost, verify good", flush=True)
    print(f"crash_points: {len(chosen)} points, {sum(hits.values())} hits, {hitter.acknowledged} acknowledgements held, "
          "0 lost, 0 unreadable")
    return 0


if __name__ == "__main__":
    sys.exit(main())
