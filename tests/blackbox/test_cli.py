# SPDX-License-Identifier: Apache-2.0
"""The terminal commands search, tail, export and import, from outside."""
import csv
import gzip
import io
import json
import os
import pty
import random
import signal
import subprocess
import time

import pytest

from harness import ADMIN_PASSWORD, DAYBOOK, Server, query, verify

ENVIRONMENT = dict(os.environ, TZ="UTC")


def cli(*words, expect=0, stdin=None, **environment):
    done = subprocess.run([DAYBOOK, *words], input=stdin, capture_output=True, timeout=120,
                          env=dict(ENVIRONMENT, **environment))
    assert done.returncode == expect, (words, done.returncode, done.stdout[-500:], done.stderr[-500:])
    return done.stdout.decode()


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def ids(text):
    return [row["auditLog"]["id"] for row in lines(text)]


def event(number, **more):
    return {"id": f"e{number}", "type": ["CREATE", "UPDATE", "DELETE"][number % 3],
            "resource": ["FLOW", "KVSTORE"][number % 2], "date": f"2026-10-{1 + number % 28:02}T12:00:00Z",
            "detail": {"namespace": ["company", "company.team", "other"][number % 3], "flowId": f"flow{number % 5}",
                       "note": f"word{number % 7}"},
            "user": {"id": f"u{number % 4}", "username": f"person{number % 4}"}, **more}


def ndjson(events):
    return "".join(json.dumps(one) + "\n" for one in events)


@pytest.fixture(scope="module")
def filled(server):
    for tenant, numbers in (("main", range(40)), ("second", range(5))):
        answer = server.admin("POST", f"/api/v1/{tenant}/auditlogs", [event(n) for n in numbers])
        assert answer.status == 201
    return server


@pytest.fixture(scope="module")
def token(filled):
    return filled.token("reader", "auditor")


def test_the_same_rows_by_directory_and_by_url(filled, token):
    url = f"http://{filled.api}"
    by_directory = cli("search", "--data", filled.data, "--tenant", "main", "--limit", "100")
    assert len(ids(by_directory)) == 40
    assert by_directory == cli("search", "--server", url, "--tenant", "main", "--limit", "100", DAYBOOK_TOKEN=token)
    assert by_directory == cli("search", "--tenant", "main", "--limit", "100", "--token", token, DAYBOOK_SERVER=url)
    assert by_directory == cli("search", "--server", url, "--tenant", "main", "--limit", "100",
                               DAYBOOK_USERNAME="admin", DAYBOOK_PASSWORD=ADMIN_PASSWORD)
    assert by_directory == cli("search", "--server", url, "--tenant", "main", "--limit", "100", "--login", "admin",
                               "--password-stdin", stdin=ADMIN_PASSWORD.encode())
    rows = filled.admin("GET", "/api/v1/main/auditlogs/search?size=100").json()["results"]
    assert lines(by_directory) == rows
    assert len(ids(cli("search", "--data", filled.data, "--limit", "100"))) == 45


FILTERS = [
    (["namespace=company"], "namespace=company"),
    (["--namespace", "company"], query(**{"filters[namespace][PREFIX]": "company"})),
    (["--user", "person1"], query(**{"filters[username][EQUALS]": "person1"})),
    (["--user", "person1", "--user", "person2"], query(**{"filters[username][IN]": "person1,person2"})),
    (["--resource", "FLOW", "--action", "UPDATE"], "resources=FLOW&type=UPDATE"),
    (["--flow", "flow1", "--flow", "flow2"], "flowId=flow1,flow2"),
    (["--text", "word3"], "q=word3"),
    (["q=word3 flow3"], "q=word3+flow3"),
    (["filters[details][EQUALS][note]=word1"], query(**{"filters[details][EQUALS][note]": "word1"})),
    (["filters[type][NOT_IN]=CREATE,DELETE"], query(**{"filters[type][NOT_IN]": "CREATE,DELETE"})),
    (["?filters%5Btype%5D%5BNOT_IN%5D=CREATE%2CDELETE"], query(**{"filters[type][NOT_IN]": "CREATE,DELETE"})),
    (["--from", "2026-10-05", "--to", "2026-10-06"],
     "startDate=2026-10-05T00:00:00Z&endDate=2026-10-06T23:59:59.999Z"),
    (["--since", "1h"], query(**{"filters[timeRange][EQUALS]": "PT1H"})),
    (["--from", "2026-10-05T14:00", "--to", "2026-10-20 12:00:00Z"],
     "startDate=2026-10-05T12:00:00Z&endDate=2026-10-20T12:00:00Z"),
]


