# SPDX-License-Identifier: Apache-2.0
"""Redacts one person among many rows and then looks for what is left of them, in every byte.

    redact_person.py [--rows 1000000] [--windows 2000000]

Fills a server with ROWS events, of which every fiftieth is by one person and some name them elsewhere; keeps a checkpoint and
proofs; redacts the person from the command line; restarts; stops. Then every file of the data directory is read, each zstd
frame in it decoded: the person's id, name, mail and address are nowhere, nor are the salts that were disclosed, and no 16 bytes
that are left, taken for a salt or a seed, give a commitment of the known actor part. `daybook verify` against the checkpoint of
before is good, every leaf of before is where it was. Prints one JSON line with the figures.
"""
import argparse
import base64
import ctypes
import ctypes.util
import hashlib
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "blackbox"))
import harness  # noqa: E402
import proof  # noqa: E402
from harness import Server, verify  # noqa: E402

BATCH = 5_000
PERSON = {"id": "u-zyxq-771", "username": "zyxabel.quorrington", "email": "zyxabel@quorrington.example",
          "name": "Zyxabel Quorrington"}
ADDRESS = "198.51.100.77"
TRACES = [form.encode() for value in (*PERSON.values(), ADDRESS)
          for form in {value, urllib.parse.quote(value, safe=""), urllib.parse.quote_plus(value)}]
MAGIC = b"\x28\xb5\x2f\xfd"


def event(rng, n):
    user = {"id": f"u{n % 500}", "username": f"person{n % 500}", "email": f"person{n % 500}@example.org"}
    out = {"id": f"row-{n}", "type": rng.choice(("CREATE", "UPDATE", "DELETE")), "resource": "FLOW", "user": user,
           "ipAddress": f"10.0.{n % 256}.{n // 256 % 256}",
           "detail": {"namespace": f"company.team{n % 40}", "flowId": f"flow-{n % 2000}"}}
    if n % 50 == 7:
        out["user"], out["ipAddress"] = PERSON, ADDRESS
    elif n % 500 == 13:
        out["message"] = f"asked for by {PERSON['name']}, see {PERSON['email']}"
    elif n % 500 == 14:
        out["before"], out["after"] = {"owner": PERSON["username"]}, {"owner": "nobody"}
    elif n % 500 == 15:
        out["detail"]["subject"] = {"id": PERSON["id"], "username": PERSON["username"]}
    return out


def fill(server, token, rows):
    rng, (host, port) = random.Random(1), server.api.rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=300)
    for first in range(0, rows, BATCH):
        lines = "".join(json.dumps(event(rng, n)) + "\n" for n in range(first, min(first + BATCH, rows)))
        connection.request("POST", "/api/v1/main/auditlogs", lines.encode(),
                           {"Authorization": "Bearer " + token, "Content-Type": "application/x-ndjson"})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 201, body


class Zstd:
    """Frames of a file, found by their magic and decoded with the reference library."""

    def __init__(self):
        self.lib = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
        for name in ("ZSTD_findFrameCompressedSize", "ZSTD_getFrameContentSize", "ZSTD_decompress"):
            getattr(self.lib, name).restype = ctypes.c_ulonglong if "Content" in name else ctypes.c_size_t
        self.lib.ZSTD_isError.argtypes = [ctypes.c_size_t]

    def frames(self, data):
        at = data.find(MAGIC)
        while at >= 0:
            raw = self.decode(data, at)
            if raw is not None:
                yield raw
            at = data.find(MAGIC, at + 1)

    def decode(self, data, at):
        rest = data[at:at + (64 << 20)]
        size = self.lib.ZSTD_findFrameCompressedSize(rest, ctypes.c_size_t(len(rest)))
        if self.lib.ZSTD_isError(size):
            return None
        room = self.lib.ZSTD_getFrameContentSize(rest, ctypes.c_size_t(len(rest)))
        if room > 64 << 20:
            return None
        out = ctypes.create_string_buffer(max(room, 1))
        got = self.lib.ZSTD_decompress(out, ctypes.c_size_t(room), rest, ctypes.c_size_t(size))
        return None if self.lib.ZSTD_isError(got) else out.raw[:got]


