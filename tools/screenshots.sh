#!/usr/bin/env bash
# Draws the pages on the demo's data, in Chromium, into a folder: each view on a desk and a phone, in
# both languages, light and dark. Those in docs/pictures are README's.
set -euo pipefail
cd "$(dirname "$0")/.."

to=${1:-.cache/screenshots}
mkdir -p "$to" docs/pictures

if ! command -v chromium >/dev/null; then
  [ "$(id -u)" -eq 0 ] || { echo "screenshots: chromium is missing; install it: sudo apt-get install chromium fonts-noto-cjk" >&2; exit 1; }
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fonts-noto-cjk >/dev/null
fi

log=$(mktemp)
.venv/bin/ebbwatch demo --page --port 0 >"$log" 2>&1 &
demo=$!
trap 'kill -INT "$demo" 2>/dev/null; wait "$demo" || true; rm -f "$log"' EXIT
until address=$(grep -o 'http://127.0.0.1:[0-9]*' "$log" | tail -1) && [ -n "$address" ] && grep -q 'page on this data' "$log"; do
  kill -0 "$demo" 2>/dev/null || { cat "$log" >&2; exit 1; }
  sleep 1
done
until curl -fs "$address/" | grep -q shade-6; do sleep 1; done
until curl -fs "$address/queue" | grep -q 'class="cases"'; do sleep 1; done

# name, path, width, height, and "dark" for that
shoot() {
  local dark=()
  [ "${5:-}" != dark ] || dark=(--blink-settings=preferredColorScheme=0)
  chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1 \
    "${dark[@]}" --window-size="$3,$4" --virtual-time-budget=3000 --screenshot="$1" "$address$2" 2>/dev/null
  echo "$1"
}

for language in en zh; do
  shoot "$to/portfolio-$language.png" "/?lang=$language" 1200 1500
  shoot "$to/portfolio-$language-phone.png" "/?lang=$language" 390 2600
  shoot "$to/queue-$language.png" "/queue?lang=$language" 1200 1200
  shoot "$to/queue-$language-phone.png" "/queue?lang=$language" 390 2000
  shoot "$to/customer-$language.png" "/customers/persona-a?lang=$language" 1200 1700
  shoot "$to/customer-$language-phone.png" "/customers/persona-a?lang=$language" 390 3000
done
shoot "$to/portfolio-dark.png" "/" 1200 1500 dark
shoot "$to/queue-dark.png" "/queue" 1200 1200 dark
shoot "$to/customer-dark.png" "/customers/persona-b" 1200 1500 dark
shoot "$to/customer-dark-phone.png" "/customers/persona-b" 390 3000 dark
shoot docs/pictures/customer.png "/customers/persona-a" 1200 1290
shoot docs/pictures/portfolio.png "/" 1200 1190
