"""What a change of a channel would do, for those who are to decide about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from hansa.awsapi import hansafabric as api
from hansa.domain.agreement import fewest, holds, indispensable
from hansa.fabric.base import FabricError, NodeFacts
from hansa.fabric.chaincodes import Chaincodes, Definition
from hansa.fabric.endorsement import missing
from hansa.fabric.ledgers import ADMINS_POLICIES, Channel, Ledgers, Preview
from hansa.operations.consenters import quorum_after

_MEMBERS = "/Channel/Application/"
_NO_NODE = "none of your available nodes has joined the channel to ask about its chaincode"


class Previews:
    """Looks at channels and at the chaincode in them; changes nothing."""

    def __init__(self, ledgers: Ledgers, chaincodes: Chaincodes) -> None:
        self._ledgers = ledgers
        self._chaincodes = chaincodes

    def describe(
        self,
        channel: Channel,
        preview: Preview,
        own: set[str],
        nodes: Sequence[NodeFacts],
        quorum: api.ChannelQuorum | None,
    ) -> api.ChannelPreview:
        """``own`` are the caller's members, ``nodes`` its available nodes.

        ``quorum`` is what its orderers take then, where they change.
        """
        shown, unchecked = _describe(channel.members, preview, own, quorum), ""
        try:
            definitions = self._definitions(channel, nodes)
        except FabricError as fault:
            unchecked, definitions = str(fault), []
        lost = [
            each
            for definition in definitions
            for each in _lost_by(definition, channel, preview.after)
        ]
        unsatisfiable = [*(shown["Unsatisfiable"] or ()), *lost]
        return {**shown, "Unsatisfiable": unsatisfiable, "Unchecked": unchecked}

    def _definitions(self, channel: Channel, nodes: Sequence[NodeFacts]) -> list[Definition]:
        """The chaincode in force. Raises :class:`FabricError`."""
        for node in nodes:
            if self._ledgers.has_joined(node, channel.name):
                names = self._chaincodes.committed_names(node, channel.name)
                found = [self._chaincodes.committed(node, channel.name, name) for name in names]
                return [committed.definition for committed in found if committed is not None]
        raise FabricError(_NO_NODE)


def describe_creation(
    preview: Preview, own: set[str], running: AbstractSet[int]
) -> api.ChannelPreview:
    """A channel that is not there, and so has no chaincode.

    ``own`` are the caller's members, ``running`` the ports of the orderers that run now.
    """
    quorum = quorum_after(preview.after, preview.after.consenters, running)
    return _describe(preview.after.members, preview, own, quorum)


def locks(preview: Preview) -> bool:
    """Whether nobody could change the channel again."""
    return bool({*preview.lost} & {*ADMINS_POLICIES})


def _describe(
    members: list[str], preview: Preview, own: set[str], quorum: api.ChannelQuorum | None
) -> api.ChannelPreview:
    """Without its chaincode. ``members`` are those whom it is for to agree."""
    return {
        "Outcome": _outcome(preview, own, quorum),
        "Differences": [
            {"Path": line.path, "Before": line.before, "After": line.after}
            for line in preview.differences
        ],
        "Agreement": _agreement(members, preview, own),
        "Unsatisfiable": [
            {
                "Where": path,
                "Policy": preview.after.policies.get(path.removeprefix(_MEMBERS), ""),
                "Missing": "the channel's members together do not satisfy it",
            }
            for path in preview.lost
        ],
        "Unchecked": "",
        "Quorum": quorum,
    }


def _outcome(preview: Preview, own: set[str], quorum: api.ChannelQuorum | None) -> str:
    if not preview.differences:
        return "NO_CHANGE"
    if locks(preview) or (quorum is not None and quorum["Refusal"]):
        return "REFUSED"
    return "AT_ONCE" if holds(preview.agreement, own) else "PROPOSAL"


def _agreement(members: list[str], preview: Preview, own: set[str]) -> api.ChannelAgreement:
    return {
        "Policies": [*preview.asked],
        "Members": members,
        "Indispensable": indispensable(preview.agreement, members),
        "Needed": fewest(preview.agreement, members),
        "Own": [member for member in members if member in own],
    }


def _lost_by(
    definition: Definition, before: Channel, after: Channel
) -> Iterator[api.UnsatisfiablePolicy]:
    """The policies of chaincode that members could satisfy, and could no more."""
    rules = [(f"chaincode {definition.name}", definition.endorsement or "Endorsement")]
    for collection in definition.collections:
        where = f"collection {collection.name} of chaincode {definition.name}"
        rules.append((where, collection.members))
        if collection.endorsement:
            rules.append((f"endorsement in {where}", collection.endorsement))
    for where, rule in rules:
        absent = _absent(rule, after)
        if absent and not _absent(rule, before):
            yield {"Where": where, "Policy": _rule(rule, after) or rule, "Missing": absent}


def _absent(policy: str, channel: Channel) -> str:
    """Who is missing for ``policy`` among all members of the channel; empty for nobody."""
    rule = _rule(policy, channel)
    return missing(rule, channel.members, channel.members) if rule else f"a policy {policy}"


def _rule(policy: str, channel: Channel) -> str:
    """What a policy asks for that may be the name or path of one of the channel's."""
    name = policy.removeprefix(_MEMBERS)
    return policy if "'" in policy else channel.policies.get(name, "")
