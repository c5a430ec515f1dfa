"""What a change of a channel would do, from its configuration before and after. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from fabric_protos.common.configtx_pb2 import ConfigGroup

from hansa.domain.agreement import all_of, holds
from hansa.fabric.ledgers import ADMINS_POLICIES, Channel, Preview
from hansa.fabric.rpc.conditions import ADMINISTRATOR, TOP, condition_of, find_group, roles_of
from hansa.fabric.rpc.configs import APPLICATION
from hansa.fabric.rpc.differences import asked_policies, differences

# Who reads and who writes is one identity each time.
_ALONE = ("Readers", "Writers")
_SHARED = (TOP, f"{TOP}/{APPLICATION}", f"{TOP}/Orderer")


def preview_of(before: ConfigGroup, after: ConfigGroup, channel: Channel) -> Preview:
    """``before`` and ``after`` are the channel's top groups, ``channel`` is as it would be.

    What concerns all members takes the agreement of those who may change the members' group, be it
    the ordering service's to sign for in Fabric.
    """
    asked = asked_policies(before, after)
    if any(path.rpartition("/")[0] in _SHARED for path in asked):
        asked = sorted({*asked, ADMINS_POLICIES[0]})
    return _preview(before, asked, before, after, channel)


def preview_of_creation(template: ConfigGroup, after: ConfigGroup, channel: Channel) -> Preview:
    """``template`` is what a channel comes from, ``after`` its top group, ``channel`` the same."""
    return _preview(template, asked_policies(template, after), ConfigGroup(), after, channel)


def _preview(
    deciding: ConfigGroup,
    asked: list[str],
    before: ConfigGroup,
    after: ConfigGroup,
    channel: Channel,
) -> Preview:
    """The policies ``asked`` are those of ``deciding``; what is shown is told from ``before``."""
    return Preview(
        differences=tuple(differences(before, after)),
        agreement=all_of([condition_of(deciding, path, ADMINISTRATOR) for path in asked]),
        asked=tuple(asked),
        lost=tuple(lost_policies(before, after)),
        after=channel,
    )


def lost_policies(before: ConfigGroup, after: ConfigGroup) -> list[str]:
    """The policies that all members together satisfied and satisfy no more."""
    return [
        path
        for path in _paths(after)
        if _is_satisfiable(before, path, new=True) and not _is_satisfiable(after, path, new=False)
    ]


def _paths(top: ConfigGroup) -> Iterator[str]:
    for path in _SHARED:
        group = find_group(top, path)
        for name in sorted(group.policies) if group is not None else ():
            yield f"{path}/{name}"


def _is_satisfiable(top: ConfigGroup, path: str, *, new: bool) -> bool:
    """``new`` is what counts for a policy that is not there."""
    group_path, _, name = path.rpartition("/")
    group = find_group(top, group_path)
    if group is None or name not in group.policies:
        return new
    members, condition = (
        sorted(top.groups[APPLICATION].groups),
        condition_of(top, path, roles_of(name)),
    )
    if name in _ALONE:
        return any(holds(condition, [member]) for member in members)
    return holds(condition, members)
