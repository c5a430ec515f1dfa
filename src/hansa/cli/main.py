"""The root of the ``hansa`` command."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

import hansa
from hansa.cli.commandline import Group
from hansa.cli.session import Session

_IN = "hansa.cli.commands"
COMMANDS = {
    "account": f"{_IN}.account:account",
    "audit": f"{_IN}.audit:audit",
    "aws-models": f"{_IN}.aws_models:aws_models",
    "chaincode": f"{_IN}.chaincode:chaincode",
    "channel": f"{_IN}.channel:channel",
    "clean": f"{_IN}.clean:clean",
    "client": f"{_IN}.client:client",
    "completion": f"{_IN}.completion:completion",
    "configure": f"{_IN}.credentials:configure",
    "demo": f"{_IN}.demo:demo",
    "doctor": f"{_IN}.doctor:doctor",
    "down": f"{_IN}.down:down",
    "engine": f"{_IN}.engine:engine",
    "events": f"{_IN}.events:events",
    "env": f"{_IN}.credentials:env",
    "identity": f"{_IN}.identity:identity",
    "logs": f"{_IN}.logs:logs",
    "operation": f"{_IN}.operation:operation",
    "restart": f"{_IN}.up:restart",
    "status": f"{_IN}.status:status",
    "tls-chain": f"{_IN}.tls_chain:tls_chain",
    "up": f"{_IN}.up:up",
    "version": f"{_IN}.version:version",
}


@click.group(cls=Group, late=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(hansa.__version__, prog_name="hansa")
@click.pass_context
def root(context: click.Context) -> None:
    """The Amazon Managed Blockchain API over real Hyperledger Fabric, on your own machine.

    `hansa demo` takes a new installation to its first committed transaction.
    """
    context.ensure_object(Session)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command, and exit with its code; errors are told, never traced."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code (see :mod:`hansa.cli.exits`)."""
    session = Session()
    try:
        code = root.main(
            args=None if arguments is None else list(arguments),
            prog_name="hansa",
            standalone_mode=False,
            obj=session,
        )
    except click.ClickException as fault:
        fault.show()
        return fault.exit_code
    except (click.Abort, KeyboardInterrupt):
        session.screen.fault("interrupted. The same command goes on from here.")
        return 130
    except BrokenPipeError:  # `hansa logs | head`
        sys.stderr.close()
        return 0
    except Exception as fault:  # noqa: BLE001  # the last place that can turn it into words
        from hansa.cli.faults import tell

        return tell(session.screen, fault)
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    main()
