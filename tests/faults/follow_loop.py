# SPDX-License-Identifier: Apache-2.0
"""Followers are cut off at random, in the middle of lines, and resume during ingest; an oracle outside the process
knows from the receipts what each of them has to get: every matching event once, in ledger order.

    follow_loop.py --followers 100 --events 20000 [--seed N] [--restarts 2]

Each follower reads a random number of bytes, then resets its connection and comes back with the id of the last whole
event it got: in `Last-Event-ID`, in `after`, or in the header beside an older `after`. Some read slowly. With
--restarts the server is stopped, or killed, and started again meanwhile. Prints a figure line at the end.
"""
import argparse
import asyncio
import http.client
import json
import os
import random
import socket
import struct
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "blackbox"))
from harness import Server  # noqa: E402

TENANTS = ("main", "other")
RESOURCES = ("FLOW", "EXECUTION", "TRIGGER", "KVSTORE")
TYPES = ("CREATE", "UPDATE", "DELETE")
NAMESPACES = ("company", "company.team", "company.teams", "other.team")
USERS = ("jane", "joe", "bot")


def random_event(rng, n):
    event = {"id": f"e-{n}", "type": rng.choice(TYPES), "resource": rng.choice(RESOURCES),
             "detail": {"namespace": rng.choice(NAMESPACES), "flowId": f"flow-{rng.randrange(20)}"},
             "user": {"id": rng.choice(USERS)}}
    if rng.random() < 0.02:
        event["message"] = "m" * rng.randrange(200_000)
    return event


def random_filter(rng):
    """Parameters, and the same as a function of (tenant, event): written by hand, not taken from the server."""
    tenant = rng.choice((None, *TENANTS))
    kind = rng.randrange(7)
    base = lambda name, event: tenant in (None, name)  # noqa: E731
    if kind == 0:
        return tenant, [], base
    if kind == 1:
        some = rng.sample(RESOURCES, 2)
        return tenant, [("resources", word) for word in some], lambda t, e: base(t, e) and e["resource"] in some
    if kind == 2:
        inside = lambda name: name == "company.team" or name.startswith("company.team.")  # noqa: E731
        return tenant, [("namespace", "company.team")], lambda t, e: base(t, e) and inside(e["detail"]["namespace"])
    if kind == 3:
        user = rng.choice(USERS)
        return tenant, [("filters[userId][NOT_EQUALS]", user)], lambda t, e: base(t, e) and e["user"]["id"] != user
    if kind == 4:
        flow = f"flow-{rng.randrange(20)}"
        return tenant, [("details[flowId]", flow)], lambda t, e: base(t, e) and e["detail"]["flowId"] == flow
    if kind == 5:
        user, word = rng.choice(USERS), rng.choice(TYPES)
        return tenant, [("q", user), ("type", word)], lambda t, e: base(t, e) and e["user"]["id"] == user \
            and e["type"] == word
    one, two = rng.choice(TYPES), rng.choice(RESOURCES)
    return tenant, [("filters[or][0][type][EQUALS]", one), ("filters[or][1][resources][EQUALS]", two)], \
        lambda t, e: base(t, e) and (e["type"] == one or e["resource"] == two)


def address(server):
    """Host and port; there is none for a moment while the server is started again."""
    where = server.api
    if where is None:
        raise OSError("the server is away")
    host, port = where.rsplit(":", 1)
    return host, int(port)


