# SPDX-License-Identifier: Apache-2.0
"""`GET .../follow`: contract section 5, as an event stream's client sees it."""
import pathlib
import socket
import subprocess
import sys
import threading
import time
import types

import pytest

import harness
from sse import Refused, Stream

MAIN, OTHER, ALL = "/api/v1/main/auditlogs", "/api/v1/other/auditlogs", "/api/v1/auditlogs"


@pytest.fixture(scope="module")
def tokens(server):
    made = {"writer": server.token("ci", "writer"), "auditor": server.token("eyes", "auditor"),
            "viewer": server.token("peek", "viewer", "main"), "gateway": server.token("gate", "gateway")}
    return {name: "Bearer " + token for name, token in made.items()}


@pytest.fixture(scope="module", autouse=True)
def tenants(server, tokens):
    for base in (MAIN, OTHER):
        send(server, tokens, "first", base)


count = iter(range(1_000_000))


def send(server, tokens, flow="hello", base=MAIN, **more):
    """One event; its receipt."""
    event = {"type": "UPDATE", "resource": "FLOW", "id": f"f-{next(count)}",
             "detail": {"namespace": "company.team", "flowId": flow}, **more}
    answer = server.call("POST", base, tokens["writer"], event)
    assert answer.status == 201, answer.body
    return answer.json()["results"][0]


def search_row(server, tokens, entry_id, base=MAIN):
    page = server.call("GET", f"{base}/search?expand=daybook&id={entry_id}", tokens["auditor"]).json()
    return page["results"][0]


def test_only_new_entries_in_order_as_search_rows(server, tokens):
    send(server, tokens)
    with Stream(server, MAIN + "/follow", tokens["auditor"]) as stream:
        assert stream.answer.headers["Cache-Control"] == "no-store"
        receipts = [send(server, tokens) for _ in range(20)]
        events = stream.events(20)
    assert [event["id"] for event in events] == [receipt["index"] for receipt in receipts]
    for event, receipt in zip(events, receipts):
        row = search_row(server, tokens, receipt["id"])
        for side in (row, event["row"]):
            side["daybook"].pop("sealed")  # May have changed in between.
        assert event["row"] == row


def test_filters_tenants_and_kinds(server, tokens):
    with Stream(server, MAIN + "/follow?flowId=wanted&filters[type][IN]=UPDATE,CREATE", tokens["auditor"]) as narrow, \
            Stream(server, ALL + "/follow?flowId=wanted", tokens["auditor"]) as everything:
        send(server, tokens, "other flow")
        one = send(server, tokens, "wanted")
        two = send(server, tokens, "wanted", OTHER)
        three = send(server, tokens, "wanted", type="DELETE")
        four = send(server, tokens, "wanted")
        assert [event["id"] for event in narrow.events(2)] == [one["index"], four["index"]]
        assert [event["id"] for event in everything.events(4)] == [r["index"] for r in (one, two, three, four)]
    with Stream(server, ALL + "/follow?kind=system", tokens["auditor"]) as own:
        first = own.event()  # Reading the audit log is an entry itself: this very request.
        assert first["row"]["auditLog"]["detail"]["operation"] == "follow"
        assert first["row"]["daybook"]["kind"] == "system"


@pytest.mark.parametrize("way", ["header", "parameter", "header wins"])
def test_resume(server, tokens, way):
    receipts = [send(server, tokens, "resumed") for _ in range(10)]
    after = receipts[3]["index"]
    target, last = MAIN + "/follow?flowId=resumed", None
    if way == "header":
        last = after
    elif way == "parameter":
        target += f"&after={after}"
    else:
        target, last = target + "&after=0", after
    with Stream(server, target, tokens["auditor"], last) as stream:
        assert [event["id"] for event in stream.events(6)] == [receipt["index"] for receipt in receipts[4:]]
        more = send(server, tokens, "resumed")
        assert stream.event()["id"] == more["index"]
    with Stream(server, MAIN + "/follow?flowId=resumed", tokens["auditor"], more["index"] + 1000) as ahead:
        send(server, tokens, "resumed")
        ahead.connection.sock.settimeout(0.5)
        with pytest.raises((TimeoutError, socket.timeout)):
            ahead.event()


