# SPDX-License-Identifier: Apache-2.0
"""Rule files while serving, the rules command, and signing in by page and cookie."""
import base64
import http.server
import json
import signal
import threading
import time
import urllib.parse

import pytest

import harness

RULES = """version: "{version}"
words: [flows]
rules:
  - {{name: getFlow, match: "GET ~/flows/{{namespace}}/{{id}}", resource: {resource}, action: READ,
     detail: {{id: path.id}}}}
  - {{name: deleteFlow, match: "DELETE ~/flows/{{namespace}}/{{id}}", resource: FLOW, action: DELETE, reason: true}}
"""


class Kestra(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = []

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        Kestra.seen.append((self.command, self.path, dict(self.headers)))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST = do_DELETE = do_PUT = answer

    def log_message(self, *_):
        pass


@pytest.fixture
def kestra():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Kestra)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Kestra.seen = []
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def until(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.1)
    return None


def events(server, token, wanted):
    lines = server.call("GET", "/api/v1/auditlogs/entries?from=0&limit=10000", "Bearer " + token).body.decode().splitlines()
    found = [json.loads(base64.b64decode(json.loads(line)["parts"]["event"]["bytes"])) for line in lines]
    return [event for event in found if wanted(event)]


def test_a_rule_file_is_read_again_and_each_version_is_in_the_ledger(tmp_path, kestra):
    rules, config = tmp_path / "rules.yaml", tmp_path / "config.yaml"
    rules.write_text(RULES.format(version="one", resource="FLOW"))
    config.write_text(json.dumps({"gateway": {"rules": str(rules)}}))
    with harness.Server(tmp_path / "data", upstream=kestra, config=config) as server:
        token, admin = server.token("eyes", "auditor"), harness.basic("admin", harness.ADMIN_PASSWORD)

        def told():
            return events(server, token, lambda e: e["action"] == "RULES")

        def resource():
            # A read is answered without waiting for its entry.
            server.call("GET", "/api/v1/main/flows/a/b", admin, address=server.gateway)
            reads = events(server, token, lambda e: e["action"] == "READ" and e["source"] == "gateway")
            return reads[-1]["resource"] if reads else None

        assert until(lambda: len(told()) == 1) and told()[0]["detail"]["version"] == "one"
        assert until(lambda: resource() == "FLOW")
        rules.write_text(RULES.format(version="two", resource="BLUEPRINT"))
        server.process.send_signal(signal.SIGHUP)
        assert until(lambda: len(told()) == 2) and told()[1]["detail"]["version"] == "two"
        assert until(lambda: resource() == "BLUEPRINT")
        rules.write_text(RULES.format(version="three", resource="FLOW").replace("reason:", "raeson:"))
        assert until(lambda: len(told()) == 3)  # By itself, without a signal.
        refused = told()[2]
        assert refused["result"] == "FAILURE" and "line 6, column" in refused["message"]
        assert refused["detail"]["version"] == "two" and until(lambda: resource() == "BLUEPRINT")

        denied = server.call("DELETE", "/api/v1/main/flows/a/b", admin, address=server.gateway)
        assert denied.status == 428 and denied.header("X-Daybook-Executed") == "false"
        assert server.call("DELETE", "/api/v1/main/flows/a/b", admin, address=server.gateway,
                           headers={"X-Daybook-Reason": "ticket 7"}).status == 200
        found = server.call("GET", "/api/v1/main/auditlogs/search?type=DELETE&expand=daybook", "Bearer " + token).json()
        assert [row["daybook"]["result"] for row in found["results"]] == ["SUCCESS", "DENIED"]
        assert found["results"][0]["daybook"]["reason"] == "ticket 7"


