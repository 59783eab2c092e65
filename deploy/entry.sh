#!/bin/sh
# Takes settings that are secrets out of the files that NAME_FILE names, compiles the loops for this machine's processor where that was
# not done yet, then becomes the command.
set -eu
for name in BELCANTO_DATABASE_URL BELCANTO_REDIS_URL BELCANTO_STORAGE_OPTIONS BELCANTO_METRICS_TOKEN \
  BELCANTO_COOKIE_KEY; do
  eval "file=\${${name}_FILE:-}"
  if [ -n "$file" ]; then
    value=$(cat "$file")
    export "$name=$value"
  fi
done
python -m pipeline.prepare
exec "$@"
