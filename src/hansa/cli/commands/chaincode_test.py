"""``hansa chaincode test``: a contract's own unit tests."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from hansa.cli.commandline import Command
from hansa.cli.session import current


@click.command(cls=Command)
@click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path()
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--language",
    type=click.Choice(["golang", "java", "node", "python"]),
    help="What it is written in.  [default: as its project file shows]",
)
def test(folder: Path, arguments: tuple[str, ...], language: str | None) -> int:
    """Run the unit tests of the contract in FOLDER, by default the current one.

    By `go test`, `npm test`, `mvn test` (or Gradle), or pytest with hansa-contract; with the
    engine's programs and what they have fetched already. The exit code is theirs. ARGUMENTS go to
    them: `hansa chaincode test . -- -run Created`.
    """
    from hansa.chaincode.config import BuildError, load_config
    from hansa.cli.engine_setup import find_engine
    from hansa.client.contract_tests import plan_tests
    from hansa.client.installation import ClientError
    from hansa.client.sources import detect_language

    screen = current().screen
    chosen = language or detect_language(folder)
    try:
        builders = load_config(find_engine().root / "builders" / "config.json")
        planned = plan_tests(folder, chosen, builders, arguments)
    except BuildError as fault:
        raise ClientError(f"the tests cannot be run: {fault}.") from fault
    code = planned.run(sys.stderr.fileno() if screen.json else None)
    screen.result({"Folder": str(folder), "Language": chosen, "ExitCode": code})
    return code
