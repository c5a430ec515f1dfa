#!/bin/sh
# Install what the whole test suite needs beside Python: on Debian and Ubuntu, as root.
# Elsewhere, say what is missing; the tests that need it then say so themselves.
set -eu

missing=""
need() { missing="$missing $1"; }

# Debian's own aws is version 2; the one in .venv is version 1, and both are tested.
/usr/bin/aws --version 2>/dev/null | grep -q '^aws-cli/2' || need awscli
command -v bwrap >/dev/null || need bubblewrap
command -v node >/dev/null || need nodejs
command -v npm >/dev/null || need npm
command -v javac >/dev/null || need default-jdk-headless
command -v mvn >/dev/null || need maven
command -v gcc >/dev/null || need gcc
[ -f /usr/include/stdlib.h ] || need libc6-dev
command -v curl >/dev/null || need curl
command -v openssl >/dev/null || need openssl
command -v git >/dev/null || need git

[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Missing for the whole suite:$missing. Install them; tests that need them cannot pass before." >&2
    exit 0
fi
echo "Installing for the tests:$missing …" >&2
apt-get update -qq >&2 || true
# shellcheck disable=SC2086  # a list of package names
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
