"""How long work tells what it does, whatever shows it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol


class Step(Protocol):
    """A running step, as the screen shows it; ``detail`` is told once it is done."""

    detail: str

    def tell(self, fraction: float | None, text: str) -> None:
        """``fraction`` of it is done (0 to 1, None: unknown); ``text`` is what goes on."""


Progress = Callable[[str], AbstractContextManager[Step]]
"""Shows a step while it runs, by its title."""
