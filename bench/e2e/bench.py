# SPDX-License-Identifier: Apache-2.0
"""The figures of docs/performance.md: daybook beside what a user would pick instead, same machine, same run.

    make bench                 all
    bench.py acks|ndjson|gateway|search [--seconds 4] [--rounds 3]

Every figure is a ratio of two things measured alternately in this run; absolute times depend on the machine.
Needs wrk and nginx (Debian packages).
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "tests" / "blackbox"))
from harness import Server  # noqa: E402

EVENT = {
    "type": "UPDATE", "resource": "EXECUTION",
    "detail": {"id": "5Zr9o2Kq7mX1", "namespace": "company.team.finance", "flowId": "daily-ledger-sync",
               "executionId": "5Zr9o2Kq7mX1", "revision": 12},
    "user": {"id": "u-17", "username": "jane.doe", "email": "jane.doe@example.org"},
    "ipAddress": "10.20.30.40", "userAgent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/132.0",
    "request": {"method": "POST", "path": "/api/v1/main/executions/5Zr9o2Kq7mX1/restart", "status": 200, "durationMs": 31},
    "appliedPatch": [{"op": "replace", "path": "/state/current", "value": "RESTARTED"}],
}


def wrk(url, connections, seconds, token=None, script=None):
    """Requests a second and the p50/p99 in ms."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    if token:
        command += ["-H", "Authorization: Bearer " + token]
    if script:
        command += ["-s", str(script)]
    out = subprocess.run(command + [url], capture_output=True, text=True, check=True).stdout
    unit = {"us": 0.001, "ms": 1, "s": 1000}
    quantile = {q: float(v) * unit[u] for q, v, u in re.findall(r"(50|99)%\s+([0-9.]+)(us|ms|s)", out)}
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    if bad:
        raise RuntimeError(f"{bad.group(1)} refused answers from {url}")
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", out).group(1)), quantile["50"], quantile["99"]


def metric(server, token, name):
    text = server.call("GET", "/metrics", "Bearer " + token).body.decode()
    return sum(float(v) for v in re.findall(rf"^{name}(?:\{{[^}}]*\}})? ([0-9.e+]+)$", text, re.M))


def plain_append(folder, seconds, size, sync_bytes):
    """Appends of `size` bytes to a file with fdatasync each time `sync_bytes` are waiting: appends a second."""
    path = os.path.join(folder, "plain")
    piece, handle = b"x" * size, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    count, waiting, end = 0, 0, time.monotonic() + seconds
    while time.monotonic() < end:
        os.write(handle, piece)
        count, waiting = count + 1, waiting + size
        if waiting >= sync_bytes:
            os.fdatasync(handle)
            waiting = 0
    os.close(handle)
    os.unlink(path)
    return count / seconds


def plain_changes(folder, seconds, clients, size=700):
    """What group commit allows `clients` that each wait for two records of `size` bytes, one after the other: pairs a second."""
    return plain_append(folder, seconds, size, clients * size) / 2


def median(rows):
    return statistics.median(rows)


def bench_acks(folder, seconds, rounds):
    script = pathlib.Path(folder) / "post.lua"
    script.write_text('wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
                      f"wrk.body = [==[{json.dumps(EVENT)}]==]\n")
    size = len(json.dumps(EVENT)) + 180
    rows = {1: [], 64: []}
    with Server(pathlib.Path(folder) / "acks") as server:
        token = server.token("bench", "writer")
        eyes = server.token("eyes", "auditor")
        for _ in range(rounds):
            for clients in rows:
                plain = plain_append(folder, seconds / 2, size, 1)
                before = metric(server, eyes, "daybook_ledger_groups_total"), metric(server, eyes, "daybook_ledger_appended_entries_total")
                rate, p50, p99 = wrk(f"http://{server.api}/api/v1/bench/auditlogs", clients, seconds, token, script)
                after = metric(server, eyes, "daybook_ledger_groups_total"), metric(server, eyes, "daybook_ledger_appended_entries_total")
                per_sync = (after[1] - before[1]) / max(1, after[0] - before[0])
                rows[clients].append((rate, plain, rate / plain, per_sync, p50, p99))
    for clients, measured in rows.items():
        rate, plain, ratio, per_sync, p50, p99 = (median(column) for column in zip(*measured))
        print(f"acks: {clients} clients: {rate:.0f} acknowledged/s against {plain:.0f} plain append+fdatasync/s of the same bytes "
              f"= {ratio:.2f}; {per_sync:.1f} acknowledgements per fdatasync; p50 {p50:.2f} ms, p99 {p99:.2f} ms")


