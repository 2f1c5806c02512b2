#!/usr/bin/env bash
# Third-party transparency-log tools on our ledgers: Tessera's fsck (Go), an auditor made with torchwood (Go) and
# tlog-scales (Python) have to accept ledgers of SIZES entries, from `tlog-export` and over HTTP from `serve`, and to
# refuse what was changed. A missing tool is a failure.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${DAYBOOK:=$PWD/build/release/apps/daybook/daybook}"
: "${SIZES:=1 255 256 257 65536 70000}"
make_ledger=$(dirname "$(dirname "$(dirname "$DAYBOOK")")")/tests/make_ledger
tools=$PWD/build/interop
work=$(mktemp -d)
server=
stop_server() {
  [ -n "$server" ] || return 0
  kill -TERM "$server" && wait "$server" || fail "serve did not end well"
  server=
}
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
mkdir -p "$tools/bin"
passed=0
fail() { echo "interop: FAILED: $*" >&2; exit 1; }
ok() { passed=$((passed + 1)); echo "interop: ok $passed $*"; }

command -v go >/dev/null || fail "Go 1.24 or newer is needed for Tessera's fsck and the auditor"
[ -x "$DAYBOOK" ] || fail "no binary at $DAYBOOK: run make test first"
[ -x "$make_ledger" ] || fail "no $make_ledger: run make test first"
if [ ! -x "$tools/bin/fsck" ]; then
  echo "interop: building Tessera's fsck"
  GOBIN=$tools/bin go install github.com/transparency-dev/tessera/cmd/fsck@v1.0.4
fi
if [ ! -x "$tools/bin/auditor" ] || [ tests/interop/auditor/main.go -nt "$tools/bin/auditor" ]; then
  echo "interop: building the auditor"
  (cd tests/interop/auditor && go build -o "$tools/bin/auditor" .)
fi
if [ ! -x "$tools/venv/bin/tlog-tiles" ]; then
  echo "interop: installing tlog-scales"
  python=$(command -v python3)
  "$python" -m venv "$tools/venv" || fail "python3 with venv is needed for tlog-scales"
  "$tools/venv/bin/pip" install -q tlog-scales==0.0.3
fi

# Each takes a log (URL or directory), a file with its key, and its size. What they said lies in $work/said.
# fsck v1.0.4 exits 0 even when it fails: only its closing line counts.
fsck_accepts() {
  local url=$1/
  case $url in http*) ;; *) url=file://$url ;; esac
  "$tools/bin/fsck" --storage_url="$url" --public_key="$2" --ui=false -N 2 >"$work/said" 2>&1 || true
  grep -q "Successfully fsck'd" "$work/said"
}
auditor_accepts() {
  "$tools/bin/auditor" "$1" "$2" >"$work/said" 2>&1 && [ "$(cat "$work/said")" = "accepted: $3" ]
}
# A leaf of 97 bytes and its inclusion proof, at both ends and between. It knows no keys.
scales_accepts() {
  local index url=$1
  case $url in http*) ;; *) url=file://$url ;; esac
  for index in 0 $(($3 / 3)) $(($3 / 2)) $(($3 - 1)); do
    "$tools/venv/bin/tlog-tiles" get-leaf -c "$url" "$index" >"$work/leaf" 2>"$work/said" || return 1
    [ "$(wc -c <"$work/leaf")" = 97 ] || return 1
  done
}
ours_accepts() {
  "$DAYBOOK" verify "$1" --key "$(cat "$2")" >"$work/said" 2>&1
}

accepted_by_all() { # LOG KEYFILE SIZE WORDS
  local tool
  for tool in fsck auditor scales; do
    "${tool}_accepts" "$1" "$2" "$3" || { cat "$work/said" >&2; fail "$tool refuses $4"; }
    ok "$tool accepts $4"
  done
}
refused_by() { # WHAT TOOL...
  local what=$1 tool
  shift
  for tool in "$@"; do
    if "${tool}_accepts" "$work/bad" "$work/key-257" 257; then fail "$tool accepts: $what"; fi
    ok "$tool refuses: $what"
  done
}
damaged() { # FILE PYTHON-EXPRESSION over its bytes `b`
  rm -rf "$work/bad" && cp -r "$work/out-257" "$work/bad"
  python3 - "$work/bad/$1" "$2" <<'PY'
import sys
path, change = sys.argv[1:]
b = open(path, "rb").read()
flip = lambda at, bit=4: b[:at] + bytes([b[at] ^ bit]) + b[at + 1:]
changed = eval(change)
assert changed != b
open(path, "wb").write(changed)
PY
}

