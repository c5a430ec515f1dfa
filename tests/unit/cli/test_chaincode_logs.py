"""`hansa chaincode logs` over a client that answers from memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hansa.cli.commands import chaincode_logs
from hansa.cli.main import run
from hansa.client import api as client_api

Hansa = Callable[..., int]


class Fabric:
    """``written`` has the lines of each log by node and source."""

    def __init__(self) -> None:
        self.written: dict[tuple[str, str], list[str]] = {}
        self.nodes = [("nd-1", "m-1"), ("nd-2", "m-2")]

    def list_channels(self, **_: Any) -> Any:
        return {"Channels": [{"Name": "trade"}]}

    def get_channel(self, **_: Any) -> Any:
        nodes = [{"NodeId": node, "MemberId": member} for node, member in self.nodes]
        return {"Channel": {"Nodes": nodes}}

    def get_chaincode_logs(self, **asked: Any) -> Any:
        assert asked["ChaincodeName"] == "asset"
        lines = self.written.get((asked["NodeId"], asked["Source"]), [])
        begin = int(asked.get("Position", max(0, len(lines) - asked["MaxLines"])))
        return {"Lines": lines[begin:], "NextPosition": str(len(lines))}


@pytest.fixture
def fabric(monkeypatch: pytest.MonkeyPatch) -> Fabric:
    made = Fabric()
    networks = {"Networks": [{"Id": "n-1", "Name": "net", "Status": "AVAILABLE"}]}
    members = {"Members": [{"Id": "m-1", "Name": "one"}, {"Id": "m-2", "Name": "two"}]}
    api = SimpleNamespace(list_networks=lambda: networks, list_members=lambda **_: members)
    monkeypatch.setattr(client_api, "managedblockchain", lambda _: api)
    monkeypatch.setattr(client_api, "hansafabric", lambda _: made)
    return made


@pytest.fixture
def hansa(fabric: Fabric, tmp_path: Path) -> Hansa:
    return lambda *arguments: run(["--data-dir", str(tmp_path), "chaincode", *arguments])


def test_both_logs_of_every_node_are_shown(
    hansa: Hansa, fabric: Fabric, capsys: pytest.CaptureFixture[str]
) -> None:
    fabric.written["nd-1", "BUILD"] = ["built in 1 s"]
    fabric.written["nd-1", "OUTPUT"] = [f"line {number}" for number in range(9)]
    fabric.written["nd-2", "OUTPUT"] = ["[bold] \x1b[31mred\x07"]
    assert hansa("logs", "asset", "--lines", "2") == 0
    assert capsys.readouterr().out.splitlines() == [
        "==> build on nd-1 <==",
        "built in 1 s",
        "==> output on nd-1 <==",
        "line 7",
        "line 8",
        "==> output on nd-2 <==",
        "[bold] red·",
    ]


def test_one_log_of_one_member_is_shown_as_json(
    hansa: Hansa, fabric: Fabric, capsys: pytest.CaptureFixture[str]
) -> None:
    fabric.written["nd-2", "BUILD"] = ["main.go:3: undefined: x"]
    assert hansa("logs", "asset", "--member", "two", "--only", "build", "--json") == 0
    told = {"Node": "nd-2", "Source": "BUILD", "Lines": ["main.go:3: undefined: x"]}
    assert json.loads(capsys.readouterr().out) == [told]


def test_what_is_written_is_followed(
    hansa: Hansa,
    fabric: Fabric,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = fabric.written["nd-1", "OUTPUT"] = ["old", "older"]
    writes = iter((["one", "two"], ["three"]))

    def pause(_seconds: float) -> None:
        try:
            lines.extend(next(writes))
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr(chaincode_logs.time, "sleep", pause)
    assert hansa("logs", "asset", "--follow", "--lines", "0", "--node", "nd-1") == 130
    assert capsys.readouterr().out.splitlines() == [
        "==> output on nd-1 <==", "one", "two", "three",
    ]  # fmt: skip


def test_nothing_to_show_is_said(
    hansa: Hansa, fabric: Fabric, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hansa("logs", "asset") == 0
    assert "asset has written nothing yet" in capsys.readouterr().err
    fabric.nodes = []
    assert hansa("logs", "asset") == 5
    assert "--node ID" in capsys.readouterr().err
