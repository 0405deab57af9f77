# Sourced by what looks at pages: sees to Chromium and its Chinese letters.
if ! command -v chromium >/dev/null; then
  [ "$(id -u)" -eq 0 ] || { echo "chromium is missing; install it: sudo apt-get install chromium fonts-noto-cjk" >&2; exit 1; }
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fonts-noto-cjk >/dev/null
fi
