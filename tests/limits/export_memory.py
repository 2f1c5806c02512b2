# SPDX-License-Identifier: Apache-2.0
"""Exports many rows in every form and watches the server's memory from outside.

    export_memory.py [--rows 1000000] [--limit-mb 50]

Each answer is read back: it has to hold exactly the ids that were acknowledged, in descending index. RssAnon of
the server is sampled every 20 ms during the exports; its growth above what it was before them has to stay under the limit. A
reader that stops for a while must not make it grow either. Prints a figure line a form.
"""
import argparse
import csv
import http.client
import io
import json
import os
import random
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "blackbox"))
from harness import Server, rss_anon_kib  # noqa: E402

BATCH = 20_000


def event(rng, n):
    return {"type": rng.choice(("CREATE", "UPDATE", "DELETE")), "resource": rng.choice(("FLOW", "EXECUTION", "TRIGGER")),
            "id": f"row-{n}", "user": {"id": f"u{n % 500}", "username": f"person.{n % 500}@example.org"},
            "ipAddress": f"10.0.{n % 256}.{n // 256 % 256}",
            "detail": {"namespace": f"company.team{n % 40}", "flowId": f"flow-{n % 2000}", "revision": n % 30,
                       "note": "=1+1" if n % 97 == 0 else "text, with \"quotes\" and\r\nlines"}}


def fill(server, token, rows):
    rng, host_port = random.Random(1), server.api.rsplit(":", 1)
    connection = http.client.HTTPConnection(host_port[0], int(host_port[1]), timeout=300)
    for first in range(0, rows, BATCH):
        lines = "".join(json.dumps(event(rng, n)) + "\n" for n in range(first, min(first + BATCH, rows)))
        connection.request("POST", "/api/v1/main/auditlogs", lines.encode(),
                           {"Authorization": "Bearer " + token, "Content-Type": "application/x-ndjson"})
        answer = connection.getresponse()
        document = json.loads(answer.read())
        assert answer.status == 201 and document["created"] == min(BATCH, rows - first), document


class Watch:
    def __init__(self, pid):
        self.pid, self.stop, self.most = pid, threading.Event(), 0
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        while not self.stop.wait(0.02):
            self.most = max(self.most, rss_anon_kib(self.pid))

    def __enter__(self):
        self.before = rss_anon_kib(self.pid)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()

    def growth_mb(self):
        return round((self.most - self.before) / 1024, 1)


class Text(io.RawIOBase):
    """The answer as a stream for TextIOWrapper; counts bytes, and stops reading for a while in the middle."""

    def __init__(self, answer, pause_at):
        self.answer, self.pause_at, self.bytes = answer, pause_at, 0

    def readable(self):
        return True

    def readinto(self, buffer):
        piece = self.answer.read(min(len(buffer), 1 << 18))
        if self.bytes < self.pause_at <= self.bytes + len(piece):
            time.sleep(2)
        buffer[:len(piece)] = piece
        self.bytes += len(piece)
        return len(piece)


def numbers_of(form, text):
    """The numbers of the rows in the order given; every cell is looked at."""
    if form == "csv":
        for row in csv.DictReader(text):
            assert len(row) == 15 and None not in row and row["userId"].startswith("u")
            assert json.loads(row["detail"])["flowId"] == row["flowId"]
            yield int(row["id"][4:])
        return
    for line in text:
        line = line.strip()
        if form == "json":
            line = line.strip("[],")
        if line:
            yield int(json.loads(line)["auditLog"]["id"][4:])


def export(server, token, form, rows):
    host, port = server.api.rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=120)
    connection.request("GET", f"/api/v1/main/auditlogs/export?format={form}", headers={"Authorization": "Bearer " + token})
    answer = connection.getresponse()
    assert answer.status == 200
    raw = Text(answer, 50 << 20)
    text = io.TextIOWrapper(io.BufferedReader(raw, 1 << 20), encoding="utf-8", newline="")
    wanted = rows
    for number in numbers_of(form, text):
        wanted -= 1
        assert number == wanted, (form, number, wanted)
    assert wanted == 0, f"{wanted} rows are missing"
    return raw.bytes


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--limit-mb", type=float, default=50)
    options = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory(prefix="daybook-export-") as data, Server(data) as server:
        writer, auditor = server.token("writer", "writer"), server.token("reader", "auditor")
        begun = time.monotonic()
        fill(server, writer, options.rows)
        print(json.dumps({"ingested": options.rows, "seconds": round(time.monotonic() - begun, 1)}), flush=True)
        for form in ("csv", "ndjson", "json"):
            begun = time.monotonic()
            with Watch(server.process.pid) as watch:
                size = export(server, auditor, form, options.rows)
            growth = watch.growth_mb()
            failed = failed or growth > options.limit_mb
            print(json.dumps({"format": form, "rows": options.rows, "megabytes": round(size / 1e6, 1),
                              "seconds": round(time.monotonic() - begun, 1), "rssAnonBeforeMb": round(watch.before / 1024, 1),
                              "rssAnonGrowthMb": growth, "limitMb": options.limit_mb}), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
