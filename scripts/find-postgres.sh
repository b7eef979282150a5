#!/bin/sh
# Prints the directory with Postgres's server programs (initdb, postgres), looking where depeche looks. Exit 1: there are none.
# It starts nothing.
set -eu
from_path=$(command -v initdb 2>/dev/null || true)
for bin in ${from_path:+"${from_path%/*}"} "$(pg_config --bindir 2>/dev/null || true)" $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) \
    /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin /home/linuxbrew/.linuxbrew/opt/postgresql*/bin; do
    if [ -x "$bin/initdb" ] && [ -x "$bin/postgres" ]; then
        echo "$bin"
        exit 0
    fi
done
exit 1
