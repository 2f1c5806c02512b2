# SPDX-License-Identifier: Apache-2.0
"""Replays tests/data/smuggling/cases.jsonl through the gateway and asks the back end what it saw.

    python3 tests/blackbox/smuggling.py recorder|nginx|haproxy|node|netty

`recorder` is a back end of our own that reads strictly and keeps every byte; the others are the real servers, where they
are installed, asked by their access log. What a back end saw and what the ledger says were forwarded must be the same.
"""
import base64
import collections
import concurrent.futures
import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
import harness  # noqa: E402

NETTY_LIBRARIES = HERE.parent.parent / "build" / "netty"  # As `make smuggling` has Maven put them there.
CASES = HERE.parent / "data" / "smuggling" / "cases.jsonl"


def load():
    cases = [json.loads(line) for line in CASES.read_text().splitlines()]
    for number, case in enumerate(cases):
        case["number"] = number
    return cases


def fill(text, number, auth):
    return text.replace("{n}", str(number)).replace("{auth}", auth)


def sent_to(address, data, wait=5.0):
    """Sends everything, then nothing more; gives what came back until the end of the connection."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=wait) as peer:
        try:
            peer.sendall(data)
            peer.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # Refused before everything was said.
        out = b""
        try:
            while piece := peer.recv(65536):
                out += piece
        except OSError:
            pass
        return out


class Recorder:
    """An HTTP/1.1 server that understands nothing but well-formed requests and remembers them byte for byte."""

    def __init__(self):
        self.seen, self.broken, self.lock = [], [], threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        data = b""

        def more():
            nonlocal data
            piece = peer.recv(65536)
            data += piece
            return bool(piece)

        with peer:
            try:
                while True:
                    while b"\r\n\r\n" not in data:
                        if not more():
                            if data:
                                self.note(self.broken, data)
                            return
                    head, data = data.split(b"\r\n\r\n", 1)
                    lines = head.split(b"\r\n")
                    method, target, version = lines[0].split(b" ")
                    fields = [line.split(b": ", 1) for line in lines[1:]]
                    assert version == b"HTTP/1.1" and not any(c < 32 and c != 9 or c == 127 for c in b"".join(lines)), head
                    named = collections.Counter(name.lower() for name, _ in fields)
                    assert named[b"host"] == 1 and named[b"authorization"] <= 1, head
                    assert named[b"content-length"] + named[b"transfer-encoding"] <= 1, head
                    assert not named[b"connection"] and not named[b"upgrade"] and not named[b"te"], head
                    values = {name.lower(): value for name, value in fields}
                    request = [method.decode("latin-1"), target.decode("latin-1"), None]
                    own = b"x-daybook-own" in values
                    if not own:
                        self.note(self.seen, request)
                    body = b""
                    if b"transfer-encoding" in values:
                        assert values[b"transfer-encoding"] == b"chunked"
                        while True:
                            while b"\r\n" not in data:
                                if not more():
                                    return
                            line, data = data.split(b"\r\n", 1)
                            size = int(line, 16)
                            assert line == b"%x" % size, line
                            while len(data) < size + 2:
                                if not more():
                                    return
                            body, end, data = body + data[:size], data[size:size + 2], data[size + 2:]
                            assert end == b"\r\n"
                            if size == 0:
                                break
                    else:
                        size = int(values.get(b"content-length", b"0"))
                        while len(data) < size:
                            if not more():
                                return
                        body, data = data[:size], data[size:]
                    request[2] = body.decode("latin-1")
                    answer = b"" if method == b"HEAD" else b"{}"
                    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n" + answer)
            except (AssertionError, ValueError) as problem:
                self.note(self.broken, repr(problem))
            except OSError:
                pass

    def note(self, where, what):
        with self.lock:
            where.append(what)

    def requests(self):
        with self.lock:
            return [tuple(request) for request in self.seen]

    def stop(self):
        self.listener.close()


class Logged:
    """A real server that answers everything with 200 and writes method and target to its log, one JSON line each."""

    def __init__(self, kind, folder):
        self.kind, self.log, self.broken = kind, pathlib.Path(folder) / "seen.log", []
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        config = pathlib.Path(folder) / "config"
        if kind == "nginx":
            config.write_text(f"""
                daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
                events {{ worker_connections 512; }}
                http {{
                  log_format seen escape=json '["$request_method","$request_uri"]';
                  access_log {self.log} seen; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
                  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
                  merge_slashes off; large_client_header_buffers 8 64k;
                  server {{ listen {self.address}; location / {{ return 200 '{{}}'; }} }}
                }}""")
            command = [shutil.which("nginx") or "/usr/sbin/nginx", "-p", folder, "-c", str(config)]
        elif kind == "haproxy":
            config.write_text(f"""
defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 5s
  log stdout format raw local0
  log-format 'seen %HM %HU'
frontend seen
  bind {self.address}
  http-request return status 200 content-type application/json string '{{}}'
