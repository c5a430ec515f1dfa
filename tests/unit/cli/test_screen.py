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


def _screen(error: StringIO, *ticks: float, json: bool = False) -> Screen:
    """One whose clock shows ``ticks``, one after another."""
    times = iter(ticks)
    console = Console(file=error, width=200, highlight=False)
    return Screen(err=console, clock=lambda: next(times), json=json)


def test_a_step_is_told_when_it_ends(error: StringIO) -> None:
    with _screen(error, 1.0, 1.0, 3.5).step("Network AVAILABLE") as step:
        step.detail = "n-A"
    (line,) = error.getvalue().splitlines()
    assert line.split() == ["✓", "Network", "AVAILABLE", "2.50", "s", "n-A"]


def test_progress_is_told_now_and_then(error: StringIO) -> None:
    with _screen(error, 0, 0, 5, 11, 11, 12, 99).step("compile peer") as step:
        step.tell(0.1, "runtime")
        step.tell(0.5, "net/http")
        step.tell(0.6, "grpc")
    lines = error.getvalue().splitlines()
    assert lines[0].split() == ["·", "compile", "peer", "━" * 12 + "╌" * 12, "50%", "net/http"]
    assert lines[1].split() == ["✓", "compile", "peer", "99.00", "s"]
    assert len(lines) == 2


def test_a_quiet_step_leaves_no_line(error: StringIO) -> None:
    with _screen(error, 0, 0, 1).step("compile peer") as step:
        step.quiet = True
    assert error.getvalue() == ""


def test_a_step_that_fails_is_marked(error: StringIO) -> None:
    with pytest.raises(ValueError, match="no"), _screen(error, 0, 0).step("Node"):
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
