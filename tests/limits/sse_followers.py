# SPDX-License-Identifier: Apache-2.0
"""1,000 event streams through the gateway for minutes, beside 10,000 idle connections: what each costs.

    sse_followers.py [--followers 1000] [--idle 10000] [--seconds 300]

The upstream sends every follower one event a second, with the time it was sent. Checked: every follower gets every event in
order, none is cut off, and the growth of the server's RssAnon divided by the connections is at most 32 KiB, for the idle ones
and for the followers each by themselves. Prints a figure line.
"""
import argparse
import asyncio
import os
import re
import resource
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "blackbox"))
from harness import Server, rss_anon_kib  # noqa: E402

LIMIT_KIB = 32
PATH = "/api/v1/main/executions/5Zr9o2Kq7mX1/follow"


class Upstream:
    """Answers a follower with an event stream that says a number and the time once a second, and anybody else at once."""

    def __init__(self):
        self.writers, self.sent, self.stop = set(), 0, False
        ready = threading.Event()
        threading.Thread(target=self._run, args=(ready,), daemon=True).start()
        assert ready.wait(10)

    def _run(self, ready):
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=4096))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        loop.run_until_complete(self._tick())

    async def _serve(self, reader, writer):
        try:
            while not (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].endswith(b"/follow"):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            await writer.drain()
            self.writers.add(writer)
            await reader.read()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.writers.discard(writer)
            writer.close()

    async def _tick(self):
        while True:
            event = b"id: %d\ndata: %.6f\n\n" % (self.sent, time.monotonic())
            self.sent += 1
            for writer in list(self.writers):
                writer.write(b"%x\r\n%s\r\n" % (len(event), event))
            await asyncio.sleep(1)


class Follower:
    def __init__(self):
        self.ids, self.delays, self.ended = [], [], None

    async def run(self, address, token):
        host, port = address.rsplit(":", 1)
        try:
            reader, writer = await asyncio.open_connection(host, int(port), limit=16384)
            writer.write(f"GET {PATH} HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n"
                         f"Authorization: Bearer {token}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            while True:
                size = int(await reader.readuntil(b"\r\n"), 16)
                event = await reader.readexactly(size + 2)
                if not size:
                    self.ended = "the stream ended"
                    return
                for number, sent in re.findall(rb"id: (\d+)\ndata: ([0-9.]+)", event):
                    self.ids.append(int(number))
                    self.delays.append(time.monotonic() - float(sent))
        except (OSError, asyncio.IncompleteReadError, AssertionError) as failure:
            self.ended = repr(failure)


async def hold_idle(address, count, held):
    """Each connection has served one request before it idles, so that it is held for 75 s; some are opened anew meanwhile."""
    host, port = address.rsplit(":", 1)

    async def one():
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        held.append((reader, writer))

    for start in range(0, count, 100):
        await asyncio.gather(*(one() for _ in range(min(100, count - start))))


async def measure(server, token, arguments):
    pid, held, followers = server.process.pid, [], []
    for _ in range(50):  # What a server at work has anyway does not count.
        await hold_idle(server.gateway, 20, held)
        for _, writer in held:
            writer.close()
        held.clear()
    await asyncio.sleep(1)
    start = rss_anon_kib(pid)
    await hold_idle(server.gateway, arguments.idle, held)
    await asyncio.sleep(1)
    idle_kib = (rss_anon_kib(pid) - start) / max(1, arguments.idle)
    print(f"sse_followers: {len(held)} idle connections, {idle_kib:.1f} KiB each", flush=True)
    before = rss_anon_kib(pid)
    tasks = []
    for _ in range(arguments.followers):
        followers.append(Follower())
        tasks.append(asyncio.create_task(followers[-1].run(server.gateway, token)))
        if len(followers) % 50 == 0:
            await asyncio.sleep(0.1)
    begin, most = time.monotonic(), 0
    while time.monotonic() - begin < arguments.seconds:
        await asyncio.sleep(5)
        most = max(most, rss_anon_kib(pid) - before)
        ended = [f.ended for f in followers if f.ended]
        assert not ended, (len(ended), ended[0])
    each = most / arguments.followers
    for task in tasks:
        task.cancel()
    return idle_kib, each, followers


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--followers", type=int, default=1000)
    parser.add_argument("--idle", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=300)
    arguments = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536), hard))
    upstream = Upstream()
    with tempfile.TemporaryDirectory() as data, Server(data, f"http://127.0.0.1:{upstream.port}") as server:
        token = server.token("follower", "gateway")
        idle_kib, each, followers = asyncio.run(measure(server, token, arguments))
    counts = [len(f.ids) for f in followers]
    for follower in followers:
        assert follower.ids == list(range(follower.ids[0], follower.ids[0] + len(follower.ids))), "an event is missing or out of order"
    assert min(counts) >= arguments.seconds * 0.5, min(counts)
    delays = sorted(delay for f in followers for delay in f.delays)
    p99 = delays[int(len(delays) * 0.99)] * 1000
    print(f"sse_followers: {arguments.followers} followers for {arguments.seconds:.0f} s: {sum(counts)} events, none missing or out of "
          f"order, none cut off; p50 {delays[len(delays) // 2] * 1000:.0f} ms, p99 {p99:.0f} ms after they were sent; "
          f"{each:.1f} KiB a follower, {idle_kib:.1f} KiB an idle connection (limit {LIMIT_KIB})")
    return 0 if each <= LIMIT_KIB and idle_kib <= LIMIT_KIB else 1


if __name__ == "__main__":
    sys.exit(main())
