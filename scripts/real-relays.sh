#!/bin/sh
# Makes real relays ready for tests/it/relays/real.rs: postfix by apt, opensmtpd unpacked beside it (their packages exclude
# each other). It starts nothing. Exit 0: ready. Exit 3: not possible here, and the last line on stderr says why.
#
#   scripts/real-relays.sh postfix            installs it where it is absent (Debian, root)
#   scripts/real-relays.sh opensmtpd DIR      unpacks it with its libraries below DIR, so that chroot DIR can run it
set -eu

cannot() {
    echo "$1" >&2
    exit 3
}

[ "$(id -u)" = 0 ] || cannot "a mail server starts as root only"

# The tests bring their own configuration and ports.
postfix() {
    said=$("$(dirname "$0")/setup.sh" postfix 2>&1) || cannot "$(echo "$said" | tail -n 1)"
}

# apt with lists and cache of its own: the machine's stay as they are.
private_apt() {
    apt-get -q -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$work/lists" \
        -o Dir::Cache="$work/cache" -o APT::Sandbox::User=root "$@" >&2
}

opensmtpd() {
    target=$1
    [ -x "$target/usr/sbin/smtpd" ] && return
    . /etc/os-release
    [ "${ID:-}" = debian ] || cannot "opensmtpd is fetched for Debian only"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/root"
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    mirror=$(grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -n 1 | tr -d ' ')
    for suite in "$VERSION_CODENAME" "$VERSION_CODENAME-backports"; do
        echo "deb [signed-by=$keyring] ${mirror:-http://deb.debian.org/debian} $suite main"
    done >"$work/sources.list"
    private_apt update || cannot "apt-get update failed; is there a mirror within reach?"
    cd "$work"
    # 6.8 of Debian 12 cannot do TLS with OpenSSL 3 (OpenSMTPD issue 1171); the backport can.
    for suite in "$VERSION_CODENAME-backports" "$VERSION_CODENAME"; do
        rm -f opensmtpd_*.deb
        private_apt -t "$suite" download opensmtpd || continue
        dpkg --compare-versions "$(dpkg-deb -f opensmtpd_*.deb Version)" ge 7 && break
    done
    ls opensmtpd_*.deb >/dev/null 2>&1 || cannot "no mirror has opensmtpd"
    dpkg --compare-versions "$(dpkg-deb -f opensmtpd_*.deb Version)" ge 7 || cannot "this Debian has only an opensmtpd whose TLS is broken"
    dpkg -x opensmtpd_*.deb root
    libraries=root/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || gcc -print-multiarch 2>/dev/null || echo x86_64-linux-gnu)
    export LD_LIBRARY_PATH="$work/root/usr/${libraries#root/}:$work/$libraries"
    if ldd root/usr/sbin/smtpd | grep -q 'not found'; then
        for package in $(dpkg-deb -f opensmtpd_*.deb Depends | tr ',' '\n' | grep -oE '^ ?lib[^ ]+' | grep -v '^ *libc6'); do
            private_apt download "$package" || cannot "cannot fetch $package"
            dpkg -x "$package"_*.deb root
        done
    fi
    for library in $(ldd root/usr/sbin/smtpd | grep -oE '/[^ ]+'); do
        case $library in "$work"/*) continue ;; esac
        mkdir -p "root$(dirname "$library")"
        cp -L "$library" "root$library"
    done
    mkdir -p root/etc/ssl/certs root/run root/tmp root/var/spool/smtpd root/var/lib/opensmtpd/empty
    ln -sfn /run root/var/run
    chmod 711 root/var/spool/smtpd
    printf '%s\n' root:x:0:0::/:/bin/false opensmtpd:x:64101:64101::/var/lib/opensmtpd/empty:/bin/false \
        opensmtpq:x:64102:64102::/var/lib/opensmtpd/empty:/bin/false >root/etc/passwd
    printf '%s\n' root:x:0: opensmtpd:x:64101: opensmtpq:x:64102: >root/etc/group
    chown -R root:root root
    mkdir -p "$(dirname "$target")"
    rm -rf "$target"
    mv root "$target"
}

case ${1:-} in
postfix) postfix ;;
opensmtpd) opensmtpd "$(mkdir -p "$2" && cd "$2" && pwd)/root" ;;
*) cannot "usage: $0 postfix | opensmtpd DIR" ;;
esac