@pytest.mark.parametrize("words,parameters", FILTERS, ids=[" ".join(words) for words, _ in FILTERS])
def test_options_mean_what_the_api_means(filled, words, parameters):
    zone = "Europe/Berlin" if "14:00" in " ".join(words) else "UTC"
    found = ids(cli("search", "--data", filled.data, "--tenant", "main", "--limit", "1000", *words, TZ=zone))
    answer = filled.admin("GET", f"/api/v1/main/auditlogs/search?size=1000&{parameters}").json()
    assert found == [row["auditLog"]["id"] for row in answer["results"]]
    exported = cli("export", "--data", filled.data, "--tenant", "main", "--format", "ndjson", *words, TZ=zone)
    assert sorted(ids(exported)) == sorted(found)
    counted = json.loads(cli("search", "--data", filled.data, "--tenant", "main", "--count", *words, TZ=zone))
    assert counted["total"] == len(found)


def test_pages_and_order(filled):
    common = ["search", "--data", filled.data, "--tenant", "main", "--sort", "date:asc", "--sort", "id:asc"]
    whole = ids(cli(*common, "--limit", "40"))
    assert len(whole) == 40
    paged = [one for page in "123456" for one in ids(cli(*common, "--limit", "7", "--page", page))]
    assert paged == whole


def test_a_table_fits_its_width_and_shows_hidden_characters(filled):
    hostile = event(1, id="hostile", detail={"namespace": "x", "key": "a\u202eb\x1b[31mc\u009b"})
    assert filled.admin("POST", "/api/v1/hostile/auditlogs", hostile).status == 201
    text = cli("search", "--data", filled.data, "--tenant", "hostile", "--output", "table", "--utc")
    header, row = text.splitlines()
    assert header.split() == ["Date", "Resource", "type", "Type", "User", "Details"]
    assert "\\u{202E}" in row and "\\u{1B}" in row and "\\u{9B}" in row and "2026-10-02 12:00:00Z" in row
    assert not any(ord(c) < 32 or 0x7f <= ord(c) < 0xa0 or c == "\u202e" for c in row)
    narrow = cli("search", "--data", filled.data, "--tenant", "main", "--output", "table", COLUMNS="80")
    assert all(len(line) <= 80 for line in narrow.splitlines())
    raw = cli("search", "--data", filled.data, "--tenant", "hostile")
    assert "\u202e" not in raw and "\u009b" not in raw
    assert lines(raw)[0]["auditLog"]["detail"]["key"] == "a\u202eb\x1b[31mc\u009b"


def test_a_terminal_gets_a_table(filled):
    parent, child = pty.openpty()
    process = subprocess.Popen([DAYBOOK, "search", "--data", filled.data, "--tenant", "main", "--limit", "3", "--utc"],
                               stdout=child, env=dict(ENVIRONMENT, COLUMNS="100"))
    os.close(child)
    text = b""
    while True:
        try:
            piece = os.read(parent, 4096)
        except OSError:
            break
        if not piece:
            break
        text += piece
    assert process.wait(30) == 0
    shown = text.decode().splitlines()
    assert shown[0].startswith("Date") and len(shown) == 5 and "3 of 40" in shown[-1]