serve() { # DATA: the checkpoint of its size stays the published one, whatever serve itself records
  printf 'ledger:\n  checkpoint_interval: 10h\nheartbeat:\n  after: 10h\n' >"$work/config.yaml"
  DAYBOOK_ADMIN_PASSWORD=interop-password "$DAYBOOK" serve --data "$1" --config "$work/config.yaml" \
    --listen 127.0.0.1:0 >"$work/serve.out" 2>"$work/serve.err" &
  server=$!
  local tries=0
  until grep -q '^listening api ' "$work/serve.out"; do
    tries=$((tries + 1))
    kill -0 "$server" 2>/dev/null && [ $tries -lt 3000 ] || { cat "$work/serve.err" >&2; fail "serve does not listen"; }
    sleep 0.1
  done
  url=$(sed -n 's/^listening api //p' "$work/serve.out")
}

for size in $SIZES; do
  "$make_ledger" "$work/data-$size" "$size"
  "$DAYBOOK" verify "$work/data-$size" >/dev/null || fail "our own verify refuses $size entries"
  "$DAYBOOK" tlog-export "$work/data-$size" "$work/out-$size" >/dev/null
  head -n 1 "$work/out-$size/key" >"$work/key-$size"
  accepted_by_all "$work/out-$size" "$work/key-$size" "$size" "$size entries, exported"
  serve "$work/data-$size"
  accepted_by_all "$url/tlog" "$work/key-$size" "$size" "$size entries over HTTP"
  stop_server
  rm -rf "$work/data-$size"
  [ "$size" = 257 ] || rm -rf "$work/out-$size"
done

if [ ! -d "$work/out-257" ]; then
  echo "$passed passed, 0 failed"
  exit 0
fi

# Nothing is refused for another reason than the change.
rm -rf "$work/bad" && cp -r "$work/out-257" "$work/bad"
ours_accepts "$work/bad" "$work/key-257" || fail "our own verify refuses the export"
ok "daybook accepts the export"

for victim in tile/entries/000 tile/entries/001.p/1; do
  damaged $victim 'flip(len(b) // 2)'
  refused_by "a flipped bit in bundle $victim" fsck auditor scales ours
done
for victim in tile/0/000 tile/0/001.p/1 tile/1/000.p/1; do
  damaged $victim 'flip(len(b) // 2)'
  refused_by "a flipped bit in tile $victim" fsck auditor scales ours
done
damaged tile/entries/000 'b[:-1]'
refused_by "a bundle cut by a byte" fsck auditor ours
damaged tile/entries/000 'b[:99 * 200]'
refused_by "a bundle cut by whole entries" fsck auditor ours
damaged tile/entries/000 'b[:99 * 10]'
refused_by "a bundle cut before what is read" scales
damaged checkpoint 'b.replace(b.split(b"\n")[2], __import__("base64").b64encode(bytes(32)), 1)'
refused_by "a checkpoint of another root" fsck auditor scales ours
damaged checkpoint 'b.replace(b"\n257\n", b"\n256\n", 1)'
refused_by "a checkpoint of another size" fsck auditor scales ours
damaged checkpoint 'flip(len(b) - 20, 1)'
refused_by "a flipped bit in the checkpoint's signature" fsck auditor ours

# Rolled back: what is there is whole and signed, so that only who remembers a later checkpoint can refuse it.
"$make_ledger" "$work/data" 300
cp -r "$work/data" "$work/older"
printf '{"type":"CREATE","resource":"FLOW"}\n' | "$DAYBOOK" import - --data "$work/data" --tenant main >/dev/null
for side in older data; do
  "$DAYBOOK" tlog-export "$work/$side" "$work/out-$side" >/dev/null
done
head -n 1 "$work/out-data/key" >"$work/key"
"$tools/bin/auditor" "$work/out-older" "$work/key" "$work/saved" >/dev/null || fail "the auditor refuses the older log"
"$tools/bin/auditor" "$work/out-data" "$work/key" "$work/saved" >/dev/null || fail "the auditor refuses the log that grew"
ok "auditor accepts a log that extends the one it remembers"
if "$tools/bin/auditor" "$work/out-older" "$work/key" "$work/saved" >/dev/null; then fail "the auditor accepts a rolled-back log"; fi
ok "auditor refuses a rolled-back checkpoint"
if "$DAYBOOK" verify "$work/out-older" --checkpoint "$work/saved" >/dev/null; then fail "daybook accepts a rolled-back log"; fi
ok "daybook refuses a rolled-back checkpoint"
printf '{"type":"DELETE","resource":"FLOW"}\n' | "$DAYBOOK" import - --data "$work/older" --tenant main >/dev/null
printf '{"type":"DELETE","resource":"FLOW"}\n' | "$DAYBOOK" import - --data "$work/older" --tenant main >/dev/null
rm -rf "$work/out-older"
"$DAYBOOK" tlog-export "$work/older" "$work/out-older" >/dev/null
if "$tools/bin/auditor" "$work/out-older" "$work/key" "$work/saved" >/dev/null; then fail "the auditor accepts a forked log"; fi
ok "auditor refuses a forked log"

echo "$passed passed, 0 failed"
