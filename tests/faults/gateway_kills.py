# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the gateway under load; the list of the upstream behind it is the oracle.

Clients change flows, executions, key-values and files through the gateway, each request with an X-Request-Id of its own.
The upstream writes down every changing request before it answers. After each kill the server is started again, and then

  - every changing request that the upstream saw has an attempt in the ledger, with the same method and path;
  - no attempt is without an outcome;
  - every answer a client got in full is the outcome in the ledger: same status, SUCCESS;
  - the upstream saw each request at most once.

    gateway_kills.py --kills 500 [--clients 16] [--seed N]
"""
import argparse
import asyncio
import base64
import http.client
import json
import os
import random
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "blackbox"))
from harness import Server, verify  # noqa: E402

KILLS_PER_LEDGER = 50  # A start reads the whole ledger: small ones keep the run short.
FLOW = "id: {0}\nnamespace: a.b\ntasks:\n  - id: t\n    type: io.kestra.plugin.core.log.Log\n    message: hello\n"


class Upstream:
    """HTTP/1.1 as far as the gateway speaks it: notes what changes something, waits a little, answers."""

    def __init__(self, rng):
        self.seen, self.rng, self.loop = [], rng, asyncio.new_event_loop()
        ready = threading.Event()
        threading.Thread(target=self._run, args=(ready,), daemon=True).start()
        assert ready.wait(10)

    def _run(self, ready):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self.loop.run_forever()

    async def _serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                method, target, _ = head[0].split(" ")
                fields = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
                assert "transfer-encoding" not in fields
                await reader.readexactly(int(fields.get("content-length", 0)))
                if method == "GET":
                    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                    continue
                self.seen.append((fields["x-request-id"], method, target))
                await asyncio.sleep(self.rng.choice((0, 0, 0.002, 0.02)))
                # Short answers are held back whole, long ones but for their end: both ways are cut.
                body = b"x" * self.rng.choice((0, 200, 100_000))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def changes(rng, name):
    """One changing request: method, target, type, body."""
    return rng.choice((
        ("PUT", f"/api/v1/main/namespaces/a.b/kv/{name}", "text/plain", "v"),
        ("DELETE", f"/api/v1/main/namespaces/a.b/kv/{name}", None, None),
        ("POST", "/api/v1/main/flows", "application/x-yaml", FLOW.format(name)),
        ("PUT", f"/api/v1/main/flows/a.b/{name}", "application/x-yaml", FLOW.format(name)),
        ("DELETE", f"/api/v1/main/flows/a.b/{name}", None, None),
        ("POST", f"/api/v1/main/executions/{name}/restart", None, ""),
        ("DELETE", "/api/v1/main/executions/by-ids", "application/json", json.dumps([name, name + "b"])),
    ))


def act(address, token, prefix, rng, answered, stop):
    host, port = address.rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    n = 0
    try:
        while not stop.is_set():
            request_id = f"{prefix}-{n}"
            method, target, kind, body = changes(rng, request_id)
            headers = {"Authorization": "Bearer " + token, "X-Request-Id": request_id}
            if kind:
                headers["Content-Type"] = kind
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            answer.read()
            answered.append((request_id, answer.status))
            n += 1
    except (OSError, http.client.HTTPException):
        pass
    finally:
        connection.close()


class Ledger:
    """What one ledger says of requests, read as it grows."""

    def __init__(self):
        self.next, self.attempts, self.open, self.outcomes, self.unknown = 0, {}, set(), {}, 0

    def read(self, server, token):
        while True:
            answer = server.call("GET", f"/api/v1/auditlogs/entries?from={self.next}&limit=10000", "Bearer " + token, timeout=120)
            assert answer.status == 200, answer.body
            lines = answer.body.splitlines()
            if not lines:
                return
            for line in lines:
                entry = json.loads(line)
                self.next = entry["index"] + 1
                self._take(json.loads(base64.b64decode(entry["parts"]["event"]["bytes"])))

    def _take(self, event):
        request = event.get("request") or {}
        if event["kind"] == "attempt":
            self.attempts[request["requestId"]] = (event["id"], request["method"], request["path"])
            self.open.add(event["id"])
        elif event["kind"] == "outcome":
            # A bulk request has one outcome for itself and one for each object.
            self.outcomes.setdefault(event["attemptId"], (event["result"], request.get("status")))
            self.open.discard(event["attemptId"])
            self.unknown += event["result"] == "UNKNOWN"

    def check(self, seen, answered):
        assert not self.open, f"{len(self.open)} attempts without outcome, e.g. {sorted(self.open)[:3]}"
        ids = [request_id for request_id, _, _ in seen]
        assert len(ids) == len(set(ids)), "the upstream saw a request twice"
        for request_id, method, target in seen:
            attempt = self.attempts.get(request_id)
            assert attempt, f"the upstream saw {method} {target} ({request_id}), the ledger does not know of it"
            assert attempt[1:] == (method, target), (attempt, method, target)
        for request_id, status in answered:
            assert status == 200, (request_id, status)
            outcome = self.outcomes[self.attempts[request_id][0]]
            assert outcome == ("SUCCESS", 200), (request_id, outcome)


def one_ledger(kills, clients, rng, upstream, name):
    ledger, answers, seen_before = Ledger(), 0, len(upstream.seen)
    with tempfile.TemporaryDirectory() as data:
        server = Server(data, f"http://127.0.0.1:{upstream.port}").start()
        tokens = {role: server.token(f"{role}-account", role) for role in ("auditor", "gateway")}
        for kill in range(kills):
            stop, answered, first = threading.Event(), [], len(upstream.seen)
            threads = [threading.Thread(target=act, args=(server.gateway, tokens["gateway"], f"{name}-{kill}-{c}",
                                                          random.Random(rng.random()), answered, stop))
                       for c in range(clients)]
            for thread in threads:
                thread.start()
            time.sleep(rng.uniform(0.02, 0.4))
            server.kill()
            stop.set()
            for thread in threads:
                thread.join()
            server.start()
            ledger.read(server, tokens["auditor"])
            ledger.check(upstream.seen[first:], answered)
            answers += len(answered)
        assert server.stop() == 0
        assert verify(data)["ok"]
    return len(upstream.seen) - seen_before, answers, ledger.unknown


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    print(f"gateway_kills: seed {arguments.seed}", flush=True)
    rng = random.Random(arguments.seed)
    upstream = Upstream(random.Random(rng.random()))
    done, totals = 0, [0, 0, 0]
    while done < arguments.kills:
        part = min(KILLS_PER_LEDGER, arguments.kills - done)
        for i, count in enumerate(one_ledger(part, arguments.clients, rng, upstream, f"l{done}")):
            totals[i] += count
        done += part
        print(f"gateway_kills: {done} kills, {totals[0]} changing requests seen upstream, all in the ledger; "
              f"{totals[1]} answered, {totals[2]} outcomes UNKNOWN", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