""")
            command = ["haproxy", "-f", str(config)]
        elif kind == "netty":
            command = ["java", "-cp", str(NETTY_LIBRARIES / "*"), str(HERE / "netty" / "Seen.java"), str(port), str(self.log)]
        else:
            config.write_text(f"""
                const fs = require('fs');
                require('http').createServer((q, a) => {{
                  fs.appendFileSync({json.dumps(str(self.log))}, JSON.stringify([q.method, q.url]) + '\\n');
                  q.resume(); q.on('end', () => a.end('{{}}')); q.on('error', () => {{}});
                }}).listen({port}, '127.0.0.1');""")
            command = ["node", str(config)]
        out = open(self.log, "wb") if kind == "haproxy" else subprocess.DEVNULL
        self.process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        for _ in range(1200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(kind + " did not start")

    def requests(self):
        lines = self.log.read_text(encoding="latin-1").splitlines() if self.log.exists() else []
        # A line without a method is a request the server itself refused.
        requests = [json.loads(line) for line in lines if line.startswith("[")]
        for line in lines:
            if line.startswith("seen "):
                _, method, target = line.split(" ", 2)
                # HAProxy writes what could confuse a reader of its log as #XX, and # itself, too.
                decode = self.kind == "haproxy"
                target = re.sub("#([0-9A-F]{2})", lambda m: chr(int(m[1], 16)), target) if decode else target
                requests.append((method, target))
        return [(method, target, None) for method, target in requests if method and target and method != "<BADREQ>"]

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)


def path_of(target):
    if "://" in target and not target.startswith("/"):
        target = "/" + target.split("://", 1)[1].partition("/")[2]
    return target.split("?", 1)[0]


def audited(server, token):
    """Method and path of every request the ledger says was (or may have been) forwarded, and how each ended."""
    ends, attempts, at = {}, [], 0
    while True:
        got = server.call("GET", f"/api/v1/auditlogs/entries?from={at}&limit=10000", "Bearer " + token)
        lines = got.body.decode().splitlines()
        for line in lines:
            event = json.loads(base64.b64decode(json.loads(line)["parts"]["event"]["bytes"]))
            if event.get("source") != "gateway" or "request" not in event or event["result"] == "DENIED":
                continue
            request = (event["request"]["method"], event["request"]["path"])
            if event["kind"] == "outcome":
                ends[event["attemptId"]] = event["result"]
            elif event["kind"] == "attempt":
                attempts.append((event["id"], request))
            else:
                attempts.append((event["id"], request))
                ends[event["id"]] = event["result"]
        if not lines:
            return [(request, ends.get(identity)) for identity, request in attempts]
        at += len(lines)


def utf8(text):
    return text.encode("latin-1").decode("utf-8", "replace")


def run(backend, folder):
    """Problems found, as lines; nothing is good."""
    cases, problems = load(), []
    with harness.Server(folder, upstream="http://" + backend.address) as server:
        token = server.token("eyes", "auditor")
        auth = "Bearer " + server.token("proxy", "gateway")

        def replay(case):
            data = fill(case["bytes"], case["number"], auth).encode("latin-1")
            return sent_to(server.gateway, data)

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(replay, cases))
        time.sleep(1)  # Outcomes of requests whose client had gone.
        entries = audited(server, token)
    seen = [request for request in backend.requests() if not request[1].startswith("/api/v1/auditlogs")]
    keep_bodies = any(request[2] is not None for request in seen)
    recorded = collections.Counter(request for request, _ in entries)
    for request, count in collections.Counter((method, utf8(path_of(target))) for method, target, _ in seen).items():
        if recorded[request] < count:
            problems.append(f"the back end saw {request} {count} times, the ledger knows {recorded[request]}")
    whole = collections.Counter(request for request, end in entries if end == "SUCCESS")
    reached = collections.Counter((method, utf8(path_of(target))) for method, target, _ in seen)
    for request, count in whole.items():
        if reached[request] != count:
            problems.append(f"the ledger says {request} succeeded {count} times, the back end saw {reached[request]}")
    for method, target, _ in seen:
        if "/evil/" in target:
            problems.append(f"hidden request came out: {method} {target}")
    for case, answer in zip(cases, answers):
        number = case["number"]
        mine = [request for request in seen if belongs(request[1], number)]
        status = answer.split(b" ", 2)[1:2]
        if case["expect"] == "refuse":
            if mine:
                problems.append(f"{case['name']}: refused it should be, the back end saw {mine}")
            if status and not status[0].startswith((b"4", b"5")):
                problems.append(f"{case['name']}: answered {status[0]}")
        elif case["expect"] == "pass":
            wanted = [tuple(fill(part, number, auth) for part in one) for one in case["sees"]]
            got = [(m, t if t.startswith("/") else path_of(t), b if keep_bodies else "") for m, t, b in mine]
            if not mine and not keep_bodies and status and status[0].startswith(b"4"):
                continue  # The real server's own taste: it refused, and so nothing was read in two ways.
            if sorted(got) != sorted((m, p, b if keep_bodies else "") for m, p, b in wanted):
                problems.append(f"{case['name']}: wanted {wanted}, the back end saw {mine}; answered {answer[:60]!r}")
    for broken in backend.broken:
        problems.append(f"not well-formed at the back end: {str(broken)[:200]}")
    return problems, len(cases)


def belongs(target, number):
    """Whether a target is of this case: its number stands whole in it."""
    rest = path_of(target).lower()
    start = rest.find("/s/")
    if start < 0:
        return False
    digits = ""
    for char in rest[start + 3:]:
        if not char.isdigit():
            break
        digits += char
    return digits == str(number)


def backend_of(kind, folder):
    return Recorder() if kind == "recorder" else Logged(kind, folder)


def is_installed(kind):
    if kind == "netty":
        return shutil.which("java") and any(NETTY_LIBRARIES.glob("netty-codec-http-*.jar"))
    return kind == "recorder" or shutil.which(kind) or kind == "nginx" and shutil.which("/usr/sbin/nginx")


def main():
    bad = 0
    for kind in sys.argv[1:] or ["recorder", "nginx", "haproxy", "node", "netty"]:
        if not is_installed(kind):
            print(f"{kind}: not installed")
            continue
        with tempfile.TemporaryDirectory() as folder:
            backend = backend_of(kind, folder)
            try:
                problems, count = run(backend, folder + "/data")
            finally:
                backend.stop()
        print(f"{kind}: {count} cases, {len(problems)} mismatches")
        for problem in problems:
            print("  " + problem)
        bad += len(problems)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
