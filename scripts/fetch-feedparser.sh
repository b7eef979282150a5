#!/bin/sh
# Gets the feed collection of PyPI's feedparser (its sdist's tests) for tests/it/feeds/feedparser.rs.
# It is read at measuring time only and never becomes part of this repository. Exit 3: it cannot be had here.
set -eu
version=6.0.14
cd "$(dirname "$0")/.."
cache=${CARGO_TARGET_DIR:-target}/feedparser
if [ -d "$cache/feedparser-$version/tests" ]; then
    echo "$cache/feedparser-$version"
    exit 0
fi
mkdir -p "$cache"
scripts/setup.sh python
# The archive is wanted, not an installation; what pip needs to read its name it fetches by itself, as a wheel.
python3 -m pip download --quiet --no-binary feedparser --no-deps --dest "$cache" "feedparser==$version" ||
    { echo "fetch-feedparser: pip could not download feedparser $version" >&2; exit 3; }
tar -xzf "$cache/feedparser-$version.tar.gz" -C "$cache"
echo "$cache/feedparser-$version"
