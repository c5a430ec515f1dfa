"""What went wrong, in words for the user."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError
from botocore.exceptions import ClientError as ApiError

from hansa.cli.exits import Exit, exit_code
from hansa.cli.screen import Screen
from hansa.client.api import describe
from hansa.client.installation import ClientError


def tell(screen: Screen, fault: Exception) -> Exit:
    """Show ``fault``; the exit code of a command that ends with it."""
    if isinstance(fault, ClientError):
        screen.fault(str(fault))
        return exit_code(fault)
    if isinstance(fault, ApiError | BotoCoreError):
        screen.fault(f"the API refused: {describe(fault)}")
        return Exit.FAILED
    if isinstance(fault, OSError):
        screen.fault(f"the system refused: {fault}.")
        return Exit.FAILED
    screen.fault(
        f"an error that was not foreseen: {type(fault).__name__}: {fault}. Please report it with "
        "the command you gave and the output of `hansa doctor --json`."
    )
    return Exit.FAILED
