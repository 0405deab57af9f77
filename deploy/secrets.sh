#!/bin/sh
# Makes the secrets that docker-compose.yml names, once: what is there stays as it is.
# Who may use the page is written by `ebbwatch access token|password NAME --file .secrets/serve_…`.
set -eu
folder=${1:-.secrets}
mkdir -p "$folder"
# Containers read single files of it as users of their own; nobody else comes into the folder.
chmod 700 "$folder"

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
make() { # name, text
  [ -e "$folder/$1" ] || printf '%s\n' "$2" >"$folder/$1"
  chmod 444 "$folder/$1"
}

if [ ! -e "$folder/redis_users" ]; then
  worker=$(random) reader=$(random)
  rm -f "$folder/worker_redis_url" "$folder/reader_redis_url"
  make worker_redis_url "redis://worker:$worker@redis:6379/0"
  make reader_redis_url "redis://reader:$reader@redis:6379/0"
  make redis_users "user default off
user worker on >$worker ~ebbwatch:* &* +@all -@admin -flushall -flushdb -keys
user reader on >$reader resetkeys %R~ebbwatch:* -@all +@read +ping +hello +select"
fi
make grafana_password "$(random)"
for name in serve_tokens serve_passwords; do
  [ -e "$folder/$name" ] || : >"$folder/$name"
  chmod 644 "$folder/$name"
done
