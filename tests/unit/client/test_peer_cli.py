"""What of a tool's output is told to the user."""

from __future__ import annotations

from pathlib import Path

import pytest

from hansa.client.environment import MemberFacts
from hansa.client.peer_cli import PeerCli, reason

LOGGED = (
    "\x1b[35m2026-01-01 00:00:00.001 UTC 0004 FATA\x1b[0m [common.tools.configtxgen] "
    "\x1b[35;1mmain\x1b[0m -> Error on outputChannelCreateTx: no policies defined\n"
)


@pytest.mark.parametrize(
    ("stderr", "told"),
    [
        ("", "it gave no reason."),
        (LOGGED, "Error on outputChannelCreateTx: no policies defined."),
        ("Usage:\nError: endorsement failure\nmore\n", "endorsement failure."),
    ],
)
def test_the_reason_is_found(stderr: str, told: str) -> None:
    assert reason(stderr) == told


def test_a_command_before_there_is_a_leader_is_given_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fabric's text, from its chain of the consensus type etcdraft."""
    monkeypatch.setattr("hansa.client.peer_cli.LEADER_PAUSE_SECONDS", 0)
    script = tmp_path / "peer"
    script.write_text(
        "#!/bin/sh\n"
        "if [ -e started ]; then echo done; exit 0; fi\n"
        "touch started; echo 'SERVICE_UNAVAILABLE -- no Raft leader' >&2; exit 1\n"
    )
    script.chmod(0o755)
    member = MemberFacts("n-A", "m-A", "localhost:1", "localhost:2", "localhost:3", "nd-A")
    cli = PeerCli(member, {"PATH": f"{tmp_path}:/usr/bin:/bin"}, tmp_path, tmp_path / "chain")
    assert cli.run(str(script), "chaincode", "invoke") == "done\n"