def bench_ndjson(folder, seconds, rounds):
    lines = 100_000
    body = b"".join(json.dumps(dict(EVENT, detail=dict(EVENT["detail"], revision=n))).encode() + b"\n" for n in range(lines))
    ratios = []
    with Server(pathlib.Path(folder) / "ndjson") as server:
        token = server.token("bench", "writer")
        for _ in range(rounds):
            plain = plain_append(folder, seconds / 2, len(body) // lines, 1 << 20)
            started = time.monotonic()
            answer = server.call("POST", "/api/v1/bench/auditlogs", "Bearer " + token, body,
                                 {"Content-Type": "application/x-ndjson"}, timeout=300)
            took = time.monotonic() - started
            assert answer.status == 201 and answer.json()["created"] == lines, answer.body[:300]
            ratios.append((lines / took, plain, lines / took / plain, len(body) / took / 1e6))
    rate, plain, ratio, speed = (median(column) for column in zip(*ratios))
    print(f"ndjson: {rate:.0f} events/s ({speed:.0f} MB/s) durable, provable and searchable, against {plain:.0f}/s of a plain file "
          f"with the same lines and fdatasync each MiB = {ratio:.3f}")


NGINX = """
daemon off; worker_processes 1; pid {folder}/{name}.pid; error_log {folder}/{name}.err;
events {{ worker_connections 2048; }}
http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; keepalive_requests 1000000;
  {body} }}
"""


def nginx(folder, name, body):
    path = pathlib.Path(folder) / f"{name}.conf"
    path.write_text(NGINX.format(folder=folder, name=name, body=body))
    return subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(path), "-p", folder],
                            stderr=subprocess.DEVNULL)


