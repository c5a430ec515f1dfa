"""Plain output without a terminal."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from rich.console import Console

from hansa.cli.screen import Screen


@pytest.fixture
def error() -> StringIO:
    return StringIO()


def _screen(error: StringIO, **options: bool) -> Screen:
    ticks = iter([1.0, 3.5])
    console = Console(file=error, width=200, highlight=False)
    return Screen(err=console, clock=lambda: next(ticks), **options)


def test_a_step_is_told_when_it_begins_moves_and_ends(error: StringIO) -> None:
    with _screen(error).step("Network AVAILABLE") as step:
        step.tell(0.5, "half")
        step.tell(0.5, "half")
        step.detail = "n-A"
    lines = error.getvalue().splitlines()
    assert lines[0] == "  · Network AVAILABLE …"
    assert lines[1].split() == ["Network", "AVAILABLE", "━" * 12 + "╌" * 12, "50%", "half"]
    assert lines[2].split() == ["✓", "Network", "AVAILABLE", "2.50", "s", "n-A"]
    assert len(lines) == 3


def test_a_step_that_fails_is_marked(error: StringIO) -> None:
    with pytest.raises(ValueError, match="no"), _screen(error).step("Node"):
        raise ValueError("no")
    assert error.getvalue().splitlines()[-1] == "  ✗ Node"


def test_json_is_all_there_is_on_stdout(
    error: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    _screen(error, json=True).result({"a": [1]}, "for a person")
    assert json.loads(capsys.readouterr().out) == {"a": [1]}


def test_text_is_printed_as_it_is(error: StringIO) -> None:
    screen = _screen(error)
    screen.fault("[red] is no markup: `x[0]`")
    assert error.getvalue() == "hansa: [red] is no markup: `x[0]`\n"
