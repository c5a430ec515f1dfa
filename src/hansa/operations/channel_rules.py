"""Which changes of a channel can be asked for. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hansa.domain.errors import IllegalActionError, InvalidRequestError
from hansa.fabric.acls import RESOURCES
from hansa.fabric.ledgers import Channel, ChannelChange, capability_rank
from hansa.fabric.rpc.policies import META, PolicySyntaxError, parse_policy

_WHOLE, _MEMBERS = "/Channel/", "/Channel/Application/"
# What the group of each member has, and what the policies of all members together may count.
_OF_MEMBERS = ("Admins", "Endorsement", "Readers", "Writers")
_CHANGED_HERE = (
    f"Those of its members together, {_MEMBERS}NAME, can be changed here, by name or in full"
)
_NAME = re.compile(r"[A-Za-z0-9.-]{1,100}\Z")


def policy_changes(policies: Mapping[str, str]) -> dict[str, str]:
    """The policies by one name each: those of the members together without their path."""
    return {name.removeprefix(_MEMBERS): " ".join(rule.split()) for name, rule in policies.items()}


def acl_changes(acls: Mapping[str, str]) -> dict[str, str]:
    """The policy of each resource by its path; a plain name is one of the members' policies."""
    return {
        resource: policy if policy.startswith("/") or not policy else f"{_MEMBERS}{policy}"
        for resource, policy in acls.items()
    }


def check_change(channel: Channel, change: ChannelChange) -> None:
    """Raises :class:`InvalidRequestError`, :class:`IllegalActionError`."""
    if change == ChannelChange():
        raise _invalid(
            "give at least one of 'batches', 'capability', 'policies' and 'acls' to be changed"
        )
    _check_batches(channel, change)
    _check_capability(channel, change.capability)
    for name, rule in change.policies.items():
        _check_policy(channel, name, rule)
    _check_acls(channel, change)


def _check_batches(channel: Channel, change: ChannelChange) -> None:
    preferred = change.preferred_bytes or channel.batches.preferred_bytes
    absolute = change.absolute_bytes or channel.batches.absolute_bytes
    if preferred > absolute:
        raise _invalid(
            f"'batches.preferredMaxBytes' would be {preferred}, more than "
            f"'batches.absoluteMaxBytes', {absolute}"
        )


def _check_capability(channel: Channel, capability: str | None) -> None:
    if capability is not None and capability_rank(capability) < capability_rank(channel.capability):
        raise IllegalActionError(
            f"Channel {channel.name} has capability {channel.capability}, which cannot be lowered "
            f"to {capability}: its ledger may hold what the lower one does not know"
        )


def _check_policy(channel: Channel, name: str, rule: str) -> None:
    if name.startswith(_WHOLE):
        raise _invalid(
            f"'policies' names {name}; the ordering service and all peers rest on the policies of "
            f"the orderers and of the whole channel, which are changed by hand. {_CHANGED_HERE}"
        )
    member, slash, _ = name.partition("/")
    if slash and member in channel.anchor_peers:
        raise _invalid(
            f"'policies' names {_MEMBERS}{name}; the policies of one member are its own, which it "
            f"changes by hand. {_CHANGED_HERE}"
        )
    if not _NAME.match(name):
        raise _invalid(f"'policies' names {name!r}; a name is of letters, digits, dots and dashes")
    if not rule:
        if name in _OF_MEMBERS or name not in channel.policies:
            raise _invalid(f"'policies' takes {name} away, which is not there or cannot be spared")
        return
    meta = META.match(rule)
    if meta is None:
        _check_signature_policy(channel, name, rule)
    elif meta["name"] not in _OF_MEMBERS:
        raise _invalid(
            f"'policies' has '{rule}' for {name}: members have no policy {meta['name']}; they "
            f"have {', '.join(_OF_MEMBERS)}"
        )


def _check_signature_policy(channel: Channel, name: str, rule: str) -> None:
    try:
        named = parse_policy(rule)[1]
    except PolicySyntaxError as fault:
        raise _invalid(
            f"'policies' has no policy for {name}: {fault}. It is one such as 'MAJORITY Admins', "
            "'ANY Readers' or \"OutOf(2, 'm-A.peer', 'm-B.peer', 'm-C.peer')\""
        ) from fault
    strangers = sorted({*named} - {*channel.members})
    if strangers:
        raise _invalid(
            f"'policies' names {strangers[0]} for {name}, which takes no part in channel "
            f"{channel.name}"
        )


def _check_acls(channel: Channel, change: ChannelChange) -> None:
    policies = {**channel.policies, **change.policies}
    known = {name for name, rule in policies.items() if rule}
    for resource, policy in change.acls.items():
        if resource not in RESOURCES:
            raise _invalid(
                f"'acls' names the resource {resource}, which peers do not know; they know "
                f"{', '.join(sorted(RESOURCES))}"
            )
        if policy and not _is_known(channel, policy, known):
            raise _invalid(
                f"'acls' has {policy} for {resource}, a policy that the channel does not have"
            )
    spent = {name for name in channel.policies if name not in known}
    for resource, policy in {**channel.acls, **change.acls}.items():
        if policy.removeprefix(_MEMBERS) in spent:
            raise _invalid(
                f"'policies' takes {policy} away, which 'acls' asks for before {resource}; give "
                "that another policy, too, or an empty one for Fabric's own"
            )


def _is_known(channel: Channel, policy: str, known: set[str]) -> bool:
    """Of the members together, of the whole channel, or of one member."""
    if not policy.startswith("/"):
        return policy in known
    if policy in known or policy.removeprefix(_MEMBERS) in known:
        return True
    member, _, name = policy.removeprefix(_MEMBERS).partition("/")
    return member in channel.anchor_peers and name in _OF_MEMBERS


def _invalid(what: str) -> InvalidRequestError:
    return InvalidRequestError(f"The request is not valid: {what}")
