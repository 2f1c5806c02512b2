# SPDX-License-Identifier: Apache-2.0
"""Exports are complete, say so when they are not, and give back what was put in."""
import csv
import http.client
import io
import json
import os
import pathlib

import pytest

import harness

HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|'/C calc'!A1", "a,b", 'say "x"', "line\r\nline", "\n", "'",
           "'=1", " =1", "\u00e4\u20ac\U0001f600", "=HYPERLINK(\"http://x\",\"y\")", "", ";=1", "-", "\"=1\"", "a\tb"]
# Contract: these at the start of a field get a leading apostrophe.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guarded(text):
    return "'" + text if text.startswith(FORMULA) else text


@pytest.fixture(scope="module")
def tokens(server):
    return {name: "Bearer " + server.token(name, name) for name in ("writer", "auditor")}


@pytest.fixture(scope="module")
def stored(server, tokens):
    """Hostile texts in every column that takes free text."""
    events = []
    for n, text in enumerate(HOSTILE):
        word = "".join(c for c in text if c >= " ") or "X"
        event = {"id": f"-x-{n}", "type": word[:128], "resource": word[:128], "ipAddress": text, "impersonatedBy": text,
                 "user": {"id": text or "empty", "username": text or "empty"},
                 "detail": {"namespace": text, "flowId": text, "executionId": text, "revision": text, text: text}}
        events.append({key: value for key, value in event.items() if value != ""})
    answer = server.call("POST", "/api/v1/main/auditlogs", tokens["writer"], events)
    assert answer.status == 201, answer.body
    return events


def export(server, tokens, parameters):
    answer = server.call("GET", "/api/v1/main/auditlogs/export?" + parameters, tokens["auditor"])
    assert answer.status == 200, answer.body
    return answer


def test_csv_is_rfc_4180_and_no_cell_starts_a_formula(server, tokens, stored):
    text = export(server, tokens, "format=csv").body.decode()
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    header, rows = rows[0], rows[1:]
    assert len(rows) == len(stored)
    for row, event in zip(rows, reversed(stored)):
        assert len(row) == len(header)
        assert not any(cell.startswith(FORMULA) for cell in row), row
        cells = dict(zip(header, row))
        expected = {"id": event["id"], "resource": event["resource"], "type": event["type"],
                    "userId": event["user"]["id"], "username": event["user"]["username"],
                    "ipAddress": event.get("ipAddress", ""), "impersonatedBy": event.get("impersonatedBy", ""),
                    **{key: event["detail"][key] for key in ("namespace", "flowId", "executionId", "revision")}}
        assert {key: cells[key] for key in expected} == {key: guarded(value) for key, value in expected.items()}
        detail = json.loads(cells["detail"])
        assert {key: detail[key] for key in event["detail"] if key not in ("type", "resource", "resourceType")} == \
            {key: value for key, value in event["detail"].items() if key not in ("type", "resource", "resourceType")}


def test_ndjson_and_json_are_the_rows_of_search(server, tokens, stored):
    lines = export(server, tokens, "format=ndjson&expand=daybook")
    assert lines.header("Content-Type") == "application/x-ndjson"
    array = export(server, tokens, "format=json&expand=daybook")
    assert array.header("Content-Type") == "application/json"
    rows = [json.loads(line) for line in lines.body.decode().split("\n")[:-1]]
    found = server.call("GET", "/api/v1/main/auditlogs/search?expand=daybook&size=1000&before=9007199254740991",
                        tokens["auditor"]).json()["results"]
    items = array.json()
    for row in rows + items + found:
        row["daybook"].pop("sealed")  # May change in between.
    assert rows == items == found and len(rows) == len(stored)


