#!/bin/sh
# Bring requirements/*.lock up to date with pyproject.toml. Add `--upgrade` for newer versions.
set -eu
cd "$(dirname "$0")/.."
compile() { .venv/bin/uv pip compile --generate-hashes --universal --python-version 3.11 --quiet "$@"; }
compile "$@" pyproject.toml contract/pyproject.toml --group dev --output-file requirements/dev.lock
compile pyproject.toml --constraint requirements/dev.lock --output-file requirements/run.lock
compile requirements/bootstrap.in --constraint requirements/dev.lock --output-file requirements/bootstrap.txt
compile contract/pyproject.toml --constraint requirements/dev.lock --no-annotate --no-header \
    --output-file engine/chaincode-python/packages.txt
grep -A 100 '^uv==' requirements/bootstrap.txt | sed '/^    # /d' >engine/chaincode-python/uv.txt
