# SPDX-License-Identifier: Apache-2.0
"""The terminal commands against servers that break off, stall, repeat and refuse: each answer is written by hand."""
import json
import os
import signal
import socket
import subprocess
import threading
import time

import pytest

from harness import DAYBOOK
from test_cli import ENVIRONMENT, cli, event, ids, ndjson


class Scripted:
    """Answers connection after connection with the given functions(connection, head, body); then refuses."""

    def __init__(self, *answers):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        self.heads, self.bodies = [], []
        self.thread = threading.Thread(target=self._run, args=(answers,), daemon=True)
        self.thread.start()

    def _run(self, answers):
        for answer in answers:
            connection, _ = self.listener.accept()
            with connection:
                text = b""
                while b"\r\n\r\n" not in text:
                    piece = connection.recv(65536)
                    if not piece:
                        break
                    text += piece
                head, _, body = text.partition(b"\r\n\r\n")
                head = head.decode()
                for line in head.split("\r\n"):
                    if line.lower().startswith("content-length:"):
                        while len(body) < int(line.split(":")[1]):
                            body += connection.recv(65536)
                self.heads.append(head)
                self.bodies.append(body.decode())
                try:
                    answer(connection)
                except OSError:
                    pass
        self.listener.close()


def whole(status, body, *fields):
    body = body if isinstance(body, str) else json.dumps(body)

    def answer(connection):
        lines = [f"HTTP/1.1 {status} X", "Content-Type: application/json", f"Content-Length: {len(body.encode())}",
                 "Connection: close", *fields]
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
    return answer


def chunks(*pieces, content="text/csv", stall=0.0, end=False):
    def answer(connection):
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: {content}\r\nTransfer-Encoding: chunked\r\n"
                           "X-Daybook-Tree-Size: 7\r\n\r\n".encode())
        for piece in pieces:
            data = piece.encode()
            connection.sendall(b"%x\r\n%s\r\n" % (len(data), data))
        time.sleep(stall)
        if end:
            connection.sendall(b"0\r\n\r\n")
    return answer


# --- export

