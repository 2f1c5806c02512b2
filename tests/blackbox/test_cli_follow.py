# SPDX-License-Identifier: Apache-2.0
"""The terminal commands tail and search --by, from outside."""
import json
import os
import select
import signal
import subprocess
import time

import pytest

from harness import DAYBOOK, Server
from test_cli import ENVIRONMENT, cli, event, ids


@pytest.fixture(scope="module")
def filled(server):
    assert server.admin("POST", "/api/v1/main/auditlogs", [event(n) for n in range(40)]).status == 201
    return server


@pytest.fixture
def fresh(tmp_path):
    with Server(tmp_path / "fresh-data") as running:
        yield running


def test_counts_by_fields(filled):
    answer = json.loads(cli("search", "--data", filled.data, "--tenant", "main", "--by", "resource"))
    assert answer["total"] == 40
    assert {group["key"]["resource"]: group["count"] for group in answer["groups"]} == {"FLOW": 20, "KVSTORE": 20}
    text = cli("search", "--data", filled.data, "--tenant", "main", "--by", "resource,type", "--output", "table")
    assert text.splitlines()[0].split() == ["resource", "type", "count"]
    assert text.splitlines()[-1] == "40 entries"


def test_tail_that_is_refused_ends(filled):
    viewer = filled.token("only-second", "viewer", "second")
    cli("tail", "--server", f"http://{filled.api}", "--tenant", "main", DAYBOOK_TOKEN=viewer, expect=1)
    cli("tail", "--data", filled.data, "nonsense=1", expect=2)
    cli("tail", "--server", "http://127.0.0.1:1", expect=3)


class Tail:
    def __init__(self, *words, **environment):
        self.process = subprocess.Popen([DAYBOOK, "tail", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env=dict(ENVIRONMENT, **environment))
        self.text = b""

    def wait_for(self, count, seconds=30):
        deadline = time.monotonic() + seconds
        while self.text.count(b"\n") < count and time.monotonic() < deadline:
            if select.select([self.process.stdout], [], [], 0.2)[0]:
                piece = os.read(self.process.stdout.fileno(), 65536)
                if not piece:
                    break
                self.text += piece
        return ids(self.text.decode())

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        out, self.errors = self.process.communicate(timeout=30)
        self.text += out
        return self.process.returncode


def post(server, *numbers):
    assert server.admin("POST", "/api/v1/main/auditlogs", [event(n) for n in numbers]).status == 201


def test_tail_shows_the_last_and_then_what_comes(fresh):
    post(fresh, *range(10))
    tail = Tail("--data", fresh.data, "--tenant", "main", "--last", "3", "--action", "UPDATE")
    assert tail.wait_for(3) == ["e1", "e4", "e7"]
    time.sleep(0.3)
    post(fresh, *range(10, 20))
    tail.wait_for(7)
    assert tail.stop() == 0, tail.errors
    assert ids(tail.text.decode()) == ["e1", "e4", "e7", "e10", "e13", "e16", "e19"]


def test_tail_of_an_empty_ledger_misses_nothing(tmp_path):
    with Server(tmp_path / "d") as server:
        tail = Tail("--data", server.data, "--last", "0")
        time.sleep(0.5)
        post(server, 1, 2)
        assert tail.wait_for(2) == ["e1", "e2"]
        assert tail.stop() == 0, tail.errors


def test_tail_survives_restarts_without_gap_or_repeat(tmp_path):
    server = Server(tmp_path / "d").start()
    try:
        post(server, 0)
        tail = Tail("--data", server.data, "--tenant", "main", "--last", "1")
        assert tail.wait_for(1) == ["e0"]
        expected = 1
        for round_ in range(4):
            post(server, *range(expected, expected + 25))
            expected += 25
            server.kill() if round_ % 2 else server.stop()
            server.start()
            post(server, *range(expected, expected + 5))
            expected += 5
        tail.wait_for(expected)
        assert tail.stop() == 0, tail.errors
        assert ids(tail.text.decode()) == [f"e{n}" for n in range(expected)]
    finally:
        server.stop()


def test_tail_ends_with_its_reader(filled):
    process = subprocess.run(f"'{DAYBOOK}' tail --data '{filled.data}' --tenant main --last 500 | head -1; "
                             "echo ${PIPESTATUS[0]}", shell=True, executable="/bin/bash", capture_output=True,
                             text=True, timeout=30, env=ENVIRONMENT)
    assert process.stdout.splitlines()[-1] in ("0", "141")
