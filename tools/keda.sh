#!/usr/bin/env bash
# Fetches what KEDA's published resource definitions were compiled to, for `make keda`.
set -euo pipefail
cd "$(dirname "$0")/.."

to=.cache/keda
[ -d "$to/node_modules/@kubernetes-models/keda" ] && exit
command -v npm >/dev/null || { echo "keda: npm is missing, which fetches the definitions; install it: sudo apt-get install npm" >&2; exit 1; }
mkdir -p "$to"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$to" @kubernetes-models/keda@0.4.2
