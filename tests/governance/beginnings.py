"""What every history begins with."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from tests.simulation.world import World

from hansa.domain.caller import Caller


def caller(account: str) -> Caller:
    return Caller(account, f"arn:aws:iam::{account}:user/x", "AKID", "us-east-1")


@cache
def empty_store() -> dict[str, bytes]:
    """The files of a new installation: to make its store takes longer than a whole history."""
    with tempfile.TemporaryDirectory() as name:
        World(Path(name), seed=1).store.close()
        return {file.name: file.read_bytes() for file in Path(name).iterdir()}
