#!/bin/sh
# Makes the secrets that docker-compose.yml and deploy/kubernetes ask for, each once; what is there already stays. Keep a copy of
# master_key elsewhere: without it nothing that people gave can be read.
set -eu
umask 077
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
# the folder is its owner's alone; the files are read by users of images, who are none of this machine's
chmod 700 "$folder"

secret() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }
plain() { head -c 24 /dev/urandom | base64 | tr -d '\n/+='; }
keep() { [ -s "$folder/$1" ] || { printf '%s' "$2" > "$folder/$1"; chmod 644 "$folder/$1"; }; }

keep master_key "$(secret)"
keep cookie_key "$(secret)"
keep metrics_token "$(plain)"
keep database_password "$(plain)"
keep store_password "$(plain)"
keep database_url "postgresql+psycopg://belcanto:$(cat "$folder/database_password")@${DATABASE_HOST:-database}/belcanto"
keep storage_options "{\"endpoint_url\": \"${STORE_ADDRESS:-http://store:9000}\", \"key\": \"belcanto\", \
\"secret\": \"$(cat "$folder/store_password")\"}"
