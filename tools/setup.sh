#!/usr/bin/env bash
# Sets up .venv and what the embedded stack needs, from a fresh Debian on. Safe to repeat.
set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON_VERSIONS="python3.11 python3.12 python3.13 python3"
TOOLS=.cache/tools # holds uv, kept out of .venv so that .venv is exactly what the lock says
export PIP_DISABLE_PIP_VERSION_CHECK=1 UV_PYTHON_DOWNLOADS=never
# A bank's network often signs TLS anew with an authority that only the system's store knows.
[ ! -s /etc/ssl/certs/ca-certificates.crt ] || export UV_SYSTEM_CERTS=true

say() { printf 'setup: %s\n' "$*"; }
fail() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}

may_install() {
  [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null
}

# Installs Debian packages when root; otherwise says in one line what is missing.
apt_install() {
  local what=$1
  shift
  if ! may_install; then
    fail "$what is missing; install it: sudo apt-get install $*"
  fi
  say "installing $what: apt-get install $*"
  if [ -z "${apt_updated:-}" ]; then
    apt-get update -qq
    apt_updated=yes
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}

# A name on PATH proves little (version managers leave stubs), so every candidate is asked.
find_python() {
  local name
  for name in $PYTHON_VERSIONS; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  return 1
}

java_version() {
  "${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 | sed -n 's/.*version "\(1\.\)\{0,1\}\([0-9]*\).*/\2/p'
}

say "looking for Python 3.11 or later"
python=$(find_python) || {
  apt_install "Python 3.11 or later" python3 python3-venv
  python=$(find_python) || fail "python3 $(python3 --version 2>&1): expected Python 3.11 or later"
}
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  apt_install "Python's venv module" python3-venv
  "$python" -c 'import ensurepip, venv' 2>/dev/null || fail "$python: expected the module venv"
fi

say "looking for Java 17 or later, Maven and Redis"
version=$(java_version || true)
[ "${version:-0}" -ge 17 ] || apt_install "Java 17 or later" openjdk-17-jre-headless
command -v mvn >/dev/null || apt_install Maven maven
command -v redis-server >/dev/null || apt_install Redis redis-server
for tool in promtool:prometheus amtool:prometheus-alertmanager gcc:build-essential; do
  if ! command -v "${tool%:*}" >/dev/null; then
    if may_install; then
      apt_install "${tool%:*}" "${tool#*:}"
    else # all but some tests do without it
      say "${tool%:*} is missing, which tests need; install it: sudo apt-get install ${tool#*:}"
    fi
  fi
done

say "installing uv into $TOOLS"
"$TOOLS/bin/python" -c '' 2>/dev/null || "$python" -m venv --clear "$TOOLS"
"$TOOLS/bin/python" -m pip install --quiet --require-hashes -r tools/requirements-uv.txt

say "installing the locked requirements into .venv"
.venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
  "$TOOLS/bin/uv" venv --quiet --clear --python "$python" .venv
export VIRTUAL_ENV="$PWD/.venv"
# Compiled once: where Python may write no bytecode, every process would compile all it imports.
"$TOOLS/bin/uv" pip sync --quiet --compile-bytecode --require-hashes requirements-dev.txt
"$TOOLS/bin/uv" pip install --quiet --no-deps --no-build-isolation --editable .
say "done"
