#!/usr/bin/env bash
# Draws the pages on the demo's data, in Chromium, into a folder: each view on a desk and a phone, in
# both languages, light and dark. Those in docs/pictures are README's.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/chromium.sh
exec .venv/bin/python -m tools.pages.draw "${1:-.cache/screenshots}"
