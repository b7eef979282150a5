#!/bin/sh
# Installs what is missing on this machine, by apt where we are root; says nothing where all is there, and starts nothing.
# Exit 3: something needed is missing and cannot be installed; the last line on stderr says what to do.
#
#   scripts/setup.sh demo       what builds and runs depeche: a C compiler, Postgres's server programs
#   scripts/setup.sh test       that, and what the tests of the outer world want; without those they say so and pass
#   scripts/setup.sh TOOL       one of: compiler postgres python chromium postfix openssl
set -eu
here=$(cd "$(dirname "$0")" && pwd)

compiler_is_there() { command -v cc >/dev/null; }
compiler_package=build-essential
postgres_is_there() { "$here/find-postgres.sh" >/dev/null; }
postgres_package=postgresql
# pip fetches feedparser's collection of feeds.
python_is_there() { python3 -m pip --version >/dev/null 2>&1; }
python_package="python3 python3-pip"
chromium_is_there() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v $name >/dev/null && return
    done
    return 1
}
chromium_package=chromium
postfix_is_there() { [ -x /usr/sbin/postfix ]; }
postfix_package=postfix
openssl_is_there() { command -v openssl >/dev/null; }
openssl_package=openssl

missing_of() {
    for tool in "$@"; do
        "${tool}_is_there" || eval "printf '%s ' \"\$${tool}_package\""
    done
}

# Installs the packages; false, with the reason in $why, where that cannot be.
install() {
    command -v apt-get >/dev/null || { why="there is no apt-get here; install by hand: $*"; return 1; }
    [ "$(id -u)" = 0 ] || { why="not root; run: sudo apt-get install $*"; return 1; }
    echo "setup: installing $*" >&2
    log=$(mktemp)
    # Servers of packages stay off: depeche and the tests bring their own.
    policy=/usr/sbin/policy-rc.d
    ours=
    [ -e $policy ] || { ours=$policy && printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy; }
    trap 'rm -f ${ours:+"$ours"} "$log"' EXIT
    export DEBIAN_FRONTEND=noninteractive
    apt() { apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" >>"$log" 2>&1 </dev/null; }
    # The lists may be old or absent, and one look at the mirror is cheaper than a wrong answer.
    if apt update && apt install --no-install-recommends "$@"; then
        return 0
    fi
    tail -n 5 "$log" >&2
    why="apt-get could not install: $*"
    return 1
}

# Several tests may want something at once; apt cannot.
locked() {
    if command -v flock >/dev/null && [ -z "${DEPECHE_SETUP_LOCKED:-}" ]; then
        DEPECHE_SETUP_LOCKED=1 exec flock "/tmp/depeche-setup.$(id -u).lock" "$0" "$@"
    fi
}

need() {
    wanted=$(missing_of "$@")
    [ -n "$wanted" ] || return 0
    # shellcheck disable=SC2086 # packages, one a word
    install $wanted || { echo "setup: $why" >&2; exit 3; }
}

case ${1:-} in
demo) [ -z "$(missing_of compiler postgres)" ] || { locked "$@" && need compiler postgres; } ;;
test)
    if [ -n "$(missing_of compiler postgres python chromium postfix openssl)" ]; then
        locked "$@"
        need compiler postgres
        wanted=$(missing_of python chromium postfix openssl)
        # shellcheck disable=SC2086
        [ -z "$wanted" ] || install $wanted || echo "setup: $why; the tests that want them are skipped and say so" >&2
    fi
    ;;
compiler | postgres | python | chromium | postfix | openssl) "${1}_is_there" || { locked "$@" && need "$1"; } ;;
*)
    echo "usage: $0 demo | test | compiler | postgres | python | chromium | postfix | openssl" >&2
    exit 2
    ;;
esac