def test_the_rules_command(tmp_path):
    good, bad, body = tmp_path / "good.yaml", tmp_path / "bad.yaml", tmp_path / "flow.yaml"
    good.write_text(RULES.format(version="one", resource="FLOW"))
    bad.write_text("version: one\nrules:\n  - {name: x}\n")
    body.write_text("id: hello\nnamespace: a.b\ntasks: []\n")
    assert json.loads(harness.run([harness.DAYBOOK, "rules", "check", str(good), "--json"])) == {
        "ok": True, "version": "one", "rules": 2}
    refused = json.loads(harness.run([harness.DAYBOOK, "rules", "check", str(bad), "--json"], expect=1))
    assert not refused["ok"] and "line 3, column" in refused["message"]
    harness.run([harness.DAYBOOK, "rules", "check", str(tmp_path / "none")], expect=3)
    told = json.loads(harness.run([harness.DAYBOOK, "rules", "test", "PUT", "/api/v1/acme/flows/a.b/hello", "--body",
                                   str(body), "--type", "application/x-yaml", "--json"]))
    assert (told["rule"], told["resource"], told["action"], told["tenant"]) == ("updateFlow", "FLOW", "UPDATE", "acme")
    assert told["mode"] == "strict" and told["before"].startswith("/api/v1/acme/flows/a.b/hello")
    assert told["detail"]["id"] == "hello" and told["detail"]["namespace"] == "a.b"
    told = json.loads(harness.run([harness.DAYBOOK, "rules", "test", "DELETE", "/api/v1/flows/a.b/hello", "--rules",
                                   str(good), "--json"]))
    assert told["reasonRequired"] and told["version"] == "one"
    told = json.loads(harness.run([harness.DAYBOOK, "rules", "test", "POST", "/api/v1/main/executions/webhook/a/b/s3cret",
                                   "--json"]))
    assert told["open"] and "s3cret" not in json.dumps(told)
    assert "unknown" in harness.run([harness.DAYBOOK, "rules", "test", "GET", "/nowhere"])


def test_a_browser_signs_in_and_kestra_never_sees_the_cookie(tmp_path, kestra):
    config = tmp_path / "config.yaml"
    config.write_text(json.dumps({"gateway": {"sign_in": "page"}}))
    with harness.Server(tmp_path / "data", upstream=kestra, config=config) as server:
        server.user("jane", "a long password", "gateway")
        token = server.token("eyes", "auditor")

        def browse(method, target, body=None, **headers):
            return server.call(method, target, None, body, {k.replace("_", "-"): v for k, v in headers.items()},
                               address=server.gateway)

        sent = browse("GET", "/ui/flows?x=1", Sec_Fetch_Mode="navigate")
        assert sent.status == 303 and sent.header("Location") == "/daybook/signin?to=%2Fui%2Fflows%3Fx%3D1"
        page = browse("GET", sent.header("Location"))
        assert page.status == 200 and 'value="/ui/flows?x=1"' in page.body.decode()
        form = {"Content_Type": "application/x-www-form-urlencoded", "Sec_Fetch_Site": "same-origin"}
        wrong = browse("POST", "/daybook/signin", urllib.parse.urlencode({"username": "jane", "password": "no"}), **form)
        assert wrong.status == 401 and not wrong.header("Set-Cookie")
        right = browse("POST", "/daybook/signin", urllib.parse.urlencode(
            {"username": "jane", "password": "a long password", "to": "/ui/flows?x=1"}), **form)
        assert right.status == 303 and right.header("Location") == "/ui/flows?x=1"
        cookie = right.header("Set-Cookie").split(";")[0]
        assert "HttpOnly" in right.header("Set-Cookie") and "SameSite=Lax" in right.header("Set-Cookie")

        assert browse("GET", "/ui/flows", Cookie="theme=dark; " + cookie).status == 200
        assert Kestra.seen[-1][2]["Cookie"] == "theme=dark"
        change = "/api/v1/main/namespaces/a/kv/k"
        assert browse("DELETE", change, Cookie=cookie, Sec_Fetch_Site="same-origin").status == 200
        for other in ({"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}, {"Origin": "https://evil.example"}, {}):
            before = len(Kestra.seen)
            assert browse("DELETE", change, Cookie=cookie, **other).status == 401
            assert len(Kestra.seen) == before
        out = browse("POST", "/daybook/signout", "", Cookie=cookie, Sec_Fetch_Site="same-origin")
        assert out.status == 303 and "Max-Age=0" in out.header("Set-Cookie")
        assert browse("GET", "/ui/flows", Cookie=cookie).status == 401
        kinds = [e["action"] for e in events(server, token, lambda e: e["action"].startswith("LOG"))]
        assert kinds.count("LOGIN") == 1 and kinds.count("LOGOUT") == 1


def test_the_spool_keeps_what_a_stopped_ledger_refuses(tmp_path):
    """Only that the settings are taken and the folder is made; tests of the module fail the disk."""
    config = tmp_path / "config.yaml"
    config.write_text(json.dumps({"gateway": {"spool": {"path": str(tmp_path / "other" / "spool"), "max_mib": 8}}}))
    with harness.Server(tmp_path / "data", config=config):
        assert (tmp_path / "other" / "spool" / "spool").exists()
    config.write_text(json.dumps({"gateway": {"spool": {"max_mib": 0}}}))
    harness.run([harness.DAYBOOK, "serve", "--data", str(tmp_path / "d"), "--config", str(config)], expect=2)