def free_port():
    import socket
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def bench_gateway(folder, seconds, rounds):
    back, front = free_port(), free_port()
    text = json.dumps({"results": ["x" * 90] * 10, "total": 10})[:1024]
    processes = [
        nginx(folder, "backend", f"server {{ listen 127.0.0.1:{back}; location / {{ default_type application/json; return 200 '{text}'; }} }}"),
        nginx(folder, "proxy", f"upstream k {{ server 127.0.0.1:{back}; keepalive 64; }} server {{ listen 127.0.0.1:{front}; access_log {folder}/access.log; "
                               f"location / {{ proxy_pass http://k; proxy_http_version 1.1; proxy_set_header Connection ''; }} }}"),
    ]
    try:
        with Server(pathlib.Path(folder) / "gateway", f"http://127.0.0.1:{back}") as server:
            token = server.token("bench", "gateway")
            worker = int(subprocess.run(["pgrep", "-P", str(processes[1].pid)], capture_output=True, text=True, check=True).stdout)
            cases = {"not recorded (search)": "/api/v1/main/flows/search", "read, recorded": "/api/v1/main/flows/a.b/c"}
            for clients in (1, 64):
                for name, path in cases.items():
                    rows = []
                    for _ in range(rounds):
                        used = cpu_seconds(server.process.pid), cpu_seconds(worker)
                        ours = wrk(f"http://{server.gateway}{path}", clients, seconds, token)
                        theirs = wrk(f"http://127.0.0.1:{front}{path}", clients, seconds, token)
                        used = cpu_seconds(server.process.pid) - used[0], cpu_seconds(worker) - used[1]
                        direct = wrk(f"http://127.0.0.1:{back}{path}", clients, seconds, token)
                        rows.append((ours[0], theirs[0], ours[0] / theirs[0], ours[1], theirs[1], direct[1], ours[2], theirs[2],
                                     used[0] / (ours[0] * seconds) * 1e6, used[1] / (theirs[0] * seconds) * 1e6))
                    r = [median(column) for column in zip(*rows)]
                    print(f"gateway: {clients} clients, {name}: {r[0]:.0f}/s against nginx {r[1]:.0f}/s = {r[2]:.2f}; "
                          f"p50 {r[3]:.2f} ms against {r[4]:.2f} ms (direct {r[5]:.2f} ms); p99 {r[6]:.2f} ms against {r[7]:.2f} ms; "
                          f"CPU {r[8]:.0f} us against {r[9]:.0f} us a request")
            script = pathlib.Path(folder) / "put.lua"
            script.write_text('wrk.method = "PUT"\nwrk.headers["Content-Type"] = "text/plain"\nwrk.body = "v"\n')
            for clients in (1, 64):
                rows = []
                for _ in range(rounds):
                    allowed = plain_changes(folder, seconds / 2, clients)
                    ours = wrk(f"http://{server.gateway}/api/v1/main/namespaces/a.b/kv/k", clients, seconds, token, script)
                    rows.append((*ours, allowed, ours[0] / allowed))
                r = [median(column) for column in zip(*rows)]
                print(f"gateway: {clients} clients, change (attempt and outcome durable): {r[0]:.0f}/s, p50 {r[1]:.2f} ms, p99 {r[2]:.2f} ms; "
                      f"group commit by plain append+fdatasync allows {r[3]:.0f}/s = {r[4]:.2f}")
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_anon_mb(pid):
    return int(re.search(r"RssAnon:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def bench_search(folder, _seconds, _rounds):
    """A million entries: memory, restart, page latency."""
    total, batch, actions = 1_000_000, 50_000, ["CREATE", "UPDATE", "DELETE", "READ"]
    server = Server(pathlib.Path(folder) / "search").start()
    try:
        token, eyes = server.token("bench", "writer"), server.token("eyes", "auditor")
        for start in range(0, total, batch):
            body = b"".join(json.dumps({
                "type": actions[n % 4], "resource": ["EXECUTION", "FLOW", "TRIGGER", "KVSTORE"][n % 7 % 4],
                "detail": {"namespace": f"company.team{n % 300}", "flowId": f"flow-{n % 4000}", "executionId": f"x{n // 3:x}"},
                "user": {"id": f"u{n % 5000}", "username": f"user.{n % 5000}"}}).encode() + b"\n" for n in range(start, start + batch))
            answer = server.call("POST", "/api/v1/main/auditlogs", "Bearer " + token, body,
                                 {"Content-Type": "application/x-ndjson"}, timeout=300)
            assert answer.status == 201, answer.body[:300]
        memory = rss_anon_mb(server.process.pid)
        assert server.stop() == 0
        started = time.monotonic()
        server.start()
        restart = time.monotonic() - started
        filters = ["", "type=DELETE", "userId=u17", "namespace=company.team7", "flowId=flow-123&type=CREATE",
                   "resources=FLOW&resources=TRIGGER", "executionId=x1e240", "page=1000&size=25",
                   "filters[namespace][PREFIX]=company", "filters[userId][NOT_EQUALS]=u1&type=UPDATE"]
        worst = 0.0
        for text in filters:
            times = []
            for _ in range(21):
                started = time.monotonic()
                answer = server.call("GET", "/api/v1/main/auditlogs/search?size=25&" + text if "size=" not in text
                                     else "/api/v1/main/auditlogs/search?" + text, "Bearer " + eyes)
                times.append((time.monotonic() - started) * 1000)
                assert answer.status == 200, answer.body
            worst = max(worst, median(times))
            print(f"search: [{text or 'no filter'}]: p50 {median(times):.1f} ms, total {answer.json()['total']}")
        print(f"search: 1,000,000 entries: worst p50 {worst:.1f} ms; RssAnon {memory:.0f} MB while loading, "
              f"{rss_anon_mb(server.process.pid):.0f} MB after a restart of {restart:.1f} s")
    finally:
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = {"acks": bench_acks, "ndjson": bench_ndjson, "gateway": bench_gateway, "search": bench_search}
    parser.add_argument("what", nargs="*", choices=list(known), help="default: all")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    for tool in ("wrk", "nginx"):
        if not shutil.which(tool) and not os.path.exists(f"/usr/sbin/{tool}"):
            sys.exit(f"bench: {tool} is missing: apt-get install wrk nginx-light")
    for name in arguments.what or known:
        with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
            known[name](folder, int(arguments.seconds), arguments.rounds)


if __name__ == "__main__":
    main()
