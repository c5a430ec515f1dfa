"""A wrapper named ``aws`` for the AWS CLIs that do not read ``AWS_ENDPOINT_URL``.

The variable is honoured since AWS CLI 1.29 and 2.13 (July 2023); distributions still ship older
ones. The wrapper stands first on the PATH of a shell set up with ``hansa env``, finds the next
``aws``, asks its version once, and hands over to it: with ``--endpoint-url`` where that is needed,
and otherwise unchanged.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from hansa.awsmodels.files import make_directory, write_file

WRAPPER_MARKER = ".hansa-aws-wrapper"

_WRAPPER = r"""#!/bin/sh
# Written by Hansa. Runs the next `aws` on the PATH. An AWS CLI older than 1.29 or 2.13 does not
# read AWS_ENDPOINT_URL, so it is given --endpoint-url.
here=$(dirname -- "$0")

find_aws() {
    set -f
    IFS=:
    for directory in $PATH; do
        directory=${directory:-.}
        # Skips this wrapper and that of any other installation: two could call each other for ever.
        if [ -e "$directory/.hansa-aws-wrapper" ]; then continue; fi
        if [ -x "$directory/aws" ] && [ ! -d "$directory/aws" ]; then
            printf '%s\n' "$directory/aws"
            return
        fi
    done
}

# Prints "yes" if $1 ignores AWS_ENDPOINT_URL. Starting it takes half a second, so the answer is
# kept until the program changes.
ignores_endpoint_url() {
    key=$(ls -lLn -- "$1")
    cache=$here/.aws-version
    if [ -r "$cache" ]; then
        { IFS= read -r cached_key; IFS= read -r answer; } < "$cache"
        if [ "$cached_key" = "$key" ]; then
            printf '%s\n' "$answer"
            return
        fi
    fi
    version=$("$1" --version 2>&1 | sed -n 's|^aws-cli/\([0-9]*\)\.\([0-9]*\).*|\1 \2|p')
    major=${version% *}
    minor=${version#* }
    answer=no
    if [ "$major" = 1 ] && [ "$minor" -lt 29 ]; then answer=yes; fi
    if [ "$major" = 2 ] && [ "$minor" -lt 13 ]; then answer=yes; fi
    if [ -n "$version" ]; then
        (umask 077 && printf '%s\n%s\n' "$key" "$answer" > "$cache.$$") &&
            mv -f -- "$cache.$$" "$cache"
    fi
    printf '%s\n' "$answer"
}

aws=$(find_aws)
if [ -z "$aws" ]; then
    echo "aws: no AWS CLI on the PATH; install it (package awscli), then try again" >&2
    exit 127
fi
if [ -z "$AWS_ENDPOINT_URL" ] || [ "$AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" = true ]; then
    exec "$aws" "$@"
fi
for argument; do
    case $argument in
        --endpoint-url | --endpoint-url=*) exec "$aws" "$@" ;;
    esac
done
if [ "$(ignores_endpoint_url "$aws")" = yes ]; then
    exec "$aws" --endpoint-url "$AWS_ENDPOINT_URL" "$@"
fi
exec "$aws" "$@"
"""


def write_wrapper(directory: Path) -> Path:
    """Write the wrapper into ``directory``, which is to stand first on the PATH; its path."""
    wrapper = directory / "aws"
    make_directory(directory)
    content = _WRAPPER.encode()
    if not wrapper.exists() or wrapper.read_bytes() != content:
        write_file(directory / WRAPPER_MARKER, b"")
        write_file(wrapper, content, 0o700)
    return wrapper


def path_with(directory: Path, environment: Mapping[str, str]) -> str:
    """The PATH of ``environment`` with ``directory`` first, and without other wrappers' places."""
    entries = environment.get("PATH", os.defpath).split(os.pathsep)
    kept = [entry for entry in entries if not (Path(entry) / WRAPPER_MARKER).exists()]
    return os.pathsep.join([str(directory), *kept])