def test_exit_codes(filled, token, tmp_path):
    viewer = filled.token("only-second", "viewer", "second")
    url = f"http://{filled.api}"
    cli("search", expect=2)
    cli("search", "--nonsense", expect=2)
    cli("search", "--data", filled.data, "word", expect=2)
    cli("search", "--data", filled.data, "nonsense=1", expect=2)
    cli("search", "--data", filled.data, "--since", "soon", expect=2)
    cli("search", "--data", filled.data, "--server", url, expect=2)
    cli("export", "--data", filled.data, "--format", "xml", expect=2)
    cli("search", "--server", "http://127.0.0.1:1", "--token", token, expect=3)
    cli("search", "--server", url, "--tenant", "main", DAYBOOK_TOKEN=viewer, expect=1)
    cli("search", "--server", url, "--tenant", "main", DAYBOOK_TOKEN="wrong", expect=1)
    cli("export", "--server", url, "--tenant", "main", "-o", str(tmp_path / "x"), DAYBOOK_TOKEN=viewer, expect=1)
    cli("export", "--data", filled.data, "-o", str(tmp_path / "absent" / "x"), expect=3)
    cli("import", str(tmp_path / "absent"), "--data", filled.data, "--tenant", "main", expect=3)
    assert list(tmp_path.iterdir()) == []
    for command in ("search", "tail", "export", "import"):
        assert "Examples" in cli(command, "--help")


@pytest.mark.parametrize("form", ["csv", "ndjson", "json"])
def test_export_is_what_the_api_exports(filled, tmp_path, form):
    out = tmp_path / f"out.{form}"
    report = json.loads(cli("export", "--data", filled.data, "--tenant", "main", "--format", form, "-o", str(out), "--json"))
    answer = filled.admin("GET", f"/api/v1/main/auditlogs/export?format={form}")
    assert out.read_bytes() == answer.body
    assert report["rows"] == 40 and report["bytes"] == len(answer.body) and report["treeSize"] > 40
    assert cli("export", "--data", filled.data, "--tenant", "main", "--format", form) == answer.body.decode()
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
    if form == "csv":
        assert len(list(csv.reader(io.StringIO(out.read_text(), newline="")))) == 41


# --- without a running server

def test_a_directory_without_a_server(tmp_path):
    data, file = tmp_path / "data", tmp_path / "events.ndjson"
    file.write_text(ndjson(event(n) for n in range(25)))
    report = json.loads(cli("import", str(file), "--data", str(data), "--tenant", "main", "--json"))
    assert (report["read"], report["created"], report["duplicates"], report["failure"]) == (25, 25, 0, None)
    assert len(ids(cli("search", "--data", str(data), "--limit", "100"))) == 25
    assert verify(data)["ok"]
    # The first server still makes its administrator, and finds what was imported.
    with Server(data) as server:
        assert server.admin("GET", "/api/v1/main/auditlogs/search").json()["total"] == 25
        assert len(ids(cli("search", "--data", str(data), "--limit", "100"))) == 25
    assert cli("search", "--data", str(tmp_path / "fresh"), "--limit", "100") == ""


# --- import

@pytest.fixture
def fresh(tmp_path):
    with Server(tmp_path / "fresh-data") as server:
        yield server


def test_import_is_resumable(fresh, tmp_path):
    file = tmp_path / "events.ndjson"
    events = [event(n) for n in range(5000)]
    for one in events[::3]:
        del one["id"]
    file.write_text(ndjson(events))
    words = ["import", str(file), "--data", fresh.data, "--tenant", "main", "--json"]
    process = subprocess.Popen([DAYBOOK, *words], stdout=subprocess.PIPE, env=ENVIRONMENT)
    time.sleep(random.uniform(0.05, 0.6))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode in (0, 3)
    report = json.loads(cli(*words))
    assert report["read"] == 5000 and report["created"] + report["duplicates"] == 5000
    again = json.loads(cli(*words))
    assert (again["created"], again["duplicates"]) == (0, 5000)
    assert fresh.admin("GET", "/api/v1/main/auditlogs/search").json()["total"] == 5000


