# SPDX-License-Identifier: Apache-2.0
"""Who may pass the gateway, and where to: daybook's own accounts in front of a small upstream."""
import json

import pytest

import harness
import replay
from harness import Server

ANSWER = {"method": "POST", "status": 200, "reason": "OK", "resp_headers": [["content-type", "application/json"]],
          "resp": {"enc": "text", "body": "{}"}}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    upstream = replay.Upstream()
    environment = {"DAYBOOK_UPSTREAM_USERNAME": "kestra", "DAYBOOK_UPSTREAM_PASSWORD": "kestra-only"}
    with Server(tmp_path_factory.mktemp("gateway"), upstream.url, environment=environment) as server:
        server.upstream_double = upstream
        server.bound = server.token("bound", "gateway", "main")
        server.free = server.token("free", "gateway")
        yield server
    upstream.close()


def send(server, method, target, token=None):
    server.upstream_double.expect(ANSWER)
    headers = [["Host", "kestra.example.org"], ["Content-Type", "application/json"]]
    if token:
        headers.append(["Authorization", "Bearer " + token])
    exchange = {"method": method, "target": target, "req_version": "HTTP/1.1", "req_headers": headers,
                "req": {"enc": "text", "body": "{}"}}
    return replay.send(server.gateway, exchange)[0], server.upstream_double.seen


@pytest.mark.parametrize("target", [
    "/api/v1/t2/flows", "/api/v1/%74%32/flows", "/api/v1/t2/nosuch", "/api/v1/t2/bogus/x", "/api/v1/x/../t2/flows",
    "/api/v1/./t2/flows", "/api/v1//t2/flows", "/api/v1/T1/flows", "/api/v1/a.b/flows", "/API/v1/t2/flows",
    "/api/v1/main/../t2/flows", "/api/v1/main/flows/%2e%2e/x", "/nosuch",
])
def test_an_account_of_one_tenant_stays_in_it(gateway, target):
    assert send(gateway, "POST", target, gateway.bound) == (403, [])


@pytest.mark.parametrize("target", ["/api/v1/main/flows", "/api/v1/flows", "/api/v1/main/nosuch"])
def test_it_acts_in_its_own(gateway, target):
    status, seen = send(gateway, "POST", target, gateway.bound)
    assert status == 200 and len(seen) == 1


def test_an_account_of_all_tenants_goes_everywhere(gateway):
    status, seen = send(gateway, "POST", "/api/v1/t2/nosuch", gateway.free)
    assert status == 200 and len(seen) == 1


def test_webhooks_are_open_and_carry_the_gateways_credential(gateway):
    status, seen = send(gateway, "POST", "/api/v1/main/executions/webhook/a.b/f/key")
    assert status == 200
    assert [v for k, v in seen[0][1] if k.lower() == "authorization"] == [harness.basic("kestra", "kestra-only")]


@pytest.mark.parametrize("tail", ["../../flows", "%2e%2e/%2e%2e/flows", "..%2f..%2fflows", "a.b/../x", "a.b//x"])
def test_nothing_else_is_open_below_webhooks(gateway, tail):
    assert send(gateway, "POST", "/api/v1/main/executions/webhook/" + tail) == (401, [])


def test_a_sign_out_needs_its_csrf_token(gateway):
    answer = gateway.call("POST", "/api/v1/login", None, {"username": "admin", "password": harness.ADMIN_PASSWORD})
    assert answer.status == 200, answer.body
    cookie = answer.header("Set-Cookie").split(";")[0]
    csrf = json.loads(answer.body)["csrfToken"]
    assert gateway.call("POST", "/api/v1/logout", headers={"Cookie": cookie}).status == 401
    assert gateway.call("GET", "/api/v1/me", headers={"Cookie": cookie}).status == 200
    assert gateway.call("POST", "/api/v1/logout", headers={"Cookie": cookie, "X-CSRF-Token": csrf}).status == 204
    assert gateway.call("GET", "/api/v1/me", headers={"Cookie": cookie}).status == 401
