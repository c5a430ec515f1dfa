"""Operations are followed step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from hansa.client.installation import ClientError
from hansa.client.operations import Watch
from hansa.client.progress import Step

PENDING, RUNNING, DONE, FAILED = "PENDING", "IN_PROGRESS", "DONE", "FAILED"


class Line:
    """A step on a screen that keeps what it is told."""

    def __init__(self, lines: list[str], title: str) -> None:
        self.detail = ""
        self._lines = lines
        self._title = title

    def tell(self, fraction: float | None, text: str) -> None:
        self._lines.append(f"… {self._title}: {text}")


class Screen:
    """Collects the lines of the steps."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        line = Line(self.lines, title)
        try:
            yield line
        except ClientError:
            self.lines.append(f"✗ {title}")
            raise
        self.lines.append(f"✓ {title} {line.detail}".rstrip())


class Fabric:
    """Answers GetOperation with one state after another, the last one for ever."""

    def __init__(self, states: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> None:
        self._states = list(states)

    def get_operation(self, OperationId: str) -> dict[str, Any]:  # noqa: N803  # boto3's spelling
        status, steps = self._states[0]
        if len(self._states) > 1:
            del self._states[0]
        return {
            "Operation": {
                "Id": OperationId,
                "Action": "DeployChaincode",
                "Subject": "asset",
                "Status": status,
                "StatusReason": "main.go:3: undefined: x" if status == "FAILED" else "",
                "Steps": [
                    {"Name": f"Step {number}", "Status": each, "Detail": detail}
                    for number, (each, detail) in enumerate(steps)
                ],
            }
        }


def follow(*states: tuple[str, Sequence[tuple[str, str]]]) -> tuple[Any, list[str]]:
    """The operation, or the error's text, and the lines of the screen."""
    screen = Screen()
    watch = Watch(Fabric(states), screen.step, pause=lambda: None)
    try:
        return watch.follow("op-1")["Status"], screen.lines
    except ClientError as fault:
        return str(fault), screen.lines


def test_each_step_has_its_line_in_its_turn() -> None:
    status, lines = follow(
        ("PENDING", []),
        ("IN_PROGRESS", [(RUNNING, ""), (PENDING, "")]),
        ("IN_PROGRESS", [(RUNNING, "It is tried again"), (PENDING, "")]),
        ("IN_PROGRESS", [(DONE, "It was there"), (RUNNING, "")]),
        ("SUCCEEDED", [(DONE, "It was there"), (DONE, "")]),
    )
    assert status == "SUCCEEDED"
    assert lines == ["… Step 0: It is tried again", "✓ Step 0 It was there", "✓ Step 1"]


def test_what_is_done_before_the_first_look_is_told_too() -> None:
    status, lines = follow(("SUCCEEDED", [(DONE, ""), (DONE, "")]))
    assert (status, lines) == ("SUCCEEDED", ["✓ Step 0", "✓ Step 1"])


@pytest.mark.parametrize("steps", [[(FAILED, ""), (PENDING, "")], []])
def test_a_failure_is_told_with_its_reason(steps: list[tuple[str, str]]) -> None:
    told, lines = follow(("PENDING", []), ("FAILED", steps))
    assert "DeployChaincode of asset (operation op-1) has failed: main.go:3: undefined: x" in told
    assert "give the same command again" in told
    assert lines == (["✗ Step 0"] if steps else [])


def test_a_cancelled_operation_is_no_success() -> None:
    told, lines = follow(
        ("IN_PROGRESS", [(RUNNING, ""), (PENDING, "")]),
        ("CANCELLED", [(DONE, ""), (PENDING, "")]),
    )
    assert "was cancelled" in told
    assert lines == ["✓ Step 0"]
