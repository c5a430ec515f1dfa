"""``hansa completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from hansa.cli.commandline import Command
from hansa.cli.session import current


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the shell's completion script.

    For bash: `eval "$(hansa completion bash)"`, in ~/.bashrc to keep it.
    """
    found = get_completion_class(shell)
    root = click.get_current_context().find_root().command
    assert found is not None  # noqa: S101  # click.Choice lets only these through
    script = found(root, {}, "hansa", "_HANSA_COMPLETE").source()
    current().screen.result({"shell": shell, "script": script}, script)
