"""What histories are drawn from, and what each begins with."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from hypothesis import strategies as st
from tests.simulation.world import World

from hansa.domain.caller import Caller

ACCOUNTS = [digit * 12 for digit in "1234"]
STRANGER = "9" * 12
HOURS_THAT_PASS = [1, 12, 24]
NAMES = ["org2", "org3", "org4", "org5"]

accounts = st.sampled_from(ACCOUNTS)
fates = st.sampled_from(["succeeds", "succeeds", "succeeds", "fails"])
thieves = st.sampled_from([None, None, None, None, *ACCOUNTS])


policies = st.tuples(
    st.sampled_from([50, 50, 50, 66, 33]) | st.integers(0, 100),
    st.sampled_from(["GREATER_THAN", "GREATER_THAN_OR_EQUAL_TO"]),
)


def caller(account: str) -> Caller:
    return Caller(account, f"arn:aws:iam::{account}:user/x", "AKID", "us-east-1")


@cache
def empty_store() -> dict[str, bytes]:
    """The files of a new installation: to make its store takes longer than a whole history."""
    with tempfile.TemporaryDirectory() as name:
        World(Path(name), seed=1).store.close()
        return {file.name: file.read_bytes() for file in Path(name).iterdir()}
