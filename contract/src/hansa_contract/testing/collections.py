"""Private data collections of a chaincode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

IMPLICIT = "_implicit_org_"
"""Each member has a collection of its own that nobody defines."""


@dataclass(frozen=True)
class Collection:
    """As in a collection configuration; ``members`` are MSP ids.

    ``block_to_live`` 0 keeps data for ever. ``policy`` names the members that must all endorse a
    write, instead of the chaincode's policy.
    """

    name: str
    members: Sequence[str]
    block_to_live: int = 0
    member_only_read: bool = True
    member_only_write: bool = True
    policy: Sequence[str] = ()


def implicit(name: str) -> Collection | None:
    """The collection of one member, if the name is that of one."""
    member = name.removeprefix(IMPLICIT)
    if member == name or not member:
        return None
    return Collection(
        name, [member], member_only_read=False, member_only_write=False, policy=[member]
    )
