"""Small programs that come before the engine's on the PATH.

``configtxgen`` also takes Fabric 1.x files (:mod:`hansa.client.configtxgen`). ``peer`` takes the
guide's ``/opt/home`` for the client's home, as the guide's container did, where that directory does
not exist. Both end as the real program, with its exit code and output.
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

CONFIGTXGEN = """#!/bin/sh
exec {python} -m hansa.client.configtxgen {real} "$@"
"""

PEER = """#!/bin/sh
home=${{HANSA_CLIENT_HOME:-$HOME}}
if [ ! -e /opt/home ]; then
    for argument do
        shift
        case $argument in /opt/home | /opt/home/*) argument=$home${{argument#/opt/home}} ;; esac
        set -- "$@" "$argument"
    done
    case ${{CORE_PEER_MSPCONFIGPATH-}} in
    /opt/home/*) export CORE_PEER_MSPCONFIGPATH="$home${{CORE_PEER_MSPCONFIGPATH#/opt/home}}" ;;
    esac
    case ${{CORE_PEER_TLS_ROOTCERT_FILE-}} in
    /opt/home/*)
        export CORE_PEER_TLS_ROOTCERT_FILE="$home${{CORE_PEER_TLS_ROOTCERT_FILE#/opt/home}}" ;;
    esac
fi
exec {real} "$@"
"""


def write_shims(directory: Path, binaries: Path) -> Path:
    """Write them for the programs in ``binaries``, unless they are there; returns ``directory``."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in (("configtxgen", CONFIGTXGEN), ("peer", PEER)):
        real = shlex.quote(str(binaries / name))
        _write(directory / name, text.format(python=shlex.quote(sys.executable), real=real))
    return directory


def _write(file: Path, text: str) -> None:
    if file.exists() and file.read_text() == text:
        return
    new = file.with_name(f".{file.name}.{os.getpid()}")
    new.write_text(text)
    new.chmod(0o700)
    new.replace(file)
