"""Logs are followed through packages that come and come back."""

from __future__ import annotations

from typing import Any

from hansa.client.chaincode_logs import LogReader


class Fabric:
    """Answers with the log of the package that runs now; a position is its package and a number."""

    def __init__(self) -> None:
        self.logs: dict[str, list[str]] = {}
        self.package = "a:1"

    def get_chaincode_logs(self, MaxLines: int, Position: str = "") -> dict[str, Any]:  # noqa: N803
        lines = self.logs.setdefault(self.package, [])
        package, _, number = Position.partition(" ")
        begin = max(0, len(lines) - MaxLines)
        if Position:
            begin = int(number) if package == self.package else 0
        told = {"PackageId": self.package, "NextPosition": f"{self.package} {len(lines)}"}
        return {"Lines": lines[begin:], **told}


def test_a_package_that_comes_back_is_read_on() -> None:
    fabric = Fabric()
    fabric.logs["a:1"] = ["old"]
    reader = LogReader(fabric, {})
    assert reader.last(0) == []
    fabric.logs["a:1"].append("one")
    assert reader.more() == ["one"]
    fabric.package = "b:2"
    fabric.logs["b:2"] = ["first", "second"]
    assert reader.more() == ["first", "second"]
    assert reader.more() == []
    fabric.package = "a:1"
    fabric.logs["a:1"].append("two")
    assert reader.more() == ["two"]


def test_the_last_lines_are_those_that_are_asked_for() -> None:
    fabric = Fabric()
    fabric.logs["a:1"] = ["one", "two", "three"]
    assert LogReader(fabric, {}).last(2) == ["two", "three"]
    assert LogReader(fabric, {}).last(9) == ["one", "two", "three"]
    assert LogReader(fabric, {}).more() == ["one", "two", "three"]
