#!/usr/bin/env bash
# Build the wheel, install it into an environment of its own, run the demo from an empty folder, and list what is
# installed there. With a folder named, the wheel and the list (an SBOM) are left in it: scripts/check_wheel.sh dist
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
"$root/.venv/bin/cyclonedx-py" environment --output-reproducible --pyproject "$root/pyproject.toml" --output-format JSON \
    --output-file sbom.cdx.json "$work/venv/bin/python"
"$work/venv/bin/python" - sbom.cdx.json <<'PROGRAM'
import json, sys
from importlib.metadata import distributions
listed = {part["name"] for part in json.load(open(sys.argv[1]))["components"]}
missing = sorted({each.name for each in distributions()} - {"pip", "sagetrade-nautilus"} - listed)
sys.exit(f"the SBOM lacks {missing}" if missing else 0)
PROGRAM
if [ $# -gt 0 ]; then
    mkdir -p "$root/$1"
    cp dist/*.whl sbom.cdx.json "$root/$1"
fi
echo "the wheel works"
