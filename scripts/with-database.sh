#!/bin/sh
# Runs a command with DATABASE_URL set to an empty, migrated database on a Postgres of its own, and takes that down again.
#
#   scripts/with-database.sh cargo sqlx prepare
set -eu
cd "$(dirname "$0")/.."
bin=$(scripts/find-postgres.sh) || { echo "with-database: no Postgres server programs here; scripts/setup.sh demo installs them" >&2; exit 1; }

# /tmp: short enough for a socket's path, and open to the account that the server runs under.
place=$(mktemp -d /tmp/depeche-check.XXXXXX)
chmod 755 "$place"
account=
if [ "$(id -u)" = 0 ]; then
    # The server refuses root.
    account=postgres
    id -u $account >/dev/null 2>&1 || account=nobody
    chown "$account" "$place"
fi
unprivileged() {
    if [ -n "$account" ]; then
        (cd / && setpriv --reuid "$account" --regid "$(id -g "$account")" --clear-groups "$@")
    else
        "$@"
    fi
}
stop() {
    unprivileged "$bin/pg_ctl" -D "$place/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$place"
}
trap stop EXIT
trap 'exit 130' INT TERM HUP

unprivileged "$bin/initdb" -D "$place/data" -U depeche -A trust -E UTF8 --locale=C --no-sync >"$place/log" 2>&1 &&
    unprivileged "$bin/pg_ctl" -D "$place/data" -l "$place/data/log" -w -t 60 start \
        -o "-c listen_addresses= -c unix_socket_directories=$place -c fsync=off" >>"$place/log" 2>&1 ||
    { cat "$place/log" >&2; echo "with-database: Postgres does not start" >&2; exit 1; }
psql=$bin/psql
[ -x "$psql" ] || psql=psql
sql() { "$psql" -X -q -v ON_ERROR_STOP=1 -h "$place" -U depeche "$@"; }
sql postgres -c 'create database depeche'
for file in migrations/*.sql; do
    sql depeche -f "$file" >/dev/null
done
DATABASE_URL="postgres://depeche@localhost/depeche?host=$place" "$@"
