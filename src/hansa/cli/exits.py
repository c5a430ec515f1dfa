"""What the command's exit codes mean; docs/cli.md tells users."""

from __future__ import annotations

from enum import IntEnum

from hansa.client.installation import ClientError, NotReadyError, NotRunningError


class Exit(IntEnum):
    """Exit codes of every command; 2 and 130 are click's and the shell's own meanings."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_RUNNING = 3
    NO_ENGINE = 4
    NOT_READY = 5
    FINDINGS = 6
    INTERRUPTED = 130


MEANINGS = {
    Exit.OK: "It is done, or was already so.",
    Exit.FAILED: "It failed; the message says why and what to do.",
    Exit.USAGE: "The command line cannot be understood.",
    Exit.NOT_RUNNING: "The service does not run: `hansa up` starts it.",
    Exit.NO_ENGINE: "The engine is missing or broken: `hansa engine install` makes it.",
    Exit.NOT_READY: "A resource that is needed is not there, or not AVAILABLE.",
    Exit.FINDINGS: "`hansa doctor` (or its `auth`) found something that has to be mended, or "
    "`hansa audit verify` a broken record.",
    Exit.INTERRUPTED: "Interrupted (Ctrl-C); the same command goes on from there.",
}


class EngineMissingError(ClientError):
    """There is no usable engine."""


def exit_code(fault: ClientError) -> Exit:
    """The exit code of a command that ended with ``fault``."""
    if isinstance(fault, NotRunningError):
        return Exit.NOT_RUNNING
    if isinstance(fault, EngineMissingError):
        return Exit.NO_ENGINE
    if isinstance(fault, NotReadyError):
        return Exit.NOT_READY
    return Exit.FAILED
