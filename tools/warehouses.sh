#!/usr/bin/env bash
# Adds Spark to .venv (half a gigabyte, so not for everybody) and PostgreSQL to the machine.
set -euo pipefail
cd "$(dirname "$0")/.."

export VIRTUAL_ENV="$PWD/.venv"
[ ! -s /etc/ssl/certs/ca-certificates.crt ] || export UV_SYSTEM_CERTS=true
.cache/tools/bin/uv pip install --quiet --require-hashes -r requirements-warehouses.txt
if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ! command -v initdb >/dev/null; then
  [ "$(id -u)" -eq 0 ] || {
    printf 'PostgreSQL is missing; install it: sudo apt-get install postgresql\n' >&2
    exit 1
  }
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends postgresql >/dev/null
fi
