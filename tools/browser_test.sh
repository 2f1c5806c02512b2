#!/usr/bin/env bash
# Starts `daybook demo` on free ports, waits for rows, and drives the UI in Chromium.
# Screenshots go to build/screenshots. DAYBOOK names the binary.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${DAYBOOK:=$PWD/build/release/apps/daybook/daybook}"
command -v chromium >/dev/null || { echo "browser: chromium is missing (make setup-test installs it)" >&2; exit 3; }
work=$(mktemp -d)
"$DAYBOOK" demo --data "$work/data" --listen 127.0.0.1:0 --gateway 127.0.0.1:0 >"$work/out" 2>"$work/err" &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 300); do
  grep -q '^demo ready' "$work/out" && break
  kill -0 $server 2>/dev/null || { cat "$work/out" "$work/err" >&2; exit 1; }
  sleep 0.2
done
grep -q '^demo ready' "$work/out" || { echo "browser: the demo did not get ready" >&2; cat "$work/out" "$work/err" >&2; exit 1; }
api=$(sed -n 's/^listening api //p' "$work/out")
mkdir -p build/screenshots
BASE_URL=$api DAYBOOK_USER=admin DAYBOOK_PASSWORD=daybook-demo SCREENSHOTS=$PWD/build/screenshots \
  npm --prefix web run --silent e2e
