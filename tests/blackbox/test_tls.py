# SPDX-License-Identifier: Apache-2.0
"""TLS on both listeners and towards the upstream, certificates changed while serving, sockets handed over."""
import http.client
import http.server
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest

import harness

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="makes certificates with openssl")


def make_certificate(folder, name):
    """A self-signed certificate for 127.0.0.1 that also vouches for itself."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem"), "-days", "2",
                    "-subj", "/CN=" + name, "-addext", "subjectAltName=IP:127.0.0.1"],
                   check=True, capture_output=True)
    return folder / "certificate.pem", folder / "key.pem"


def common_name(address):
    host, port = address.rsplit(":", 1)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((host, int(port)), timeout=10) as plain:
        with context.wrap_socket(plain) as secure:
            text = ssl.DER_cert_to_PEM_cert(secure.getpeercert(binary_form=True))
    shown = subprocess.run(["openssl", "x509", "-noout", "-subject"], input=text, text=True, capture_output=True,
                           check=True).stdout
    return shown.strip().rsplit("=", 1)[1].strip()


class Upstream(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = []

    def do_GET(self):
        Upstream.seen.append((self.path, dict(self.headers)))
        body = b'{"results":[]}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def start(command, environment=None, **more):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                               env=dict(os.environ, DAYBOOK_ADMIN_PASSWORD=harness.ADMIN_PASSWORD,
                                        **(environment or {})), **more)
    lines = [process.stdout.readline().strip() for _ in range(2)]
    return process, lines


def until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def tls_upstream(files):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def test_tls_everywhere(tmp_path):
    api_files = make_certificate(tmp_path / "api", "api-one")
    gateway_files = make_certificate(tmp_path / "gateway", "gateway-one")
    upstream_files = make_certificate(tmp_path / "upstream", "upstream")
    server = tls_upstream(upstream_files)
    config = tmp_path / "config.yaml"
    config.write_text(json.dumps({
        "tls": {"certificate": str(api_files[0]), "key": str(api_files[1])},
        "gateway": {"tls": {"certificate": str(gateway_files[0]), "key": str(gateway_files[1])},
                    "upstream": {"caFile": str(upstream_files[0])}}}))
    process, lines = start([harness.DAYBOOK, "serve", "--data", str(tmp_path / "data"), "--config", str(config),
                            "--listen", "127.0.0.1:0", "--gateway", "127.0.0.1:0", "--upstream",
                            f"https://127.0.0.1:{server.server_port}"])
    try:
        assert lines[0].startswith("listening api https://") and lines[1].startswith("listening gateway https://")
        api, gateway = (line.split("https://", 1)[1] for line in lines)
        assert (common_name(api), common_name(gateway)) == ("api-one", "gateway-one")

        believing = ssl.create_default_context(cafile=str(gateway_files[0]))
        connection = http.client.HTTPSConnection(*gateway.rsplit(":", 1), context=believing, timeout=10)
        for _ in range(2):  # The second over the connections that are there.
            connection.request("GET", "/api/v1/main/flows/search",
                               headers={"Authorization": harness.basic("admin", harness.ADMIN_PASSWORD)})
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (200, b'{"results":[]}')
        assert Upstream.seen[-1][1]["X-Forwarded-Proto"] == "https"

        # The cookie of a sign-in never leaves TLS.
        believing = ssl.create_default_context(cafile=str(api_files[0]))
        connection = http.client.HTTPSConnection(*api.rsplit(":", 1), context=believing, timeout=10)
        connection.request("POST", "/api/v1/login", headers={"Content-Type": "application/json"},
                           body=json.dumps({"username": "admin", "password": harness.ADMIN_PASSWORD}))
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200 and "; Secure" in answer.getheader("Set-Cookie")

        make_certificate(tmp_path / "api", "api-two")
        gateway_files[0].write_text("nonsense")
        process.send_signal(signal.SIGHUP)
        assert until(lambda: common_name(api) == "api-two")
        assert common_name(gateway) == "gateway-one"  # A bad file keeps the old one.
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
        server.shutdown()


def test_an_upstream_nobody_vouches_for_is_not_spoken_to(tmp_path):
    upstream_files = make_certificate(tmp_path / "upstream", "upstream")
    server = tls_upstream(upstream_files)
    Upstream.seen.clear()
    with harness.Server(tmp_path / "data", upstream=f"https://127.0.0.1:{server.server_port}") as daybook:
        got = daybook.admin("GET", "/api/v1/main/flows/search", address=daybook.gateway)
        assert got.status == 502 and got.header("X-Daybook-Executed") == "false"
        assert not Upstream.seen
    server.shutdown()


def test_bad_certificates_are_said_before_the_server_serves(tmp_path):
    certificate, key = make_certificate(tmp_path / "one", "one")
    _, other_key = make_certificate(tmp_path / "two", "two")
    config = tmp_path / "config.yaml"
    for pair in ((certificate, other_key), (certificate, tmp_path / "missing"), (key, key)):
        config.write_text(json.dumps({"tls": {"certificate": str(pair[0]), "key": str(pair[1])}}))
        done = subprocess.run([harness.DAYBOOK, "serve", "--data", str(tmp_path / "data"), "--config", str(config),
                               "--listen", "127.0.0.1:0"], capture_output=True, text=True, timeout=60)
        assert done.returncode in (2, 3) and "listening" not in done.stdout


def test_sockets_handed_over_by_the_service_manager_refuse_nobody(tmp_path):
    """What systemd does: it holds the listening socket while one server ends and the next begins."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    address = "127.0.0.1:%d" % listener.getsockname()[1]

    def serve():
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.dup2(write, 1)
            os.dup2(listener.fileno(), 3, inheritable=True)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="api",
                              DAYBOOK_ADMIN_PASSWORD=harness.ADMIN_PASSWORD)
            os.execv(harness.DAYBOOK, [harness.DAYBOOK, "serve", "--data", str(tmp_path / "data"),
                                       "--listen", "systemd:api"])
        os.close(write)
        with os.fdopen(read) as out:
            assert out.readline().strip() == "listening api http://" + address
        return child

    refused, answers, stop = [], [], threading.Event()

    def ask():
        while not stop.is_set():
            try:
                answers.append(harness.request(address, "GET", "/health").status)
            except ConnectionRefusedError as error:
                refused.append(error)
            except OSError:
                pass  # A connection that was idle when its server ended may be closed without an answer.

    askers = [threading.Thread(target=ask) for _ in range(4)]
    child = serve()
    for asker in askers:
        asker.start()
    for _ in range(3):
        time.sleep(0.5)
        os.kill(child, signal.SIGTERM)
        assert os.waitpid(child, 0)[1] == 0
        child = serve()
    time.sleep(0.5)
    stop.set()
    for asker in askers:
        asker.join()
    os.kill(child, signal.SIGTERM)
    os.waitpid(child, 0)
    listener.close()
    assert not refused and answers.count(200) > 10 and set(answers) == {200}
