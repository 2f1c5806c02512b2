# SPDX-License-Identifier: Apache-2.0
"""Long campaigns in small runs whose counts add up in one file, so that they can be stopped and resumed at will.

    campaign.py kill --cycles 1000      kill -9 of the real server under load (kill_loop.py)
    campaign.py power --cycles 10000    power loss on the simulated disk (ledger_tests, PowerLoss)
    campaign.py faults --cycles 10000   every failing file call (ledger_tests, FaultLoop)

Each run has the next seed; a seed is counted only when its run has ended. A failed run is counted as such, with its
seed, for ever, and ends the campaign. --state FILE keeps the counts (default: campaign.json beside this script).
"""
import argparse
import datetime
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
KINDS = {"kill": 25, "power": 1000, "faults": 1}  # Cycles (faults: seeds) a run.


def load(path):
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def save(path, state):
    with open(path + ".tmp", "w", encoding="utf-8") as file:
        json.dump(state, file, indent=1, sort_keys=True)
        file.write("\n")
    os.replace(path + ".tmp", path)


def commit():
    shown = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return os.environ.get("DAYBOOK_COMMIT") or shown.stdout.strip() or "unknown"


def run_kill(seed, cycles):
    done = subprocess.run([sys.executable, os.path.join(HERE, "kill_loop.py"), "--kills", str(cycles), "--writers", "6",
                           "--gateway-writers", "2", "--seed", str(seed)], capture_output=True, text=True, check=False)
    last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
    found = re.search(r"(\d+) kills, \d+ writers, (\d+) acknowledged .* (\d+) attempts closed", last)
    if done.returncode != 0 or not found:
        return None, done.stdout[-2000:] + done.stderr[-4000:]
    return {"cycles": int(found[1]), "acknowledged": int(found[2]), "attemptsClosed": int(found[3])}, ""


def run_ledger_tests(seed, cycles, filter_):
    program = os.environ.get("LEDGER_TESTS", os.path.join(ROOT, "build/release/src/ledger/ledger_tests"))
    environment = dict(os.environ, DAYBOOK_SEED=str(seed), DAYBOOK_CYCLES=str(cycles))
    done = subprocess.run([program, "--gtest_filter=" + filter_], env=environment, capture_output=True, text=True, check=False)
    counted = [json.loads(line[len("campaign: "):]) for line in done.stdout.splitlines() if line.startswith("campaign: ")]
    if done.returncode != 0 or not counted:
        return None, done.stdout[-6000:] + done.stderr[-2000:]
    return {key: sum(count[key] for count in counted) for key in counted[0]}, ""


RUNS = {"kill": run_kill,
        "power": lambda seed, cycles: run_ledger_tests(seed, cycles, "*PowerLoss*"),
        "faults": lambda seed, cycles: run_ledger_tests(seed, cycles, "*FaultLoop*")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--cycles", type=int, required=True, help="go on until this many more are counted")
    parser.add_argument("--state", default=os.path.join(HERE, "campaign.json"))
    arguments = parser.parse_args()
    counted = 0
    while counted < arguments.cycles:
        state = load(arguments.state)
        mine = state.setdefault(arguments.kind, {"seedsDone": 0, "failedRuns": [], "commits": {}})
        seed = mine["seedsDone"] + 1
        result, why = RUNS[arguments.kind](seed, min(KINDS[arguments.kind], arguments.cycles - counted))
        state = load(arguments.state)  # Another kind may have counted meanwhile.
        mine = state.setdefault(arguments.kind, mine)
        mine["seedsDone"] = seed
        mine["lastRun"] = datetime.date.today().isoformat()
        if result is None:
            mine["failedRuns"].append({"seed": seed, "commit": commit()})
            save(arguments.state, state)
            print(f"campaign {arguments.kind}: FAILED with seed {seed}\n{why}", flush=True)
            return 1
        for key, value in result.items():
            mine[key] = mine.get(key, 0) + value
        mine["commits"][commit()] = mine["commits"].get(commit(), 0) + result["cycles"]
        save(arguments.state, state)
        counted += result["cycles"]
        total = ", ".join(f"{key} {mine[key]}" for key in result)
        print(f"campaign {arguments.kind}: seed {seed} good; in all {total}, lost 0, failed runs {len(mine['failedRuns'])}",
              flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