def test_a_far_resume_is_complete_while_entries_come_in(server, tokens):
    many = [{"type": "READ", "resource": "FLOW", "detail": {"flowId": f"far-{n % 3}"}} for n in range(5000)]
    receipt = server.call("POST", MAIN, tokens["writer"], many).json()
    expected = [r["index"] for n, r in enumerate(receipt["results"]) if n % 3 == 1]
    done = threading.Event()
    live = []

    def ingest():
        while not done.is_set():
            live.append(send(server, tokens, "far-1")["index"])

    thread = threading.Thread(target=ingest)
    thread.start()
    try:
        with Stream(server, f"{MAIN}/follow?flowId=far-1&after={receipt['firstIndex'] - 1}", tokens["auditor"]) as stream:
            got = [stream.event()["id"] for _ in range(len(expected) + 50)]
    finally:
        done.set()
        thread.join()
    assert got == (expected + live)[:len(got)]


@pytest.mark.parametrize("target,last,status,path", [
    ("?after=-1", None, 422, "after"), ("?after=x", None, 422, "after"), ("?after=", None, 422, "after"),
    ("?after=1&after=2", None, 422, "after"), ("", "x", 422, "Last-Event-ID"), ("", "", 422, "Last-Event-ID"),
    ("", "1e3", 422, "Last-Event-ID"), ("?after=1", "99999999999999999999", 422, "Last-Event-ID"),
    ("?nonsense=1", None, 422, "nonsense"), ("?size=10", None, 422, "size"),
    ("?filters[flowId][LIKE]=1", None, 422, "filters[flowId][LIKE]")])
def test_refusals_are_json_before_the_stream(server, tokens, target, last, status, path):
    with pytest.raises(Refused) as refused:
        Stream(server, MAIN + "/follow" + target, tokens["auditor"], last)
    assert refused.value.status == status
    assert refused.value.headers["Content-Type"] == "application/json"
    assert refused.value.json()["_embedded"]["errors"][0]["path"] == path


def test_who_may_follow(server, tokens):
    for target, who, status in [(MAIN, "nobody", 401), (MAIN, "writer", 403), (OTHER, "viewer", 403),
                                (ALL, "viewer", 403), (ALL, "gateway", 403), ("/api/v1/nope/auditlogs", "auditor", 404)]:
        with pytest.raises(Refused) as refused:
            Stream(server, target + "/follow", tokens.get(who, "Bearer nonsense"))
        assert refused.value.status == status and refused.value.json()["message"]
    made = server.admin("POST", "/api/v1/service-accounts",
                        {"name": "narrow", "role": "viewer", "tenant": "main", "namespace": "company.team"})
    assert made.status == 201
    narrow = "Bearer " + server.admin("POST", "/api/v1/tokens", {"serviceAccount": "narrow"}).json()["fullToken"]
    with Stream(server, MAIN + "/follow", narrow) as stream, Stream(server, MAIN + "/follow", tokens["gateway"]) as own:
        send(server, tokens, detail={"namespace": "company.teams"})
        send(server, tokens, detail={})
        seen = send(server, tokens, detail={"namespace": "company.team.below"})
        assert stream.event()["id"] == seen["index"]
        own.connection.sock.settimeout(0.5)
        with pytest.raises((TimeoutError, socket.timeout)):
            own.event()  # No row of this tenant was submitted by the gateway's account.


def test_a_slow_reader_gets_everything_at_its_own_pace(server, tokens):
    text = "x" * 50_000
    last = send(server, tokens)["index"]
    with Stream(server, MAIN + f"/follow?flowId=large&after={last}", tokens["auditor"]) as stream:
        receipts = [send(server, tokens, "large", message=text) for _ in range(100)]
        time.sleep(0.5)  # More than every buffer on the way holds is waiting.
        assert [event["id"] for event in stream.events(100)] == [receipt["index"] for receipt in receipts]


def test_http_1_0_and_an_old_client(server, tokens):
    host, port = server.api.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(f"GET {MAIN}/follow HTTP/1.0\r\nAuthorization: {tokens['auditor']}\r\n\r\n".encode())
        file = raw.makefile("rb")
        assert file.readline().split()[1] == b"200"
        while file.readline().strip():
            pass
        receipt = send(server, tokens)
        line = file.readline()
        while not line.startswith(b"id:"):
            line = file.readline()
        assert int(line.split()[1]) == receipt["index"]


