# SPDX-License-Identifier: Apache-2.0
"""kill -9 under load, again and again; an oracle outside the process holds every acknowledgement.

After each kill the server is started again. Every acknowledged (id, index, leafHash) has to be in the ledger,
unchanged; `daybook verify` has to be good; no attempt may stay open. Prints a figure line at the end:

    kill_loop.py --kills 200 --writers 64 [--seed N] [--gateway-writers 8] [--no-gateway]

More writers act through the gateway on a small upstream, so that attempts are cut in flight.
"""
import argparse
import http.client
import http.server
import json
import os
import random
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "blackbox"))
from harness import Server, verify  # noqa: E402


class Upstream(http.server.BaseHTTPRequestHandler):
    """Answers every KV PUT after a short while, so that a kill finds attempts without outcome."""
    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        time.sleep(0.02)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class QuietServer(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):  # The gateway was killed in the middle of a request: that is the point.
        pass


class Oracle:
    def __init__(self):
        self.lock, self.known, self.sent = threading.Lock(), {}, 0

    def acknowledged(self, entry_id, receipt):
        with self.lock:
            self.known[entry_id] = (receipt["index"], receipt["leafHash"])


def write_events(server, token, oracle, worker, round_, stop):
    """One event a request on one connection until the server dies."""
    connection = http.client.HTTPConnection(*split(server.api), timeout=10)
    headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
    n = 0
    try:
        while not stop.is_set():
            entry_id = f"w{worker}-r{round_}-{n}"
            body = json.dumps({"type": "UPDATE", "resource": "FLOW", "id": entry_id, "detail": {"namespace": "a.b"}})
            connection.request("POST", "/api/v1/main/auditlogs", body, headers)
            answer = connection.getresponse()
            document = json.loads(answer.read())
            if answer.status == 201:
                oracle.acknowledged(entry_id, document["results"][0])
            n += 1
    except (OSError, http.client.HTTPException, ValueError):
        pass
    finally:
        connection.close()


def write_through_gateway(server, token, worker, round_, stop):
    connection = http.client.HTTPConnection(*split(server.gateway), timeout=10)
    headers = {"Authorization": "Bearer " + token, "Content-Type": "text/plain"}
    n = 0
    try:
        while not stop.is_set():
            connection.request("PUT", f"/api/v1/main/namespaces/a.b/kv/k{worker}-{round_}-{n}", "v", headers)
            connection.getresponse().read()
            n += 1
    except (OSError, http.client.HTTPException):
        pass
    finally:
        connection.close()


def split(address):
    host, port = address.rsplit(":", 1)
    return host, int(port)


def all_entries(server, token, start):
    while True:
        answer = server.call("GET", f"/api/v1/auditlogs/entries?from={start}&limit=10000", "Bearer " + token, timeout=120)
        assert answer.status == 200, answer.body
        lines = [json.loads(line) for line in answer.body.splitlines()]
        if not lines:
            return
        yield from lines
        start = lines[-1]["index"] + 1


def check(server, token, oracle, seen):
    """Reads what is new, compares all acknowledgements, and looks for attempts without outcome."""
    import base64
    for entry in all_entries(server, token, seen["next"]):
        seen["next"] = entry["index"] + 1
        seen["entries"][entry["id"]] = (entry["index"], entry["leafHash"])
        event = json.loads(base64.b64decode(entry["parts"]["event"]["bytes"]))
        if event["kind"] == "attempt":
            seen["open"].add(event["id"])
        elif event["kind"] == "outcome":
            seen["open"].discard(event["attemptId"])
            seen["unknown"] += event["result"] == "UNKNOWN"
    lost = [entry_id for entry_id, receipt in oracle.known.items() if seen["entries"].get(entry_id) != receipt]
    assert not lost, f"{len(lost)} acknowledged entries lost or changed, e.g. {lost[:3]}"
    assert not seen["open"], f"attempts without outcome: {list(seen['open'])[:3]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--writers", type=int, default=64)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--gateway-writers", type=int, default=8)
    parser.add_argument("--no-gateway", action="store_true")
    arguments = parser.parse_args()
    print(f"kill_loop: seed {arguments.seed}", flush=True)
    rng = random.Random(arguments.seed)
    upstream = QuietServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    url = None if arguments.no_gateway else f"http://127.0.0.1:{upstream.server_port}"
    oracle, load_seconds = Oracle(), 0.0
    seen = {"next": 0, "entries": {}, "open": set(), "unknown": 0}
    with tempfile.TemporaryDirectory() as data:
        server = Server(data, url).start()
        tokens = {role: server.token(f"{role}-account", role) for role in ("writer", "auditor", "gateway")}
        gateway_writers = 0 if arguments.no_gateway else arguments.gateway_writers
        for round_ in range(arguments.kills):
            stop = threading.Event()
            threads = [threading.Thread(target=write_events, args=(server, tokens["writer"], oracle, w, round_, stop))
                       for w in range(arguments.writers)]
            threads += [threading.Thread(target=write_through_gateway, args=(server, tokens["gateway"], w, round_, stop))
                        for w in range(gateway_writers)]
            for thread in threads:
                thread.start()
            wait = rng.uniform(0.005, 0.5)
            started = time.monotonic()
            time.sleep(wait)
            server.kill()
            load_seconds += time.monotonic() - started
            stop.set()
            for thread in threads:
                thread.join()
            report = verify(data)
            assert report["ok"], report
            server.start()
            check(server, tokens["auditor"], oracle, seen)
            if (round_ + 1) % 20 == 0:
                print(f"kill_loop: {round_ + 1} kills, {len(oracle.known)} acknowledged, 0 lost", flush=True)
        assert server.stop() == 0
        assert verify(data)["ok"]
    rate = len(oracle.known) / load_seconds
    print(f"kill_loop: {arguments.kills} kills, {arguments.writers} writers, {len(oracle.known)} acknowledged "
          f"({rate:.0f} a second of load), 0 lost, {seen['unknown']} attempts closed as UNKNOWN, verify good")
    return 0


if __name__ == "__main__":
    sys.exit(main())