class Follower:
    """Reads, is cut off, resumes; keeps the index of every whole event it got."""

    def __init__(self, number, seed, server, token, start):
        self.rng = random.Random(f"{seed}-{number}")
        self.server, self.token, self.number = server, token, number
        self.tenant, self.parameters, self.matches = random_filter(self.rng)
        self.start, self.last, self.got, self.cuts, self.ids, self.stuck = start, start, [], 0, [], 0

    def target(self):
        base = f"/api/v1/{self.tenant}/auditlogs/follow" if self.tenant else "/api/v1/auditlogs/follow"
        way, parameters, header = self.rng.randrange(3), list(self.parameters), ""
        if way == 0:
            parameters.append(("after", str(self.last)))
        else:
            header = f"Last-Event-ID: {self.last}\r\n"
            if way == 1:
                parameters.append(("after", str(self.start)))
        query = urllib.parse.urlencode(parameters)
        return f"GET {base}{'?' + query if query else ''} HTTP/1.0\r\nAuthorization: Bearer {self.token}\r\n{header}\r\n"

    async def run(self, stop):
        while not stop.is_set():
            try:
                await self.connect(stop)
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.05)  # The server is away for a moment.

    async def connect(self, stop):
        reader, writer = await asyncio.open_connection(*address(self.server), limit=1 << 22)
        try:
            writer.write(self.target().encode())
            head = await reader.readuntil(b"\r\n\r\n")
            status = int(head.split()[1])
            if status in (429, 500, 503):  # 500: just bound, not yet wired.
                raise OSError("busy")
            assert status == 200, head
            got = len(self.got)
            # More than one event may hold if none came through the last times.
            await self.read(reader, stop, int(self.rng.expovariate(1 / 60_000)) << min(self.stuck, 8))
            self.stuck = 0 if len(self.got) > got else self.stuck + 1
        finally:
            raw = writer.get_extra_info("socket")
            if raw is not None:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # RST, no FIN.
            writer.transport.abort()

    async def read(self, reader, stop, bytes_left):
        slow = self.rng.random() < 0.1
        pending = b""
        while bytes_left > 0:
            try:
                piece = await asyncio.wait_for(reader.read(min(bytes_left, 16_384)), 0.3)
            except asyncio.TimeoutError:
                if stop.is_set():
                    return
                continue
            if not piece:
                return  # The server ended the stream.
            bytes_left -= len(piece)
            pending += piece
            *whole, pending = pending.split(b"\n\n")
            for block in whole:
                self.take(block)
            if slow:
                await asyncio.sleep(0.02)
        self.cuts += 1

    def take(self, block):
        lines = [line for line in block.split(b"\n") if line and not line.startswith(b":")]
        if not lines:
            return
        assert [line.split(b":", 1)[0] for line in lines] == [b"id", b"event", b"data"], block[:200]
        row = json.loads(lines[2][6:])
        index = int(lines[0][4:])
        assert row["daybook"]["index"] == index
        self.got.append(index)
        self.ids.append(row["auditLog"]["id"])
        self.last = index


class Oracle:
    """Every acknowledged event with its index."""

    def __init__(self):
        self.lock, self.entries = threading.Lock(), {}

    def add(self, index, tenant, event):
        with self.lock:
            self.entries[index] = (tenant, event)

    def expected(self, follower):
        return [index for index in sorted(self.entries)
                if index > follower.start and follower.matches(*self.entries[index])]


