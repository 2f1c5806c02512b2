# SPDX-License-Identifier: Apache-2.0
"""An upload of 1 GiB as multipart/form-data and a download of 10 GiB through the gateway, in constant memory.

    big_transfers.py [--upload-mib 1024] [--download-mib 10240]

The upstream and the client check every byte by a running CRC. The growth of the server's RssAnon may be 48 MiB, whatever
the size: what is kept for the entry is 4 MiB at most. The upload must be in the ledger as an outcome SUCCESS.
"""
import argparse
import base64
import json
import os
import socket
import sys
import tempfile
import threading
import time
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "blackbox"))
from harness import Server, rss_anon_kib  # noqa: E402

LIMIT_MIB = 48
PIECE = bytes(range(256)) * 4096  # 1 MiB
FILES = "/api/v1/main/namespaces/a.b/files"


def read_head(connection, rest=b""):
    while b"\r\n\r\n" not in rest:
        got = connection.recv(65536)
        if not got:
            return None, {}, b""
        rest += got
    head, rest = rest.split(b"\r\n\r\n", 1)
    first, *lines = head.decode("latin-1").split("\r\n")
    return first, {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}, rest


class Upstream:
    """Takes an upload and says its length and CRC; sends a download of the length it was made for."""

    def __init__(self, download):
        self.download, self.uploads = download, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        rest = b""
        with connection:
            while True:
                first, fields, rest = read_head(connection, rest)
                if first is None:
                    return
                if first.startswith("GET " + FILES + "?path="):
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
                                       b"Content-Length: %d\r\n\r\n" % self.download)
                    for _ in range(self.download // len(PIECE)):
                        connection.sendall(PIECE)
                elif first.startswith("POST "):
                    left, crc = int(fields["content-length"]), 0
                    while left:
                        piece, rest = (rest, b"") if rest else (connection.recv(1 << 20), b"")
                        left, crc = left - len(piece), zlib.crc32(piece, crc)
                    self.uploads.append((int(fields["content-length"]), crc))
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]")
                else:
                    connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


class Memory:
    """The most RssAnon that was seen, in MiB above what there was at the start."""

    def __init__(self, pid):
        self.pid, self.stop = pid, threading.Event()
        self.start = self.most = self._now()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()

    def _now(self):
        return rss_anon_kib(self.pid) / 1024

    def _watch(self):
        while not self.stop.wait(0.05):
            self.most = max(self.most, self._now())

    def growth(self):
        self.stop.set()
        self.thread.join()
        return self.most - self.start


def connect(address):
    host, port = address.rsplit(":", 1)
    connection = socket.create_connection((host, int(port)))
    connection.settimeout(120)
    return connection


def upload(server, token, mib):
    start = b'--b\r\nContent-Disposition: form-data; name="fileContent"; filename="big.bin"\r\n\r\n'
    end = b"\r\n--b--\r\n"
    length = len(start) + mib * len(PIECE) + len(end)
    with connect(server.gateway) as connection:
        connection.sendall(f"POST {FILES}?path=/big.bin HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
                           f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n\r\n".encode())
        crc = 0
        for piece in (start, *([PIECE] * mib), end):
            connection.sendall(piece)
            crc = zlib.crc32(piece, crc)
        first, _, _ = read_head(connection)
    assert first and first.split(" ")[1] == "200", first
    return length, crc


def download(server, token):
    with connect(server.gateway) as connection:
        connection.sendall(f"GET {FILES}?path=/big.bin HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        first, fields, rest = read_head(connection)
        assert first.split(" ")[1] == "200", first
        left, crc, buffer = int(fields["content-length"]) - len(rest), zlib.crc32(rest), bytearray(1 << 20)
        while left:
            count = connection.recv_into(buffer)
            assert count, f"broken off {left} bytes before the end"
            left, crc = left - count, zlib.crc32(memoryview(buffer)[:count], crc)
    return crc


def outcomes(server, token):
    answer = server.call("GET", "/api/v1/auditlogs/entries?from=0&limit=10000", "Bearer " + token, timeout=60)
    events = [json.loads(base64.b64decode(json.loads(line)["parts"]["event"]["bytes"])) for line in answer.body.splitlines()]
    return [e for e in events if e["kind"] == "outcome" and e["request"]["path"] == FILES]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--upload-mib", type=int, default=1024)
    parser.add_argument("--download-mib", type=int, default=10 * 1024)
    arguments = parser.parse_args()
    upstream = Upstream(arguments.download_mib * len(PIECE))
    with tempfile.TemporaryDirectory() as data, Server(data, f"http://127.0.0.1:{upstream.port}") as server:
        token, eyes = server.token("big", "gateway"), server.token("eyes", "auditor")
        upload(server, token, 1)  # Buffers that every server has after its first request do not count.
        worst = 0.0
        memory, began = Memory(server.process.pid), time.monotonic()
        sent = upload(server, token, arguments.upload_mib)
        grown, took = memory.growth(), time.monotonic() - began
        assert upstream.uploads[-1] == sent, "what arrived is not what was sent"
        assert [e["result"] for e in outcomes(server, eyes)] == ["SUCCESS", "SUCCESS"]
        worst = max(worst, grown)
        print(f"big_transfers: upload of {arguments.upload_mib} MiB whole, in the ledger; {grown:.1f} MiB of memory; {took:.0f} s")
        memory, began = Memory(server.process.pid), time.monotonic()
        got = download(server, token)
        grown, took = memory.growth(), time.monotonic() - began
        crc = 0
        for _ in range(arguments.download_mib):
            crc = zlib.crc32(PIECE, crc)
        assert got == crc, "what arrived is not what was sent"
        worst = max(worst, grown)
        print(f"big_transfers: download of {arguments.download_mib} MiB whole; {grown:.1f} MiB of memory; {took:.0f} s")
    return 0 if worst <= LIMIT_MIB else 1


if __name__ == "__main__":
    sys.exit(main())
