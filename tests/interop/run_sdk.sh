#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kestra's official SDKs against daybook (sdk.py). They are installed outside the tree, once:
# SDKS=folder, default ~/.cache/daybook/sdk.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sdks=${SDKS:-${XDG_CACHE_HOME:-$HOME/.cache}/daybook/sdk}
python=${PYTHON:-/usr/bin/python3}
mkdir -p "$sdks/js"
if ! "$sdks/py/bin/python" -W ignore -c 'import kestrapy, regex' 2>/dev/null; then
  "$python" -m venv "$sdks/py"
  # kestrapy imports regex without declaring it.
  "$sdks/py/bin/pip" install -q kestrapy==2.0.3 regex
fi
if ! [ -d "$sdks/js/node_modules/@kestra-io/kestra-sdk" ]; then
  cp "$here/sdk_js/package.json" "$sdks/js/"
  (cd "$sdks/js" && npm install --silent --no-audit --no-fund)
fi
exec "$python" "$here/sdk.py" --python "$sdks/py/bin/python" --js "$sdks/js" "$@"
