#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our ledger beside its peers on the same events, alternately, in one run: prints the tables of docs/performance.md.

    run.py BINARY TESSERA_BINARY [--rounds 3] [--seconds 3] [--entries 1000000] [--only append,ledger,sealing]

Every figure is the median of its rounds. Files go to a new directory under --dir: give one on the disk that is meant.
"""
import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

PEERS = ["daybook", "plain", "rocksdb", "sqlite", "tessera"]
MODES = {"one": "1 client", "many": "64 clients", "batch": "batches of 1,000"}
# Tessera's lines of input, more than it takes in the longest run.
TESSERA_EVENTS = {"one": 20_000, "many": 150_000, "batch": 400_000}


def run(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, **more)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def append(arguments, peer, mode, base, events):
    with tempfile.TemporaryDirectory(dir=base) as place:
        if peer != "tessera":
            return run([arguments.binary, "append", peer, mode, place, str(arguments.seconds)])
        with open(events) as lines:
            lines = "".join(next(lines) for _ in range(TESSERA_EVENTS[mode]))
        return run([arguments.tessera, mode, place, str(arguments.seconds)], input=lines)


def appends(arguments, base):
    events = base / "events"
    with open(events, "w") as out:
        subprocess.run([arguments.binary, "events", str(max(TESSERA_EVENTS.values()))], stdout=out, check=True)
    found = {}
    for round_number in range(arguments.rounds):
        for mode in MODES:
            for peer in PEERS:
                print(f"round {round_number + 1}: {mode} {peer}", file=sys.stderr)
                found.setdefault((mode, peer), []).append(append(arguments, peer, mode, base, events))
    print("| | " + " | ".join(f"{peer}/s" for peer in PEERS) + " | daybook : plain | p50 | p99 | CPU an event |")
    print("| --- |" + " ---: |" * (len(PEERS) + 4))
    for mode, title in MODES.items():
        rate = {peer: statistics.median(one["rate"] for one in found[mode, peer]) for peer in PEERS}
        ours = {key: statistics.median(one[key] for one in found[mode, "daybook"]) for key in ("p50ms", "p99ms", "cpuUs")}
        ratio = statistics.median(
            us["rate"] / plain["rate"] for us, plain in zip(found[mode, "daybook"], found[mode, "plain"]))
        print(f"| {title} | " + " | ".join(f"{rate[peer]:,.0f}" for peer in PEERS) +
              f" | {ratio:.2f} | {ours['p50ms']:.2f} ms | {ours['p99ms']:.2f} ms | {ours['cpuUs']:.1f} us |")
    print(flush=True)


def ledger(arguments, base):
    place = base / "ledger"
    print(f"ledger of {arguments.entries:,} entries", file=sys.stderr)
    one = run([arguments.binary, "ledger", str(place), str(arguments.entries)])
    shutil.rmtree(place)
    print("| entries | bytes an entry | open | proof p50 | p99 | proof verified | verify/s | verify/s of CPU time |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    print(f"| {one['entries']:,} | {one['bytesPerEntry']} | {one['openMs']} ms | {one['proofP50Ms']} ms | "
          f"{one['proofP99Ms']} ms | {one['proofVerifyUs']} us | {one['verifyRate']:,} | {one['verifyRatePerCpu']:,} |\n",
          flush=True)


def sealing(arguments, base):
    place = base / "sealing"
    print("appends beside sealing", file=sys.stderr)
    one = run([arguments.binary, "sealing", str(place), "400000"])
    shutil.rmtree(place)
    print("| one client's appends | p50 | p99 |\n| --- | ---: | ---: |")
    print(f"| while the background seals | {one['appendP50MsSealing']} ms | {one['appendP99MsSealing']} ms |")
    print(f"| alone | {one['appendP50Ms']} ms | {one['appendP99Ms']} ms |\n", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("tessera")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--only", default="append,ledger,sealing")
    parser.add_argument("--dir", default=".")
    arguments = parser.parse_args()
    base = pathlib.Path(tempfile.mkdtemp(prefix="ledger-bench-", dir=arguments.dir))
    try:
        for what in arguments.only.split(","):
            {"append": appends, "ledger": ledger, "sealing": sealing}[what](arguments, base)
    finally:
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
