# SPDX-License-Identifier: Apache-2.0
"""slowhttptest's four modes against the gateway; meanwhile a client that behaves must not notice.

    slow_clients.py [--connections 1000] [--seconds 20]

Slow heads (-H), slow bodies (-B), ranges (-R) and slow reading (-X), each with that many connections. A client that sends a
request every 10 ms is measured before, during and after: its p99 during the attack has to stay under twice what it is without.
Needs slowhttptest and nginx (Debian packages).
"""
import argparse
import http.client
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "blackbox"))
from harness import Server  # noqa: E402

PATH = "/api/v1/main/flows/search"
# Routes that need no login: attackers have none. A webhook's attempt is in the ledger before its body is read.
MODES = {
    "slow heads": ("/ping", ["-H", "-i", "5"]),
    "slow bodies": ("/api/v1/main/executions/webhook/a.b/flow/key", ["-B", "-i", "5", "-s", "100000", "-t", "POST"]),
    "ranges": ("/ping", ["-R", "-a", "10", "-b", "3000", "-t", "HEAD"]),
    "slow reading": ("/ping", ["-X", "-w", "512", "-y", "1024", "-n", "5", "-z", "32", "-k", "3"]),
}
NOISE_MS = 1.0  # Below this a doubled p99 says nothing.


NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log; worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; default_type application/json;
  server {{
    listen 127.0.0.1:{port};
    location /ping {{ root {folder}; }}
    location /ok {{ return 200 '{{}}'; }}
    location /api/v1/main/executions/webhook {{ proxy_pass http://127.0.0.1:{port}/ok; }}
    location / {{ return 200 '{{"results":[],"total":0}}'; }}
  }}
}}
"""


def upstream(folder):
    """nginx: it reads a webhook's body to its end before it answers, and has 200 KB for who asks /ping."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    (folder / "ping").write_bytes(b" " * 200_000)
    (folder / "conf").write_text(NGINX.format(folder=folder, port=port))
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    return subprocess.Popen([program, "-p", folder, "-c", folder / "conf"], stderr=subprocess.DEVNULL), port


def p99_ms(server, token, seconds):
    host, port = server.gateway.rsplit(":", 1)
    connection, times = http.client.HTTPConnection(host, int(port), timeout=30), []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        connection.request("GET", PATH, headers={"Authorization": "Bearer " + token})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        times.append((time.monotonic() - began) * 1000)
        time.sleep(0.01)
    connection.close()
    return sorted(times)[int(len(times) * 0.99)], len(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=20)
    arguments = parser.parse_args()
    tool = shutil.which("slowhttptest")
    if not tool:
        sys.exit("slow_clients: slowhttptest is missing: apt-get install slowhttptest")
    with tempfile.TemporaryDirectory() as data:
        behind, port = upstream(pathlib.Path(data))
        try:
            return measure(tool, f"{data}/ledger", port, arguments)
        finally:
            behind.terminate()
            behind.wait()


def measure(tool, data, port, arguments):
    good = True
    with Server(data, f"http://127.0.0.1:{port}") as server:
        token = server.token("good", "gateway")
        p99_ms(server, token, 2)
        for name, (target, options) in MODES.items():
            before, _ = p99_ms(server, token, arguments.seconds / 2)
            attack = subprocess.Popen(
                [tool, "-c", str(arguments.connections), "-r", "200", "-l", str(arguments.seconds + 5), "-p", "3",
                 *options, "-u", f"http://{server.gateway}{target}"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
            time.sleep(2)
            during, count = p99_ms(server, token, arguments.seconds)
            attack.terminate()
            attack.wait()
            after, _ = p99_ms(server, token, arguments.seconds / 2)
            usual = max(before, after, NOISE_MS)
            good = good and during < 2 * usual
            print(f"slow_clients: {name}, {arguments.connections} connections: p99 {during:.1f} ms of {count} requests, without "
                  f"{before:.1f} ms before and {after:.1f} ms after: {during / usual:.2f} times", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
