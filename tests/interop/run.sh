#!/usr/bin/env bash
# Third-party transparency-log tools on our ledgers: Tessera's fsck (Go) and tlog-scales (Python) have to accept
# ledgers of 1, 256, 257 and 70,000 entries and refuse a flipped bit. A missing tool is a failure.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${DAYBOOK:=$PWD/build/release/apps/daybook/daybook}"
make_ledger=$(dirname "$(dirname "$(dirname "$DAYBOOK")")")/tests/make_ledger
tools=$PWD/build/interop
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$tools/bin"
passed=0
fail() { echo "interop: FAILED: $*" >&2; exit 1; }
ok() { passed=$((passed + 1)); echo "interop: ok $passed $*"; }

command -v go >/dev/null || fail "Go 1.24 or newer is needed for Tessera's fsck"
[ -x "$DAYBOOK" ] || fail "no binary at $DAYBOOK: run make test first"
[ -x "$make_ledger" ] || fail "no $make_ledger: run make test first"
if [ ! -x "$tools/bin/fsck" ]; then
  echo "interop: building Tessera's fsck"
  GOBIN=$tools/bin go install github.com/transparency-dev/tessera/cmd/fsck@v1.0.4
fi
if [ ! -x "$tools/venv/bin/tlog-tiles" ]; then
  echo "interop: installing tlog-scales"
  python=$(command -v python3)
  "$python" -m venv "$tools/venv" || fail "python3 with venv is needed for tlog-scales"
  "$tools/venv/bin/pip" install -q tlog-scales==0.0.3
fi

# fsck v1.0.4 exits 0 even when it fails: only its closing line counts.
fsck_accepts() {
  "$tools/bin/fsck" --storage_url="file://$1/" --public_key="$1/key" --ui=false -N 2 >"$work/fsck.out" 2>&1 || true
  grep -q "Successfully fsck'd" "$work/fsck.out"
}
# A leaf of 97 bytes and its inclusion proof, at both ends and between.
scales_accepts() {
  local index
  for index in 0 $(($2 / 3)) $(($2 / 2)) $(($2 - 1)); do
    "$tools/venv/bin/tlog-tiles" get-leaf -c "file://$1" "$index" >"$work/leaf" 2>"$work/scales.out" || return 1
    [ "$(wc -c <"$work/leaf")" = 97 ] || return 1
  done
}
# Flips one bit of a file.
flip() {
  python3 - "$1" <<'PY'
import sys
path = sys.argv[1]
data = bytearray(open(path, "rb").read())
data[len(data) // 2] ^= 4
open(path, "wb").write(data)
PY
}

for size in 1 256 257 70000; do
  "$make_ledger" "$work/data-$size" "$size"
  "$DAYBOOK" verify "$work/data-$size" >/dev/null || fail "our own verify refuses $size entries"
  "$DAYBOOK" tlog-export "$work/data-$size" "$work/out-$size" >/dev/null
  fsck_accepts "$work/out-$size" || { cat "$work/fsck.out" >&2; fail "fsck refuses $size entries"; }
  ok "fsck accepts $size entries"
  scales_accepts "$work/out-$size" "$size" || fail "tlog-scales refuses $size entries"
  ok "tlog-scales accepts $size entries"
done

for victim in tile/0/000 tile/entries/000; do
  rm -rf "$work/bad" && cp -r "$work/out-257" "$work/bad"
  flip "$work/bad/$victim"
  if fsck_accepts "$work/bad"; then fail "fsck accepts a flipped bit in $victim"; fi
  ok "fsck refuses a flipped bit in $victim"
done
rm -rf "$work/bad" && cp -r "$work/out-257" "$work/bad"
flip "$work/bad/tile/0/000"
if scales_accepts "$work/bad" 257 >/dev/null 2>&1; then fail "tlog-scales accepts a flipped bit in tile/0/000"; fi
ok "tlog-scales refuses a flipped bit in tile/0/000"

echo "$passed passed, 0 failed"
