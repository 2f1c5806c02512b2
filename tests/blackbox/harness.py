# SPDX-License-Identifier: Apache-2.0
"""Starts the real binary and talks to it over HTTP, knowing only the API contract."""
import base64
import http.client
import json
import os
import signal
import subprocess
import threading
import time
import urllib.parse

DAYBOOK = os.environ.get("DAYBOOK", "build/release/apps/daybook/daybook")
ADMIN_PASSWORD = "a password for tests only"


class Answer:
    def __init__(self, status, reason, headers, body):
        self.status, self.reason, self.headers, self.body = status, reason, headers, body

    def header(self, name):
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return None

    def json(self):
        return json.loads(self.body)


def request(address, method, target, headers=None, body=None, timeout=30):
    """One request on a connection of its own; the target goes out byte for byte."""
    host, port = address.rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=timeout)
    try:
        connection.putrequest(method, target, skip_accept_encoding=True)
        for key, value in (headers or {}).items():
            connection.putheader(key, value)
        if body is not None:
            if isinstance(body, str):
                body = body.encode()
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return Answer(answer.status, answer.reason, answer.getheaders(), answer.read())
    finally:
        connection.close()


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Server:
    """A daybook server on free ports over one data directory; kill() and start() as often as wanted."""

    def __init__(self, data, upstream=None, config=None, environment=None, log=None):
        self.data, self.upstream, self.config = str(data), upstream, config
        self.log = log  # A file for its diagnostics; else they go where the tests' own go.
        self.environment = dict(os.environ, DAYBOOK_ADMIN_PASSWORD=ADMIN_PASSWORD, **(environment or {}))
        self.process, self.api, self.gateway, self.lines = None, None, None, []

    def start(self):
        command = [DAYBOOK, "serve", "--data", self.data, "--listen", "127.0.0.1:0"]
        if self.config:
            command += ["--config", str(self.config)]
        if self.upstream:
            command += ["--gateway", "127.0.0.1:0", "--upstream", self.upstream]
        self.lines, self.api, self.gateway = [], None, None
        log = open(self.log, "ab") if self.log else None
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=self.environment, text=True)
        if log:
            log.close()
        wanted = 2 if self.upstream else 1
        while wanted:
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError(f"the server ended with {self.process.wait()}: {self.lines}")
            self.lines.append(line.rstrip("\n"))
            if line.startswith("listening api http://"):
                self.api, wanted = line.split("http://", 1)[1].strip(), wanted - 1
            elif line.startswith("listening gateway http://"):
                self.gateway, wanted = line.split("http://", 1)[1].strip(), wanted - 1
        threading.Thread(target=self._drain, args=(self.process,), daemon=True).start()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if request(self.api, "GET", "/health").status == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.02)
        raise RuntimeError("the server did not become ready")

    def _drain(self, process):
        for line in process.stdout:
            self.lines.append(line.rstrip("\n"))

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            return self.process.wait(timeout=30)
        return self.process.returncode if self.process else 0

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    # Calls as an account.
    def call(self, method, target, auth=None, body=None, headers=None, address=None, timeout=30):
        sent = dict(headers or {})
        if auth:
            sent["Authorization"] = auth
        if isinstance(body, (dict, list)):
            sent.setdefault("Content-Type", "application/json")
            body = json.dumps(body)
        return request(address or self.api, method, target, sent, body, timeout)

    def admin(self, method, target, body=None, **more):
        return self.call(method, target, basic("admin", ADMIN_PASSWORD), body, **more)

    def token(self, name, role, tenant=None):
        """A service account with a token, made by the command line beside the running server."""
        command = [DAYBOOK, "service-account", "create", name, "--role", role, "--data", self.data, "--json"]
        if tenant:
            command += ["--tenant", tenant]
        run(command)
        made = run([DAYBOOK, "token", "create", "--service-account", name, "--data", self.data, "--json"])
        return json.loads(made)["fullToken"]

    def user(self, name, password, role, tenant=None):
        command = [DAYBOOK, "user", "create", name, "--role", role, "--password-stdin", "--data", self.data, "--json"]
        if tenant:
            command += ["--tenant", tenant]
        return json.loads(run(command, password))


def run(command, stdin=None, expect=0):
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120)
    assert done.returncode == expect, (command, done.returncode, done.stdout, done.stderr)
    return done.stdout


def rss_anon_kib(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon"))


def verify(source, expect=0, *more):
    return json.loads(run([DAYBOOK, "verify", str(source), "--json", *more], expect=expect))


def query(**parameters):
    return urllib.parse.urlencode(parameters, doseq=True)
