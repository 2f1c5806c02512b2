# SPDX-License-Identifier: Apache-2.0
"""Every command with --data (contract section 3) beside a running server: it is the server that acts."""
import json
import os
import stat
import subprocess
import threading

from harness import DAYBOOK, Server, basic, run, verify


def acts(server, entry_type):
    target = f"/api/v1/auditlogs/search?kind=system&type={entry_type}&expand=daybook&size=1000"
    return server.admin("GET", target).json()["results"]


def test_each_command_goes_through_the_server(tmp_path):
    data = tmp_path / "data"
    with Server(data) as server:
        mode = (data / "control.sock").stat().st_mode
        assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600
        size = server.call("GET", "/health").json()["treeSize"]

        # user, service-account, token: known to the server at once, and its own entries.
        server.user("anna", "correct horse battery", "auditor")
        server.token("ci", "writer", "main")
        made = acts(server, "CREATE")
        assert len(made) == 3
        assert [row["daybook"]["submitter"]["username"] for row in made].count("local-root") >= 2
        assert server.call("GET", "/health").json()["treeSize"] >= size + 3
        assert server.call("GET", "/api/v1/me", basic("anna", "correct horse battery")).status == 200

        # import, search, tail, export.
        lines = "".join(json.dumps({"type": "CREATE", "resource": "FLOW", "id": f"c-{n}"}) + "\n" for n in range(5))
        run([DAYBOOK, "import", "-", "--data", str(data), "--tenant", "main"], lines)
        assert server.admin("GET", "/api/v1/main/auditlogs/c-4").status == 200
        found = run([DAYBOOK, "search", "--data", str(data), "--tenant", "main", "--json"])
        assert len(found.splitlines()) == 5
        assert len(run([DAYBOOK, "export", "--data", str(data), "--tenant", "main", "--format", "ndjson"]).splitlines()) == 5

        # recover: a server that writes needs none; nothing is done behind its back.
        report = json.loads(run([DAYBOOK, "recover", "--data", str(data), "--json"]))
        assert report["ok"] and report["lost"] == 0 and report["treeSize"] >= size

        # verify and tlog-export need no lock.
        assert verify(data)["ok"]
        run([DAYBOOK, "tlog-export", str(data), str(tmp_path / "out")])
        covered = int((tmp_path / "out" / "checkpoint").read_text().split("\n")[1])
        assert covered >= size + 8
        assert verify(tmp_path / "out")["ok"]

        # A second server is told, and changes nothing.
        second = subprocess.run([DAYBOOK, "serve", "--data", str(data), "--listen", "127.0.0.1:0"], capture_output=True,
                                timeout=60, env=dict(os.environ, DAYBOOK_ADMIN_PASSWORD="another password"))
        assert second.returncode == 3
        assert server.call("GET", "/health").json()["status"] == "ok"
        assert server.stop() == 0
    assert verify(data)["ok"]


def test_commands_side_by_side_without_a_server(tmp_path):
    """Each takes the lock itself; those that come meanwhile wait for it."""
    data, codes = tmp_path / "data", []

    def make(number):
        codes.append(subprocess.run([DAYBOOK, "service-account", "create", f"s{number}", "--role", "writer", "--data", str(data)],
                                    capture_output=True, timeout=120).returncode)

    threads = [threading.Thread(target=make, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [0] * 4
    assert verify(data)["ok"]


def test_any_command_initialises_an_empty_directory(tmp_path):
    for name, command in {
            "account": ["service-account", "create", "ci", "--role", "writer"],
            "search": ["search", "--json"],
            "export": ["export"],
            "key": ["key", "rotate", "--json"],
            "recover": ["recover", "--json"]}.items():
        data = tmp_path / name
        run([DAYBOOK, *command, "--data", str(data)])
        assert verify(data)["ok"], name


def test_a_command_that_cannot_reach_the_server_says_so(tmp_path):
    """The lock is held and nobody answers on the socket: nothing is changed, exit 3."""
    import fcntl
    data = tmp_path / "data"
    run([DAYBOOK, "service-account", "create", "ci", "--role", "writer", "--data", str(data)])
    before = verify(data)["rootHash"]
    with open(data / "ledger.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run([DAYBOOK, "service-account", "create", "other", "--role", "writer", "--data", str(data)], expect=3)
    assert verify(data)["rootHash"] == before
