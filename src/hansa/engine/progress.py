"""How an installation tells what it is doing; the CLI draws it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told of every step, in order. Elapsed times are the receiver's to keep."""

    def begin(self, step: str, number: int, total: int) -> None:
        """Step ``number`` of ``total`` (from 1) begins."""
        ...

    def advance(self, fraction: float | None, detail: str) -> None:
        """The step goes on; ``fraction`` is in 0 to 1, None where it is not known."""
        ...

    def end(self, seconds: float, *, skipped: bool) -> None:
        """The step is done; ``skipped`` where it had been done before."""
        ...

    def note(self, text: str) -> None:
        """Something the user should know: a program that is installed, one that is missing."""
        ...


class Silent:
    """A progress that nobody watches."""

    def begin(self, step: str, number: int, total: int) -> None: ...

    def advance(self, fraction: float | None, detail: str) -> None: ...

    def end(self, seconds: float, *, skipped: bool) -> None: ...

    def note(self, text: str) -> None: ...
