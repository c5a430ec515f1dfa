"""``hansa tls-chain``."""

from __future__ import annotations

from pathlib import Path

import click

from hansa.cli.commandline import Command
from hansa.cli.session import current
from hansa.client.installation import ClientError


@click.command("tls-chain", cls=Command)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write it to FILE."
)
def tls_chain(output: Path | None) -> None:
    """Print the TLS chain that every endpoint of this installation is verified with.

    It is the guide's managedblockchain-tls-chain.pem.
    """
    session = current()
    source = session.installation().tls_chain
    if not source.exists():
        raise ClientError(
            f"there is no TLS chain in {session.data_dir} yet: it is made at the first start. "
            "Start the service with `hansa up`."
        )
    text = source.read_text()
    if output is None:
        session.screen.result({"path": str(source), "pem": text}, text.rstrip("\n"))
        return
    output.write_text(text)
    session.screen.result({"path": str(output)}, f"Written to {output}.")
