"""The program ``hansa-contract``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from hansa_contract.lint import RULES, lint_paths
from hansa_contract.loading import LoadingError, load_chaincode
from hansa_contract.logs import set_up_logging
from hansa_contract.running import run
from hansa_contract.settings import SettingsError, client_settings, server_settings


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except (LoadingError, SettingsError) as fault:
        sys.stderr.write(f"hansa-contract: {fault}\n")
        return 1


def _start(options: argparse.Namespace) -> int:
    set_up_logging()
    settings = client_settings(os.environ, options.peer_address, options.chaincode_id)
    run(settings, load_chaincode(options.directory, options.contracts))


def _serve(options: argparse.Namespace) -> int:
    set_up_logging()
    settings = server_settings(
        os.environ,
        options.chaincode_address,
        options.chaincode_id,
        options.tls_cert_file,
        options.tls_key_file,
        options.tls_client_cacert_file,
    )
    run(settings, load_chaincode(options.directory, options.contracts))


def _check(options: argparse.Namespace) -> int:
    load_chaincode(options.directory, options.contracts)
    return 0


def _lint(options: argparse.Namespace) -> int:
    if options.rules:
        for rule in RULES.values():
            sys.stdout.write(f"{rule.code}  {rule.title}. {rule.why} {rule.instead}\n")
        return 0
    try:
        found = lint_paths(options.paths or [Path()])
    except OSError as fault:
        sys.stderr.write(f"hansa-contract: {fault.filename} cannot be read: {fault.strerror}\n")
        return 2
    for finding in found:
        sys.stdout.write(f"{finding}\n")
    return 1 if found else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hansa-contract", description="Run Hyperledger Fabric contracts written in Python."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    start = commands.add_parser("start", help="connect to the peer that has started the chaincode")
    start.add_argument("--peer.address", dest="peer_address", default="", metavar="HOST:PORT")
    start.set_defaults(command=_start)
    serve = commands.add_parser("serve", help="listen for peers: chaincode as a service")
    serve.add_argument("--chaincode-address", default="", metavar="HOST:PORT")
    for name, text in (
        ("--tls-cert-file", "the service's certificate, PEM"),
        ("--tls-key-file", "its key, PEM"),
        ("--tls-client-cacert-file", "what peers must be signed by, PEM"),
    ):
        serve.add_argument(name, default="", metavar="FILE", help=text)
    serve.set_defaults(command=_serve)
    check = commands.add_parser("check", help="import the contracts and say what is wrong")
    check.set_defaults(command=_check)
    lint = commands.add_parser("lint", help="find what differs between peers: time, sets, network")
    lint.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files and folders")
    lint.add_argument("--rules", action="store_true", help="list the rules and end")
    lint.set_defaults(command=_lint)
    for command in (start, serve):
        command.add_argument("--chaincode-id", default="", metavar="LABEL:HASH")
    for command in (start, serve, check):
        command.add_argument(
            "--directory",
            type=Path,
            default=Path(),
            help="where the package is; the current folder unless given",
        )
        command.add_argument(
            "contracts", nargs="*", metavar="MODULE[:NAME]", help="instead of what the package says"
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
