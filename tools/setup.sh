#!/usr/bin/env bash
# Installs what is missing to build, run and test daybook on Debian 12. Says what it does; does nothing the
# second time. Needs root (or sudo) only if something is missing.
#   tools/setup.sh build     what `make run` needs
#   tools/setup.sh test      also what `make test` needs (Chromium for the browser test)
set -euo pipefail
goal=${1:-build}

packages=(cmake ninja-build ccache pkg-config g++ libboost1.81-dev libssl-dev
  libexpected-dev libfmt-dev libsimdjson-dev nlohmann-json3-dev libzstd-dev zlib1g-dev
  libsqlite3-dev libyaml-cpp-dev libcli11-dev libsodium-dev prometheus-cpp-dev libre2-dev
  libhowardhinnant-date-dev tzdata python3)
if [ "$goal" = test ]; then
  packages+=(libgtest-dev libgmock-dev librapidcheck-dev python3-pytest python3-cryptography python3-yaml
    chromium fonts-dejavu-core)
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "setup: installing ${#missing[@]} Debian packages: ${missing[*]}"
  sudo=
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "setup: run as root, or install: ${missing[*]}" >&2; exit 3; }
    sudo=sudo
  fi
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

command -v node >/dev/null && command -v npm >/dev/null || {
  echo "setup: Node.js 20 or newer with npm is needed to build the web UI" >&2
  exit 3
}
stamp=web/node_modules/.setup-stamp
if [ ! -f "$stamp" ] || [ web/package-lock.json -nt "$stamp" ]; then
  echo "setup: installing the npm modules of web/"
  (cd web && npm ci --no-audit --no-fund --loglevel=error)
  touch "$stamp"
fi