def ingest(server, token, oracle, seed, worker, numbers, pause):
    """Small batches until the numbers are used up; a batch whose answer was lost is sent again (same ids)."""
    rng = random.Random(f"{seed}-w{worker}")
    connection = None
    while True:
        batch = [n for n in (next(numbers, None) for _ in range(rng.choice((1, 1, 2, 5, 40)))) if n is not None]
        if not batch:
            return
        tenant = rng.choice(TENANTS)
        events = [random_event(rng, n) for n in batch]
        body = json.dumps(events)
        while True:
            try:
                if connection is None:
                    connection = http.client.HTTPConnection(*address(server), timeout=30)
                connection.request("POST", f"/api/v1/{tenant}/auditlogs", body,
                                   {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
                answer = connection.getresponse()
                document = json.loads(answer.read())
                if answer.status in (200, 201):
                    break
                assert answer.status in (500, 503), document
            except (OSError, http.client.HTTPException, ValueError):
                connection = None
            time.sleep(0.05)
        for event, receipt in zip(events, document["results"]):
            oracle.add(receipt["index"], tenant, event)
        time.sleep(rng.random() * pause)


class Numbers:
    def __init__(self, count):
        self.lock, self.left = threading.Lock(), iter(range(count))

    def __iter__(self):
        return self

    def __next__(self):
        with self.lock:
            return next(self.left)


async def follow_all(followers, oracle, done, patience_s=60):
    """Runs the followers until ingest is over and each has its last event, or nobody has got anything for too long."""
    stop = asyncio.Event()

    async def watch():
        while not done.is_set():
            await asyncio.sleep(0.05)
        last = [max(oracle.expected(follower), default=follower.start) for follower in followers]
        until, seen = time.monotonic() + patience_s, 0
        while time.monotonic() < until and any(f.last < wanted for f, wanted in zip(followers, last)):
            await asyncio.sleep(0.05)
            if sum(len(f.got) for f in followers) > seen:
                until, seen = time.monotonic() + patience_s, sum(len(f.got) for f in followers)
        await asyncio.sleep(0.5)  # Time for one too many.
        stop.set()

    await asyncio.gather(watch(), *(follower.run(stop) for follower in followers))


def work(server, tokens, options, oracle, done):
    try:
        write_everything(server, tokens, options, oracle)
    finally:
        done.set()


def write_everything(server, tokens, options, oracle):
    numbers = Numbers(options.events)
    workers = [threading.Thread(target=ingest, args=(server, tokens[0], oracle, options.seed, n, numbers, 0.02))
               for n in range(options.writers)]
    for worker in workers:
        worker.start()
    rng = random.Random(f"{options.seed}-restarts")
    for _ in range(options.restarts):
        time.sleep(options.restart_after * (0.5 + rng.random()))
        if rng.random() < 0.5:
            server.kill()
        else:
            server.stop()
        server.start()
    for worker in workers:
        worker.join()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--followers", type=int, default=100)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--restarts", type=int, default=0)
    parser.add_argument("--restart-after", type=float, default=5, help="seconds, on average")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    oracle, done, begun = Oracle(), threading.Event(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="daybook-follow-") as data, Server(data) as server:
        tokens = server.token("writer", "writer"), server.token("reader", "auditor")
        for tenant in TENANTS:  # A tenant comes to be with its first entry.
            receipt = server.call("POST", f"/api/v1/{tenant}/auditlogs", "Bearer " + tokens[0],
                                  {"type": "READ", "resource": "X", "id": "first"}).json()
        start = receipt["results"][0]["index"]
        followers = [Follower(n, options.seed, server, tokens[1], start) for n in range(options.followers)]
        thread = threading.Thread(target=work, args=(server, tokens, options, oracle, done))
        thread.start()
        asyncio.run(follow_all(followers, oracle, done))
        thread.join()
        wrong = [f"follower {f.number} {f.tenant} {f.parameters}: {len(f.got)} of {len(oracle.expected(f))}"
                 for f in followers if f.got != oracle.expected(f)]
        names = [f.number for f in followers
                 if f.ids != [oracle.entries[index][1]["id"] for index in f.got if index in oracle.entries]]
        if len(oracle.entries) != options.events:
            wrong.append(f"{len(oracle.entries)} events were acknowledged")
        if server.stop() != 0:
            wrong.append("the server did not stop cleanly")
    print(json.dumps({"followers": options.followers, "events": len(oracle.entries), "restarts": options.restarts,
                      "delivered": sum(len(f.got) for f in followers), "cuts": sum(f.cuts for f in followers),
                      "wrong": len(wrong), "wrongIds": len(names), "seconds": round(time.monotonic() - begun, 1),
                      "seed": options.seed}))
    for line in wrong[:10]:
        print(line)
    sys.exit(1 if wrong or names else 0)


if __name__ == "__main__":
    main()