def test_the_stream_ends_cleanly_when_the_server_stops_and_goes_on_after_it(tmp_path):
    with harness.Server(tmp_path) as server:
        tokens = {"writer": "Bearer " + server.token("ci", "writer"),
                  "auditor": "Bearer " + server.token("eyes", "auditor")}
        first = send(server, tokens)
        streams = [Stream(server, MAIN + "/follow", tokens["auditor"]) for _ in range(20)]
        gone = [Stream(server, MAIN + "/follow", tokens["auditor"]) for _ in range(20)]
        for stream in gone:
            stream.close()
        second = send(server, tokens)
        for stream in streams:
            assert stream.event()["id"] == second["index"]
        begun = time.monotonic()
        server.process.terminate()
        for stream in streams:
            assert stream.event() is None  # The last chunk has come: no broken answer.
        assert server.process.wait(timeout=30) == 0
        assert time.monotonic() - begun < 5
        server.start()
        with Stream(server, MAIN + "/follow", tokens["auditor"], first["index"]) as again:
            assert again.event()["id"] == second["index"]
            third = send(server, tokens)
            assert again.event()["id"] == third["index"]


def test_following_through_the_gateways_listener(tmp_path):
    with harness.Server(tmp_path, upstream="http://127.0.0.1:9") as server:
        tokens = {name: "Bearer " + server.token(name, name) for name in ("writer", "auditor")}
        first = send(server, tokens)
        through = types.SimpleNamespace(api=server.gateway)
        for target in (MAIN + "/follow", "/daybook" + MAIN + "/follow"):
            with Stream(through, target, tokens["auditor"], first["index"]) as stream:
                more = send(server, tokens)
                ids = [stream.event()["id"]]
                while ids[-1] < more["index"]:
                    ids.append(stream.event()["id"])
                assert ids == sorted(set(ids)) and ids[-1] == more["index"]


def test_a_follower_that_goes_away_gives_its_place_back(tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("follow:\n  followers_max: 3\n")
    with harness.Server(tmp_path / "data", config=config) as server:
        tokens = {"writer": "Bearer " + server.token("ci", "writer"),
                  "auditor": "Bearer " + server.token("eyes", "auditor")}
        send(server, tokens)
        streams = [Stream(server, MAIN + "/follow", tokens["auditor"]) for _ in range(3)]
        with pytest.raises(Refused) as refused:
            Stream(server, MAIN + "/follow", tokens["auditor"])
        assert refused.value.status == 429 and int(refused.value.headers["Retry-After"]) > 0
        streams.pop().close()
        deadline = time.monotonic() + 1
        while True:
            try:
                streams.append(Stream(server, MAIN + "/follow", tokens["auditor"]))
                break
            except Refused as error:
                assert error.status == 429 and time.monotonic() < deadline
                time.sleep(0.02)
        for stream in streams:
            stream.close()


def test_comments_and_rights_are_looked_after(tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("follow:\n  comment_interval: 100ms\n  recheck_interval: 300ms\n")
    with harness.Server(tmp_path / "data", config=config) as server:
        writer, auditor = ("Bearer " + server.token(name, name) for name in ("writer", "auditor"))
        tokens = {"writer": writer, "auditor": auditor}
        send(server, tokens)
        expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3))
        short = server.admin("POST", "/api/v1/tokens", {"serviceAccount": "auditor", "expiresAt": expires}).json()
        with Stream(server, MAIN + "/follow", auditor) as stays, \
                Stream(server, MAIN + "/follow", "Bearer " + short["fullToken"]) as ends:
            receipt = send(server, tokens)
            assert ends.event()["id"] == receipt["index"]
            assert ends.event() is None and ends.comments > 3  # Its token has expired.
            receipt2 = send(server, tokens)
            assert [event["id"] for event in stays.events(2)] == [receipt["index"], receipt2["index"]]
        with pytest.raises(Refused) as refused:
            Stream(server, MAIN + "/follow", "Bearer " + short["fullToken"])
        assert refused.value.status == 401


def test_followers_killed_and_resumed_during_ingest():
    script = pathlib.Path(__file__).parents[1] / "faults" / "follow_loop.py"
    done = subprocess.run([sys.executable, str(script), "--followers", "12", "--events", "600", "--seed", "7"],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
