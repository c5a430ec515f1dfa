"""What of a tool's output is told to the user."""

from __future__ import annotations

import pytest

from hansa.client.peer_cli import reason

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