def test_reading_back_gives_the_same_set(server, tokens, stored):
    """What was exported as NDJSON goes into another tenant and comes out alike."""
    rows = [json.loads(line) for line in export(server, tokens, "format=ndjson").body.decode().split("\n")[:-1]]
    events = []
    for row in reversed(rows):
        log, user = row["auditLog"], row["user"]
        detail = {key: value for key, value in log["detail"].items() if key not in ("resource", "resourceType", "type")}
        event = {"id": log["id"], "type": log["type"], "resource": log["detail"]["resource"], "date": log["date"],
                 "detail": detail, "user": {key: user[key] for key in ("id", "username", "type")}}
        event.update({key: log[key] for key in ("ipAddress", "impersonatedBy") if key in log})
        events.append(event)
    body = "".join(json.dumps(event) + "\n" for event in events)
    answer = server.call("POST", "/api/v1/copy/auditlogs", tokens["writer"], body,
                         {"Content-Type": "application/x-ndjson"})
    assert answer.status == 201, answer.body
    copies = server.call("GET", "/api/v1/copy/auditlogs/export?format=ndjson", tokens["auditor"]).body.decode()
    copied = [json.loads(line) for line in copies.split("\n")[:-1]]
    for row in rows + copied:
        assert row["auditLog"].pop("tenantId") in ("main", "copy")
    assert copied == rows


def test_empty_and_pinned_exports(server, tokens, stored):
    assert export(server, tokens, "format=json&flowId=nowhere").json() == []
    assert export(server, tokens, "format=ndjson&flowId=nowhere").body == b""
    assert export(server, tokens, "flowId=nowhere").body.count(b"\r\n") == 1
    size = int(export(server, tokens, "").header("X-Daybook-Tree-Size"))
    more = server.call("POST", "/api/v1/main/auditlogs", tokens["writer"], {"type": "C", "resource": "R", "id": "late"})
    assert more.status == 201
    pinned = export(server, tokens, f"format=json&treeSize={size}")
    assert "late" not in {row["auditLog"]["id"] for row in pinned.json()} and len(pinned.json()) == len(stored)
    assert pinned.header("X-Daybook-Tree-Size") == str(size)
    refused = server.call("GET", "/api/v1/main/auditlogs/export?treeSize=99999999", tokens["auditor"])
    assert refused.status == 422 and refused.json()["_embedded"]["errors"][0]["path"] == "treeSize"
    columns = export(server, tokens, "expand=daybook").body.decode().split("\r\n")[0].split(",")
    assert columns[-3:] == ["detail", "index", "leafHash"]


def large_server(tmp_path, events=2500):
    server = harness.Server(tmp_path).start()
    tokens = {name: "Bearer " + server.token(name, name) for name in ("writer", "auditor")}
    lines = "".join(json.dumps({"type": "C", "resource": "R", "id": f"n-{n}", "message": "m" * 4000,
                                "detail": {"text": os.urandom(1000).hex()}}) + "\n" for n in range(events))
    answer = server.call("POST", "/api/v1/main/auditlogs", tokens["writer"], lines, {"Content-Type": "application/x-ndjson"})
    assert answer.status == 201
    return server, tokens


def test_an_export_cut_by_a_crash_is_visible(tmp_path):
    server, tokens = large_server(tmp_path)
    host, port = server.api.rsplit(":", 1)
    answers = []
    for form in ("csv", "ndjson", "json"):
        connection = http.client.HTTPConnection(host, int(port), timeout=20)
        connection.request("GET", "/api/v1/main/auditlogs/export?format=" + form,
                           headers={"Authorization": tokens["auditor"]})
        answers.append((connection, connection.getresponse()))
        assert answers[-1][1].status == 200 and answers[-1][1].read(1000)
    server.kill()
    for _, answer in answers:
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            answer.read()


def test_an_export_that_meets_damage_is_broken_off(tmp_path):
    """A byte of an old entry is changed under the running server: the export must not look complete."""
    server, tokens = large_server(tmp_path, 600)
    try:
        journals = sorted(pathlib.Path(tmp_path, "ledger").rglob("*"), key=lambda f: f.stat().st_size if f.is_file() else 0)
        largest = journals[-1]
        at = largest.read_bytes().find(b'"id":"n-5"')
        assert at > 0
        with open(largest, "r+b") as file:
            file.seek(at + 6)
            file.write(b"X")
        for form in ("csv", "ndjson", "json"):
            with pytest.raises((http.client.IncompleteRead, ConnectionError)):
                server.call("GET", "/api/v1/main/auditlogs/export?format=" + form, tokens["auditor"])
    finally:
        server.kill()
