#!/usr/bin/env bash
# Runs a test program that has to fail: exit 0 if tests ran and one failed, 1 otherwise.
out=$("$@" 2>&1)
code=$?
echo "$out" | tail -n 5
if ! grep -qE '\[==========\] Running [1-9]' <<<"$out"; then
  echo "expect_failure: no test ran" >&2
  exit 1
fi
if [ $code -eq 0 ]; then
  echo "expect_failure: it passed, but had to fail" >&2
  exit 1
fi
echo "expect_failure: failed, as it has to"