def test_an_export_that_breaks_off_leaves_no_file(tmp_path):
    def short(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nid,tenantId\r\n")

    def garbled(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n")

    for answer in (chunks("id,tenantId\r\n", "1,main\r\n"), short, garbled):
        cli("export", "--server", Scripted(answer).url, "-o", str(tmp_path / "out.csv"), expect=3)
        assert list(tmp_path.iterdir()) == []


def test_an_older_file_stays_when_an_export_breaks_off(tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("old")
    cli("export", "--server", Scripted(chunks("a\r\n")).url, "-o", str(out), expect=3)
    assert out.read_text() == "old" and len(list(tmp_path.iterdir())) == 1
    cli("export", "--server", Scripted(chunks("a\r\n", end=True)).url, "-o", str(out))
    assert out.read_bytes() == b"a\r\n" and len(list(tmp_path.iterdir())) == 1


def test_an_interrupted_export_leaves_no_file(tmp_path):
    server = Scripted(chunks("a\r\n", stall=30))
    process = subprocess.Popen([DAYBOOK, "export", "--server", server.url, "-o", str(tmp_path / "out.csv")],
                               env=ENVIRONMENT, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(tmp_path.iterdir()) and not (tmp_path / "out.csv").exists()
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 3
    assert list(tmp_path.iterdir()) == []


def test_rows_are_counted_whatever_stands_in_them(tmp_path):
    bodies = {"csv": ('a,b\r\n1,"x\r\n""y"""\r\n', 1), "ndjson": ('{"a":"\\n"}\n{}\n', 2), "json": ('[{"a":"}{"},\n{}]', 2)}
    for form, (body, rows) in bodies.items():
        server = Scripted(chunks(*body, end=True))
        out = tmp_path / form
        report = json.loads(cli("export", "--server", server.url, "--format", form, "-o", str(out), "--json"))
        assert report == {"rows": rows, "bytes": len(body), "treeSize": 7, "file": str(out)}
        assert out.read_bytes() == body.encode()


# --- search

def test_a_server_that_says_later_is_asked_again():
    page = {"results": [], "total": 0, "treeSize": 1}
    server = Scripted(whole(503, {"message": "rebuilding"}, "Retry-After: 1"), whole(200, page))
    assert cli("search", "--server", server.url) == ""
    assert len(server.heads) == 2
    cli("search", "--server", Scripted(whole(503, {"message": "no"})).url, expect=3)


@pytest.mark.parametrize("status,code", [(401, 1), (403, 1), (404, 1), (422, 2), (500, 3)])
def test_refusals_become_exit_codes(status, code):
    cli("search", "--server", Scripted(whole(status, {"message": "no"})).url, expect=code)
    cli("tail", "--server", Scripted(whole(status, {"message": "no"})).url, expect=code)
    cli("export", "--server", Scripted(whole(status, {"message": "no"})).url, expect=code)


def test_answers_that_are_no_answers():
    for body in ("not json", "[]", "{}", {"results": 1, "total": "x"}, {"results": [], "total": 1.5, "treeSize": 1}):
        cli("search", "--server", Scripted(whole(200, body)).url, expect=3)
        cli("tail", "--server", Scripted(whole(200, body)).url, expect=3)
        cli("search", "--by", "type", "--server", Scripted(whole(200, body)).url, expect=3)
    cli("search", "--server", Scripted(lambda connection: connection.sendall(b"SSH-2.0-x\r\n")).url, expect=3)
    cli("search", "--server", Scripted(lambda connection: None).url, expect=3)


# --- tail

def sse(*numbers):
    return "".join(f"id: {n}\nevent: auditlog\ndata: {json.dumps({'auditLog': {'id': f'e{n}'}})}\n\n" for n in numbers)


def test_tail_comes_back_behind_what_it_showed():
    size = whole(200, {"results": [], "total": 0, "treeSize": 5})
    server = Scripted(size, chunks(":\n\n", sse(5, 6), sse(7)[:-1], content="text/event-stream"),
                      whole(503, {"message": "starting"}),
                      chunks(sse(6), sse(7, 9), content="text/event-stream"),
                      chunks(sse(10), content="text/event-stream", end=True),
                      chunks(content="text/event-stream", stall=30))
    process = subprocess.Popen([DAYBOOK, "tail", "--server", server.url, "--last", "0"], env=ENVIRONMENT,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 40
    while len(server.heads) < 6 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert ids(out.decode()) == ["e5", "e6", "e7", "e9", "e10"]
    last = [line.split(": ")[1] for head in server.heads for line in head.split("\r\n") if line.startswith("Last-Event-ID")]
    assert last == ["4", "6", "6", "9", "10"]


# --- import

def refusal(status, count, created, line, path=""):
    return {"message": "no", "count": count, "created": created, "line": line,
            "_embedded": {"errors": [{"message": "no", "path": path}]}}


def test_import_goes_on_behind_what_was_stored(tmp_path):
    file = tmp_path / "events.ndjson"
    file.write_text(ndjson(event(n) for n in range(10)))
    server = Scripted(whole(503, refusal(503, 4, 4, 5), "Retry-After: 1"), whole(201, {"count": 6, "created": 5}))
    report = json.loads(cli("import", str(file), "--server", server.url, "--tenant", "main", "--json"))
    assert (report["created"], report["duplicates"]) == (9, 1)
    assert [json.loads(line)["id"] for line in server.bodies[1].splitlines()] == [f"e{n}" for n in range(4, 10)]


def test_import_names_the_record_that_the_server_refuses(tmp_path):
    file = tmp_path / "events.ndjson"
    file.write_text("\n\n" + ndjson(event(n) for n in range(10)))
    server = Scripted(whole(409, refusal(409, 3, 3, 4, "/id")))
    report = json.loads(cli("import", str(file), "--server", server.url, "--tenant", "main", "--json", expect=1))
    assert (report["created"], report["failure"]["line"], report["failure"]["path"]) == (3, 6, "/id")


def test_import_that_is_not_allowed_or_not_answered(tmp_path):
    file = tmp_path / "events.ndjson"
    file.write_text(ndjson([event(1)]))
    cli("import", str(file), "--server", Scripted(whole(403, {"message": "no"})).url, "--tenant", "main", expect=1)
    cli("import", str(file), "--server", Scripted(lambda connection: None).url, "--tenant", "main", expect=3)


# --- a directory of one's own

def test_commands_share_a_directory_without_a_server(tmp_path):
    data, file = str(tmp_path / "data"), tmp_path / "events.ndjson"
    file.write_text(ndjson(event(n) for n in range(5)))
    tail = subprocess.Popen([DAYBOOK, "tail", "--data", data, "--last", "0"], env=ENVIRONMENT, stdout=subprocess.PIPE)
    deadline = time.monotonic() + 20
    while not os.path.exists(os.path.join(data, "control.sock")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    cli("import", str(file), "--data", data, "--tenant", "main")
    lines = [tail.stdout.readline().decode() for _ in range(5)]
    tail.send_signal(signal.SIGINT)
    assert tail.wait(20) == 0
    assert ids("".join(lines)) == [f"e{n}" for n in range(5)]