def all_bytes(data):
    """(file, bytes) of every file, and of every zstd frame inside."""
    zstd = Zstd()
    for file in sorted(Path(data).rglob("*")):
        if not file.is_file():
            continue
        content = file.read_bytes()
        yield str(file), content
        for number, frame in enumerate(zstd.frames(content)):
            yield f"{file} frame {number}", frame


def found_in(data, needles):
    return [(name, needle) for name, content in all_bytes(data) for needle in needles if needle in content]


def reproduces(data, parts, windows):
    """Windows of 16 bytes tried as salt and as seed, and the first that gives a commitment."""
    wanted = {bytes.fromhex(part["commitment"]): base64.b64decode(part["bytes"]) for part in parts}
    tried = 0
    for name, content in all_bytes(data):
        for at in range(len(content) - 15):
            if tried >= windows:
                return tried, None
            tried += 1
            window = content[at:at + 16]
            for salt in (window, hashlib.sha256(window + b"\x02").digest()[:16]):
                for commitment, known in wanted.items():
                    if hashlib.sha256(b"\x02" + salt + known).digest() == commitment:
                        return tried, (name, at)
    return tried, None


def disclosed(server, ids):
    return {one: server.admin("GET", f"/api/v1/main/auditlogs/{one}/proof?format=json").json() for one in ids}


def redact(data, *more):
    command = [harness.DAYBOOK, "redact", "--data", str(data), "--json", "--person", PERSON["id"]]
    done = subprocess.run(command + list(more), capture_output=True, text=True, timeout=3600)
    assert done.returncode == 0, (done.stdout, done.stderr)
    return json.loads(done.stdout)


def shows_the_mark(server, one):
    row = server.admin("GET", f"/api/v1/main/auditlogs/search?id={one}&expand=daybook").json()["results"][0]
    assert row["daybook"]["erased"] == ["actor"], row
    names = server.admin("GET", "/api/v1/main/auditlogs/aggregate?by=username&top=1000").json()
    assert not any(PERSON["username"] in json.dumps(group) for group in names["groups"])


def check(rows, data, windows):
    ids = [f"row-{n}" for n in range(7, rows, max(50, rows // 20 // 50 * 50))][:10]
    kept = Path(tempfile.mkstemp(prefix="daybook-checkpoint-")[1])
    figures = {"rows": rows}
    try:
        with Server(data) as server:
            started = time.monotonic()
            fill(server, server.token("filler", "writer"), rows)
            figures["fill_s"] = round(time.monotonic() - started, 1)
            server.admin("GET", "/api/v1/main/auditlogs/search?" + harness.query(q=PERSON["name"]))
            before = disclosed(server, ids)
            for document in before.values():
                proof.check(document)
            kept.write_bytes(server.call("GET", "/tlog/checkpoint").body)
            assert found_in(data, TRACES[:1]), "the search for traces finds none before: it cannot fail"
            counted = redact(data, "--everywhere", "--dry-run")
            started = time.monotonic()
            done = redact(data, "--everywhere", "--reason", "request 4711")
            figures["redact_s"] = round(time.monotonic() - started, 1)
            assert done["status"] == "done" and done["entries"] >= counted["entries"] >= rows // 50, (counted, done)
            figures["erased_entries"], figures["parts"] = done["entries"], done["parts"]
            shows_the_mark(server, ids[0])
            assert server.stop() == 0
        with Server(data) as server:
            shows_the_mark(server, ids[0])
            for one, document in disclosed(server, ids).items():
                proof.check(document)
                assert document["leafHash"] == before[one]["leafHash"]
                assert document["parts"]["actor"]["state"] == "erased"
            assert server.stop() == 0
        report = verify(data, 0, "--checkpoint", str(kept))
        assert report["ok"] and report["erased"] == done["entries"], report
        actors = [document["parts"]["actor"] for document in before.values()]
        salts = [base64.b64decode(part["salt"]) for part in actors]
        left = found_in(data, TRACES + salts)
        assert not left, left
        figures["windows_tried"], reproduced = reproduces(data, actors[:2], windows)
        assert reproduced is None, reproduced
        figures["files"] = sum(1 for _ in Path(data).rglob("*"))
        figures["bytes"] = sum(file.stat().st_size for file in Path(data).rglob("*") if file.is_file())
        return figures
    finally:
        kept.unlink()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--windows", type=int, default=2_000_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="daybook-redact-") as data:
        print(json.dumps(check(arguments.rows, data, arguments.windows)))


if __name__ == "__main__":
    main()
