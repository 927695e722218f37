#!/usr/bin/env bash
# Build the wheel, install it into an environment of its own, and run the demo from an empty folder.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

"$root/.venv/bin/python" -m build --wheel --outdir "$work/dist" "$root" >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
"$root/.venv/bin/python" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check -c "$root/constraints.txt" "$work"/dist/*.whl
cp -r "$root/configs" "$work/configs"
cd "$work"
venv/bin/sagetool --version
venv/bin/sagetool backtest configs/demo.toml --quiet
test -s runs/demo-*/report.html
echo "the wheel works"
