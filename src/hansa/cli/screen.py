"""What the user sees: results on stdout, progress and errors on stderr.

On a terminal, progress moves and results have colour; elsewhere every line is plain and final.
With ``--json`` stdout carries one JSON value and nothing else.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

Clock = Callable[[], float]

PLAIN_SECONDS = 10
"""How often a step's progress is told where there is no terminal."""

_SEQUENCE = re.compile("\x1b\\[[0-?]*[ -/]*[@-~]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def plain(text: str) -> str:
    """``text`` without what would move a terminal's cursor or change its colours: for logs."""
    return _CONTROL.sub("·", _SEQUENCE.sub("", text))


@dataclass
class Screen:
    """``json`` asks for machine-readable results; ``clock`` measures, in seconds."""

    json: bool = False
    clock: Clock = time.monotonic
    out: Console = field(default_factory=lambda: Console(file=sys.stdout, highlight=False))
    err: Console = field(
        default_factory=lambda: Console(file=sys.stderr, stderr=True, highlight=False)
    )

    def result(self, value: Any, *lines: str) -> None:
        """The outcome of a command: ``value`` as JSON, or ``lines`` for a person."""
        if self.json:
            sys.stdout.write(json.dumps(value, indent=2, default=str) + "\n")
        else:
            for line in lines:
                self.out.print(line, markup=False, soft_wrap=True)

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Columns as wide as they need to be, nothing cut off; nothing where JSON was asked for."""
        widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in (head, *rows)
        ]
        if not self.json:
            self.out.print(lines[0], markup=False, style="bold", soft_wrap=True)
            for line in lines[1:]:
                self.out.print(line, markup=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """Tell what goes on."""
        self.err.print(text, markup=False, soft_wrap=True)

    def fault(self, message: str) -> None:
        """An error: one paragraph of what happened, why, and what to do."""
        width = min(self.err.width, 100)
        text = "\n".join(
            textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)
            if self.err.is_terminal
            else line
            for line in f"hansa: {message}".splitlines()
        )
        self.err.print(text, markup=False, style="red", soft_wrap=True)

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """A line of a progress list: moves while the block runs, then says how it ended.

        ``step.detail`` is shown beside it, ``step.tell(0.4, "text")`` moves a bar; a step that
        turns out to be ``quiet`` leaves no line.
        """
        step = Step(title)
        began = self.clock()
        try:
            if self.err.is_terminal:
                with self.err.status(title, spinner="dots") as status:
                    step.listener = status.update
                    yield step
            else:
                step.listener = self._plain()
                yield step
        except BaseException:
            self.err.print(f"  ✗ {title}", markup=False, style="red", soft_wrap=True)
            raise
        if not step.quiet:
            self.done(title, step.detail, f"{self.clock() - began:6.2f} s")

    def _plain(self) -> Callable[[str], None]:
        """Without a terminal: progress is told now and then, one line each."""
        told = self.clock()

        def listen(text: str) -> None:
            nonlocal told
            if self.clock() - told >= PLAIN_SECONDS:
                told = self.clock()
                self.err.print(f"  · {text}", markup=False, soft_wrap=True)

        return listen

    def done(self, title: str, detail: str, took: str = "") -> None:
        """A line of the progress list for what is done."""
        line = f"  ✓ {title:<44} {took:>8}  {detail}".rstrip()
        self.err.print(line, markup=False, soft_wrap=True)


@dataclass
class Step:
    """A running step of a progress list."""

    title: str
    detail: str = ""
    quiet: bool = False
    listener: Callable[[str], Any] | None = None

    def tell(self, fraction: float | None, text: str) -> None:
        """``fraction`` of the work is done (0 to 1, None: unknown); ``text`` is what goes on."""
        bar = f" {_bar(fraction)}" if fraction is not None else ""
        if self.listener is not None:
            self.listener(f"{self.title}{bar} {text}".rstrip())


def _bar(fraction: float, width: int = 24) -> str:
    full = round(max(0.0, min(1.0, fraction)) * width)
    return f"{'━' * full}{'╌' * (width - full)} {fraction:4.0%}"