def test_import_stops_at_a_bad_record_and_loses_nothing(fresh, tmp_path):
    file = tmp_path / "events.ndjson"
    good = [json.dumps(event(n)) for n in range(10)]
    bad = json.dumps(event(10, user={"id": "x", "idd": "y"}))
    file.write_text("\n".join(good[:6]) + "\n\n" + bad + "\n" + "\n".join(good[6:]) + "\n{broken\n")
    words = ["import", str(file), "--data", fresh.data, "--tenant", "main", "--json"]
    dry = json.loads(cli(*words, "--dry-run", expect=1))
    assert (dry["read"], dry["bad"], dry["created"]) == (12, 2, 0)
    assert (dry["failure"]["line"], dry["failure"]["path"]) == (8, "/user/idd")
    assert fresh.admin("GET", "/api/v1/auditlogs/search").json()["total"] == 0
    report = json.loads(cli(*words, expect=1))
    assert (report["created"], report["failure"]["line"], report["failure"]["path"]) == (6, 8, "/user/idd")
    file.write_text("\n".join(good) + "\n")
    report = json.loads(cli(*words))
    assert (report["created"], report["duplicates"]) == (4, 6)
    # The same id with other content is refused, and named.
    file.write_text(good[0] + "\n" + json.dumps(event(1, message="other")) + "\n")
    report = json.loads(cli(*words, expect=1))
    assert (report["duplicates"], report["failure"]["line"]) == (1, 2)


@pytest.mark.parametrize("form", ["ndjson", "json", "ndjson.gz", "array.gz", "stdin", "single"])
def test_import_reads_every_form(fresh, tmp_path, form):
    events = [event(n) for n in range(30)]
    count = 30
    if form == "single":
        events, count = events[:1], 1
    name = "events.json" if form == "single" else f"events.{form}"
    text = json.dumps(events, indent=1) if form in ("json", "array.gz") else ndjson(events)
    if form == "single":
        text = json.dumps(events[0], indent=2)
    packed = gzip.compress(text.encode()) if form.endswith("gz") else text.encode()
    file = tmp_path / name.replace("array.gz", "without-suffix")
    file.write_bytes(packed)
    words = ["import", "-" if form == "stdin" else str(file), "--data", fresh.data, "--tenant", "main", "--json"]
    report = json.loads(cli(*words, stdin=packed if form == "stdin" else None))
    assert (report["read"], report["created"]) == (count, count)
    assert fresh.admin("GET", "/api/v1/main/auditlogs/search").json()["total"] == count


def test_import_of_a_damaged_archive(fresh, tmp_path):
    file = tmp_path / "events.ndjson.gz"
    file.write_bytes(gzip.compress(ndjson(event(n) for n in range(3000)).encode())[:-200])
    cli("import", str(file), "--data", fresh.data, "--tenant", "main", expect=3)


def test_what_was_exported_comes_back_the_same(filled, fresh, tmp_path):
    for form in ("ndjson", "json"):
        out = tmp_path / f"rows.{form}"
        cli("export", "--data", filled.data, "--format", form, "-o", str(out), "expand=daybook")
        report = json.loads(cli("import", str(out), "--data", fresh.data, "--json"))
        assert report["failure"] is None
        assert report["read"] == report["created"] + report["duplicates"] + report["withoutTenant"]
        for tenant in ("main", "second"):
            rows = [cli("export", "--data", server.data, "--tenant", tenant, "--format", "ndjson")
                    for server in (filled, fresh)]
            key = lambda row: row["auditLog"]["id"]
            assert sorted(lines(rows[0]), key=key) == sorted(lines(rows[1]), key=key)


def test_import_of_only_what_matches(fresh, tmp_path):
    file = tmp_path / "events.ndjson"
    file.write_text(ndjson(event(n) for n in range(30)))
    words = ["import", str(file), "--data", fresh.data, "--tenant", "main", "--json", "--namespace", "company"]
    report = json.loads(cli(*words))
    assert (report["read"], report["filtered"], report["created"]) == (30, 10, 20)
    assert {row["auditLog"]["detail"]["namespace"] for row in lines(cli("search", "--data", fresh.data, "--limit", "50"))} \
        == {"company", "company.team"}
