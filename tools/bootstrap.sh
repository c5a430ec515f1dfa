#!/bin/sh
# Make .venv with the locked dependencies: tools/bootstrap.sh run|dev
#
# Repeatable and safe to interrupt: what is done is recorded last, and a second run with nothing
# changed takes no time. `dev` holds all that `run` does.
set -eu
umask 022
wanted=${1:-run}
cd "$(dirname "$0")/.."
venv=$PWD/.venv
record=$venv/.hansa-installed

say() { printf '%s\n' "$*" >&2; }
fail() { say "cannot set up the Python environment: $1"; say "  $2"; exit 1; }

digest() { # of a kind's inputs; the checkout's place counts, since scripts name it
    { printf '%s\n' "$1" "$PWD"; cat requirements/bootstrap.txt "requirements/$1.lock" pyproject.toml \
        contract/pyproject.toml; } |
        cksum | tr ' ' '-'
}

installed() {
    [ -f "$record" ] && [ -x "$venv/bin/hansa" ] && "$venv/bin/python" -c '' 2>/dev/null || return 1
    have=$(cat "$record")
    [ "$have" = "dev $(digest dev)" ] || [ "$have" = "$wanted $(digest "$wanted")" ]
}

find_python() {
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    fail "no Python 3.11 or later was found." \
        "Install one (Debian, Ubuntu: apt-get install python3), or name it: make PYTHON=/path/to/python3 up"
}

ensure_venv_module() { # Debian and Ubuntu package ensurepip apart from python3
    "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "Installing $package, which this Python lacks …"
        apt-get update -qq >&2 || true
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >&2 || true
    fi
    "$1" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "the Python at $1 has no ensurepip." "Install it (Debian, Ubuntu: apt-get install $package) and run this again."
}

make_venv() {
    "$venv/bin/python" -m pip --version >/dev/null 2>&1 && return
    python=$(find_python)
    ensure_venv_module "$python"
    say "[1/4] Making .venv with $("$python" --version) …"
    "$python" -m venv --clear "$venv"
}

install_uv() {
    pinned=$(sed -n 's/^uv==\([^ ]*\).*/uv \1/p' requirements/bootstrap.txt)
    case "$("$venv/bin/uv" --version 2>/dev/null || true)" in "$pinned"*) return ;; esac
    say "[2/4] Installing the package installer ($pinned) …"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        -r requirements/bootstrap.txt ||
        fail "pip could not install $pinned." "See pip's message above; a run after the network is back goes on from here."
}

sync_packages() {
    say "[3/4] Installing the locked packages ($wanted) …"
    "$venv/bin/uv" pip sync --python "$venv/bin/python" --require-hashes \
        "requirements/$wanted.lock" requirements/bootstrap.txt ||
        fail "uv could not install the locked packages." "See its message above; run this again to go on."
    say "[4/4] Installing hansa …"
    [ "$wanted" = run ] || set -- -e ./contract
    "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation -e . "$@" ||
        fail "hansa itself could not be installed." "See the message above."
}

case $wanted in run | dev) ;; *) fail "unknown kind '$wanted'." "Use: tools/bootstrap.sh run|dev" ;; esac
installed && exit 0
mkdir -p .stamps
if command -v flock >/dev/null; then # two at once: the second waits, then finds it done
    exec 9>.stamps/bootstrap.lock
    flock 9
    installed && exit 0
fi
rm -f "$record"
make_venv
install_uv
sync_packages
printf '%s %s\n' "$wanted" "$(digest "$wanted")" >"$record.new"
mv "$record.new" "$record"
