#!/usr/bin/env bash
# Audits the pages, on the demo's data, and the reports, by axe-core in Chromium: `make audit`.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/chromium.sh

AXE=axe-core-4.14.1.tgz
INTEGRITY=sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==
to=.cache/audit
mkdir -p "$to"
if [ ! -s "$to/$AXE" ]; then
  command -v npm >/dev/null || { echo "audit: npm is missing, which fetches axe-core; install it: sudo apt-get install npm" >&2; exit 1; }
  name=${AXE%.tgz}
  npm pack --silent --ignore-scripts --pack-destination "$to" "${name%-*}@${name##*-}" >/dev/null
fi
got=sha512-$(openssl dgst -sha512 -binary "$to/$AXE" | base64 --wrap 0)
[ "$got" = "$INTEGRITY" ] || { rm "$to/$AXE"; echo "audit: $AXE: expected $INTEGRITY, got $got" >&2; exit 1; }
tar --extract --gzip --file "$to/$AXE" --directory "$to" --strip-components 1 package/axe.min.js

ebbwatch=.venv/bin/ebbwatch
rm -rf "$to/bank"
$ebbwatch simulate --customers 150 --days 400 --out "$to/bank" >/dev/null
$ebbwatch fit "$to/bank/events" --out "$to/fitted.json" --report "$to/fit.html" >/dev/null
$ebbwatch calibrate "$to/bank/events" --out "$to/calibrated.json" --report "$to/calibrate.html" >/dev/null
$ebbwatch backtest "$to/bank/events" --params "$to/fitted.json" --report "$to/backtest.html" >/dev/null
.venv/bin/python -m tools.pages.audit "$to/axe.min.js" "$to/fit.html" "$to/calibrate.html" "$to/backtest.html"
