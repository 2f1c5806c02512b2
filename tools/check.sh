#!/usr/bin/env bash
# What a change has to pass before review: format, clang-tidy on changed files, tree rules, headers that compile
# alone, unit tests under address and undefined-behaviour sanitizers. CHECK_BASE=rev says what «changed» means.
set -euo pipefail
cd "$(dirname "$0")/.."
base=${CHECK_BASE:-HEAD}
for tool in clang-format-16 clang-tidy-16; do
  command -v $tool >/dev/null || { echo "check: $tool is missing: apt-get install $tool" >&2; exit 3; }
done

echo "check: format"
git ls-files 'src/*.h' 'src/*.cc' 'apps/*.h' 'apps/*.cc' 'fuzz/*.cc' 'bench/*.cc' 'tests/*.cc' |
  xargs -r clang-format-16 --dry-run --Werror

echo "check: tree rules"
cmake -DROOT="$PWD" -P cmake/CheckTree.cmake

echo "check: build with clang, headers alone"
cmake --preset clang >/dev/null
cmake --build build/clang --target all all_verify_interface_header_sets -- --quiet

changed=$(git diff --name-only --diff-filter=d "$base" -- 'src/*.cc' 'apps/*.cc' | sort -u)
if [ -n "$changed" ]; then
  echo "check: clang-tidy on $(wc -l <<<"$changed") changed files"
  xargs -r -n 1 -P "$(nproc)" clang-tidy-16 -p build/clang --quiet <<<"$changed"
fi

echo "check: unit tests under asan and ubsan"
cmake --preset asan >/dev/null
cmake --build build/asan -- --quiet
ctest --test-dir build/asan --output-on-failure -j "$(nproc)"
