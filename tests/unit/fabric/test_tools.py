from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from hansa.fabric.base import FabricError
from hansa.fabric.tools import FabricTools


@dataclass(frozen=True)
class Scripts:
    """An engine whose programs are shell scripts."""

    root: Path

    def binary(self, name: str) -> Path:
        return self.root / name


@pytest.fixture
def engine(tmp_path: Path) -> Scripts:
    return Scripts(tmp_path)


def script(engine: Scripts, name: str, text: str) -> None:
    path = engine.binary(name)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)


def test_a_message_goes_through_the_translator(engine: Scripts) -> None:
    script(engine, "configtxlator", 'echo "{\\"args\\": \\"$*\\", \\"in\\": $(/bin/cat)}"')
    fabric = FabricTools(engine)
    encoded = b'{"args": "proto_encode --type common.Block", "in": {"a": 1}}\n'
    assert fabric.encode("common.Block", {"a": 1}) == encoded
    assert fabric.decode("common.Block", b"7") == {
        "args": "proto_decode --type common.Block",
        "in": 7,
    }


def test_only_the_given_environment_is_seen(
    engine: Scripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORE_PEER_LOCALMSPID", "of-the-shell")
    script(engine, "peer", 'echo "$CORE_PEER_LOCALMSPID $GIVEN"')
    assert FabricTools(engine).run("peer", ("version",), environment={"GIVEN": "x"}) == b" x\n"


def test_a_failure_gives_the_reason_and_not_the_whole_log(engine: Scripts) -> None:
    script(engine, "peer", 'echo "a line" >&2; echo "Error: no such channel" >&2; echo >&2; exit 1')
    with pytest.raises(FabricError) as fault:
        FabricTools(engine).run("peer", ("channel", "fetch"))
    assert str(fault.value) == "peer channel failed: Error: no such channel"


def test_a_tool_that_hangs_is_ended(engine: Scripts) -> None:
    script(engine, "peer", "exec /bin/sleep 60")
    with pytest.raises(FabricError, match="no result within"):
        FabricTools(engine).run("peer", ("channel", "list"), seconds_max=0.05)


def test_a_missing_tool_says_where_to_look(engine: Scripts) -> None:
    with pytest.raises(FabricError, match="hansa engine status"):
        FabricTools(engine).run("peer", ("channel", "list"))
