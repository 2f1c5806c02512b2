# SPDX-License-Identifier: Apache-2.0
"""A raw-socket upstream that answers with recorded exchanges, and a raw-socket client: nothing in between
normalises a header, so that what the gateway changes is seen."""
import base64
import gzip
import json
import socket
import threading

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "proxy-connection"}


def load(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def body_of(recorded):
    """Bytes of a recorded body, None if they were not kept."""
    if not recorded or recorded.get("enc") == "omitted" or recorded.get("truncated"):
        return None
    body = recorded.get("body", "")
    return base64.b64decode(body) if recorded.get("enc") == "base64" else body.encode()


class Reader:
    """Reads HTTP/1 messages from a socket."""

    def __init__(self, connection):
        self.connection, self.buffer = connection, b""

    def fill(self):
        piece = self.connection.recv(65536)
        self.buffer += piece
        return bool(piece)

    def until(self, mark):
        while mark not in self.buffer:
            if not self.fill():
                return None
        at = self.buffer.index(mark) + len(mark)
        taken, self.buffer = self.buffer[:at], self.buffer[at:]
        return taken

    def exactly(self, size):
        while len(self.buffer) < size:
            if not self.fill():
                raise ConnectionError("cut")
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def head(self):
        raw = self.until(b"\r\n\r\n")
        if raw is None:
            return None, []
        first, *lines = raw.decode("latin-1").split("\r\n")[:-2]
        return first, [tuple(part.strip() if at else part for at, part in enumerate(line.split(":", 1))) for line in lines]

    def chunked(self):
        body = b""
        while True:
            size = int(self.until(b"\r\n").split(b";")[0], 16)
            body += self.exactly(size)
            self.exactly(2)
            if size == 0:
                return body

    def rest(self):
        while self.fill():
            pass
        taken, self.buffer = self.buffer, b""
        return taken


def header(headers, name):
    return next((value for key, value in headers if key.lower() == name), None)


def read_message(reader, bodiless=False):
    first, headers = reader.head()
    if first is None:
        return None, [], b""
    if bodiless:
        return first, headers, b""
    if (header(headers, "transfer-encoding") or "").lower() == "chunked":
        return first, headers, reader.chunked()
    length = header(headers, "content-length")
    if length is not None:
        return first, headers, reader.exactly(int(length))
    if first.startswith("HTTP/") and first.split(" ")[1] not in ("204", "304"):
        return first, headers, reader.rest()
    return first, headers, b""


class Upstream:
    """Answers the request that `expect` named; the gateway's own GETs get 404 or what `own` says."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.lock, self.exchange, self.seen, self.own = threading.Lock(), None, [], {}
        threading.Thread(target=self._accept, daemon=True).start()

    def expect(self, exchange):
        with self.lock:
            self.exchange, self.seen = exchange, []

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        reader = Reader(connection)
        with connection:
            try:
                while True:
                    first, headers, body = read_message(reader)
                    if first is None:
                        return
                    if not self._answer(connection, first, headers, body):
                        return
            except (ConnectionError, OSError, ValueError, TypeError):
                return

    def _answer(self, connection, first, headers, body):
        if header(headers, "x-daybook-own"):
            found = self.own.get(first.split(" ")[1])
            status, text = ("200 OK", found) if found is not None else ("404 Not Found", b"{}")
            connection.sendall(f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n"
                               f"content-length: {len(text)}\r\n\r\n".encode() + text)
            return True
        with self.lock:
            exchange = self.exchange
            self.seen.append((first, headers, body))
        if exchange is None or "status" not in exchange:
            return False  # Never answered: close.
        answer = body_of(exchange["resp"])
        if answer is None:
            answer = b"(not kept)"
        chunked = (exchange.get("resp_transfer_encoding") or "").lower() == "chunked"
        bodiless = exchange["method"] == "HEAD" or exchange["status"] in (204, 304)
        lines = [f"HTTP/1.1 {exchange['status']} {exchange['reason'] or ''}"]
        for key, value in exchange["resp_headers"]:
            if key.lower() in HOP_BY_HOP or (key.lower() == "content-length" and not bodiless and not chunked):
                continue
            lines.append(f"{key}: {value}")
        if chunked:
            lines.append("transfer-encoding: chunked")
        elif not bodiless:
            lines.append(f"content-length: {len(answer)}")
        connection.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")
        if bodiless:
            return True
        if chunked:
            for at in range(0, len(answer), 1000):
                piece = answer[at:at + 1000]
                connection.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            connection.sendall(b"0\r\n\r\n")
        else:
            connection.sendall(answer)
        return True

    def close(self):
        self.listener.close()


def send(address, exchange, extra=()):
    """Sends a recorded request byte for byte (own framing for chunked ones) and reads the answer."""
    body = body_of(exchange["req"]) or b""
    lines = [f"{exchange['method']} {exchange['target']} {exchange['req_version']}"]
    chunked = (exchange.get("req_transfer_encoding") or "").lower() == "chunked"
    has_length = False
    for key, value in exchange["req_headers"]:
        if key.lower() in HOP_BY_HOP or key.lower() == "expect":
            continue
        if key.lower() == "content-length":
            has_length, value = True, str(len(body))
        lines.append(f"{key}: {value}")
    if chunked:
        lines.append("Transfer-Encoding: chunked")
        body = (f"{len(body):x}\r\n".encode() + body + b"\r\n" if body else b"") + b"0\r\n\r\n"
    elif body and not has_length:
        lines.append(f"Content-Length: {len(body)}")
    lines.extend(extra)
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
        first, headers, answer = read_message(Reader(connection), exchange["method"] == "HEAD")
    if first is None:
        raise ConnectionError("closed without an answer")
    version, status, *reason = first.split(" ", 2)
    return int(status), (reason or [""])[0], headers, answer


def end_to_end(headers):
    return [(key, value) for key, value in headers if key.lower() not in HOP_BY_HOP | {"content-length"}]


def decoded(headers, body):
    return gzip.decompress(body) if (header(headers, "content-encoding") or "") == "gzip" else body
