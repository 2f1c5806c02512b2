# SPDX-License-Identifier: Apache-2.0
"""The signing key gives way to another: by `daybook key rotate`, with and without a server."""
import json
import time

import harness
import proof
from harness import DAYBOOK, Server, run, verify


def rotate(data, *more, expect=0):
    out = run([DAYBOOK, "key", "rotate", "--data", str(data), "--json", *more], expect=expect)
    return json.loads(out) if expect == 0 else out


def signers(note, vkeys):
    def signed_by(vkey):
        try:
            proof.open_checkpoint(note, [vkey])
            return True
        except Exception:
            return False
    return [vkey for vkey in vkeys if signed_by(vkey)]


def published(server):
    return server.call("GET", "/tlog/checkpoint").body.decode()


def covering(server, size):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        note = published(server)
        if int(note.split("\n")[1]) >= size:
            return note
        time.sleep(0.05)
    raise AssertionError("no checkpoint over the new entry")


def store(server, entry_id):
    answer = server.admin("POST", "/api/v1/main/auditlogs", [{"type": "CREATE", "resource": "FLOW", "id": entry_id}])
    assert answer.status == 201
    return answer.json()["treeSize"]


def unrelated(vkey):
    """A well-formed key of the same name that signed nothing."""
    import base64
    import hashlib
    name = vkey.split("+")[0]
    public = b"\x01" + bytes(range(32))
    key_id = hashlib.sha256(name.encode() + b"\n" + public).hexdigest()[:8]
    return f"{name}+{key_id}+{base64.b64encode(public).decode()}"


def test_rotation_beside_a_server(tmp_path):
    data = tmp_path / "data"
    with Server(data) as server:
        store(server, "before")
        old = server.call("GET", "/tlog/key").body.decode().splitlines()
        saved = tmp_path / "saved"
        saved.write_text(published(server))
        made = rotate(data, "--overlap", "10s")
        until = time.monotonic() + 10
        assert [made["oldKey"]] == old and made["newKey"] != made["oldKey"]
        both = [made["newKey"], made["oldKey"]]
        assert server.call("GET", "/tlog/key").body.decode().splitlines() == both
        note = covering(server, made["treeSize"])
        assert signers(note, both) == both

        found = server.admin("GET", "/api/v1/auditlogs/search?kind=system&type=KEY_ROTATED&expand=daybook").json()["results"]
        assert len(found) == 1
        row = found[0]["auditLog"]
        assert row["detail"]["newKey"] == made["newKey"] and row["detail"]["statement"] == made["statement"]
        assert row["userId"] == "local-root"

        time.sleep(max(0.0, until - time.monotonic()) + 0.1)
        note = covering(server, store(server, "after"))
        assert signers(note, both) == [made["newKey"]]
        url = "http://" + server.api
        for key in both:
            assert verify(url, 0, "--key", key)["ok"]
        report = verify(url, 0, "--key", made["oldKey"], "--checkpoint", str(saved))
        assert report["anchoredTo"] is not None and set(report["keys"]) == set(both)
        assert not verify(url, 1, "--key", unrelated(old[0]))["ok"]
        proofs = server.admin("GET", "/api/v1/main/auditlogs/after/proof?format=json").json()
        assert proofs["keys"] == both
        assert server.stop() == 0
    for key in both:
        assert verify(data, 0, "--key", key)["ok"]
    assert verify(data, 0, "--key", made["oldKey"], "--checkpoint", str(saved))["anchoredTo"] is not None
    assert not verify(data, 1, "--key", unrelated(old[0]))["ok"]
    out = tmp_path / "out"
    run([DAYBOOK, "tlog-export", str(data), str(out)])
    assert (out / "key").read_text().splitlines() == both
    for key in both:
        assert verify(out, 0, "--key", key)["ok"]
    (out / "key-rotations").write_text("")
    assert not verify(out, 1, "--key", made["oldKey"])["ok"]


def test_rotation_without_a_server_and_keys_elsewhere(tmp_path):
    data, keys = tmp_path / "data", tmp_path / "keys"
    config = tmp_path / "config.yaml"
    config.write_text(f"ledger:\n  keys: {keys}\n")
    with Server(data, config=config) as server:
        store(server, "one")
        assert server.stop() == 0
    assert not (data / "keys").exists()
    made = rotate(data, "--keys", str(keys))
    rotate(data, "--keys", str(keys), expect=1)  # One at a time.
    assert oct((keys / "ledger.key").stat().st_mode & 0o777) == "0o600"
    with Server(data, config=config) as server:
        assert server.call("GET", "/tlog/key").body.decode().splitlines() == [made["newKey"], made["oldKey"]]
        assert signers(published(server), [made["oldKey"]]) == [made["oldKey"]]
        assert server.stop() == 0
    report = verify(data, 0, "--key", made["oldKey"])
    assert report["ok"] and report["keys"] == [made["newKey"], made["oldKey"]]


def test_rotation_needs_an_administrator(tmp_path):
    with Server(tmp_path / "data") as server:
        token = server.token("eyes", "auditor")
        answer = server.call("POST", "/api/v1/signing-key/rotate", "Bearer " + token, {})
        assert answer.status == 403
        assert server.call("POST", "/api/v1/signing-key/rotate", None, {}).status == 401
        for bad in ({"overlapSeconds": -1}, {"overlapSeconds": "x"}, {"overlapSeconds": 10**10}, {"other": 1}):
            assert server.admin("POST", "/api/v1/signing-key/rotate", bad).status == 422
        assert len(server.call("GET", "/tlog/key").body.decode().splitlines()) == 1
        assert server.call("GET", "/tlog/key-rotations").body == b""


def test_bad_use(tmp_path):
    harness.run([DAYBOOK, "key", "rotate", "--data", str(tmp_path / "d"), "--overlap", "soon"], expect=2)
    assert not (tmp_path / "d").exists()
    harness.run([DAYBOOK, "key", "rotate"], expect=2)
