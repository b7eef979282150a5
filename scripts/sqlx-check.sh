#!/bin/sh
# Lints every target while the queries are held against a real schema, then compares what sqlx learned with .sqlx.
#
#   scripts/sqlx-check.sh            exit 1 where a lint, a query or .sqlx is wrong
#   scripts/sqlx-check.sh --write    writes .sqlx anew, after a change of a query or a migration
set -eu
cd "$(dirname "$0")/.."
learned=$(mktemp -d /tmp/depeche-sqlx.XXXXXX)
mtime=$(mktemp /tmp/depeche-mtime.XXXXXX)
touch -r src/lib.rs "$mtime"
# Queries are looked at while the library is compiled, so it must not count as fresh; afterwards it may again.
trap 'touch -r "$mtime" src/lib.rs; rm -rf "$learned" "$mtime"' EXIT
touch src/lib.rs
SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$learned scripts/with-database.sh \
    cargo clippy --locked --all-targets -- -D warnings
if [ "${1:-}" = --write ]; then
    rm -f .sqlx/query-*.json
    cp "$learned"/query-*.json .sqlx/
elif ! diff -rq .sqlx "$learned" >&2; then
    echo "check: .sqlx is not what the queries are; run scripts/sqlx-check.sh --write and commit .sqlx" >&2
    exit 1
fi
