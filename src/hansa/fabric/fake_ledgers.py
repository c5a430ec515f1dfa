"""Channels and chaincode without Fabric, for speed and for faults: the same promises.

``FakeNet`` is what ledgers and peers would hold, and outlives the service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hansa.chaincode.output import log_file
from hansa.domain.agreement import OutOf, Signature, all_of
from hansa.fabric.base import FabricError, NetworkFacts, NodeFacts
from hansa.fabric.chaincode_metrics import ChaincodeMetrics
from hansa.fabric.chaincodes import Committed, Definition, LogPart
from hansa.fabric.endorsement import missing
from hansa.fabric.fake_legacy import FakeLegacy
from hansa.fabric.ledgers import (
    ADMINS_POLICIES,
    Batches,
    Channel,
    ChannelChange,
    Difference,
    Preview,
    Standing,
    port_of,
)
from hansa.fabric.legacy import Installed, Instantiated

_POLICIES = {
    "Admins": "MAJORITY Admins",
    "Endorsement": "MAJORITY Endorsement",
    "LifecycleEndorsement": "MAJORITY Endorsement",
    "Readers": "ANY Readers",
    "Writers": "ANY Writers",
}
_BATCHES = Batches("10ms", 500, 2_097_152, 10_485_760)


@dataclass
class FakeNet:
    """``recent`` has channels as they were, where that is to be told.

    ``approved`` holds definitions with their packages, by channel, member and name.

    ``stopped`` are the ports of orderers that do not run, ``unsettled`` what others
    do about channels before they know better.

    ``acts`` is everything that was changed, in order. ``outputs`` and ``builds`` are the lines of
    logs, by node and by the chaincode's id or the package's label.
    """

    channels: dict[str, Channel] = field(default_factory=dict)
    recent: dict[str, Channel] = field(default_factory=dict)
    joined: dict[str, set[str]] = field(default_factory=dict)
    installed: dict[str, set[str]] = field(default_factory=dict)
    approved: dict[tuple[str, str, str], tuple[Definition, str]] = field(default_factory=dict)
    committed: dict[tuple[str, str], Definition] = field(default_factory=dict)
    initialized: dict[tuple[str, str], str] = field(default_factory=dict)
    legacy_installed: dict[str, list[Installed]] = field(default_factory=dict)
    instantiated: dict[tuple[str, str], Instantiated] = field(default_factory=dict)
    acts: list[str] = field(default_factory=list)
    stopped: set[int] = field(default_factory=set)
    unsettled: dict[int, Standing] = field(default_factory=dict)
    outputs: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    builds: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    metrics: dict[tuple[str, str, str], ChaincodeMetrics] = field(default_factory=dict)


class FakeLedgers:
    """Implements :class:`~hansa.fabric.ledgers.Ledgers` and
    :class:`~hansa.fabric.chaincodes.Chaincodes` on a :class:`FakeNet`.

    ``faults`` is called with the name of each point that is passed, and raises what is to go wrong.
    """

    def __init__(self, net: FakeNet, faults: Callable[[str], None] = lambda _point: None) -> None:
        self._net = net
        self._faults = faults
        self.legacy = FakeLegacy(net, faults)

    def channel_names(self, network: NetworkFacts) -> list[str]:
        self._faults(f"list {network.network_id}")
        return sorted(self._net.channels)

    def channel(self, network: NetworkFacts, name: str) -> Channel | None:
        self._faults(f"read {network.network_id}")
        return self._net.channels.get(name)

    def recent_channel(self, network: NetworkFacts, name: str) -> Channel | None:
        self._faults(f"read {network.network_id}")
        return self._net.recent.get(name) or self._net.channels.get(name)

    def create_channel(
        self, network: NetworkFacts, name: str, members: Sequence[str], capability: str
    ) -> bool:
        if self.channel(network, name) is not None:
            return False
        self._net.channels[name] = _created(network, name, members, capability)
        self._done(f"create {name}")
        return True

    def preview_creation(
        self, network: NetworkFacts, name: str, members: Sequence[str], capability: str
    ) -> Preview:
        self._faults(f"read {network.network_id}")
        after = _created(network, name, members, capability)
        shown = (
            Difference(f"/Channel/{key}", "", str(value))
            for key, value in sorted(vars(after).items())
        )
        any_of = OutOf(1, tuple(Signature(member) for member in after.members))
        asked = ("/Channel/Application/ChannelCreationPolicy",)
        return Preview(tuple(shown), any_of, asked, (), after)

    def change_channel(
        self, network: NetworkFacts, name: str, change: ChannelChange, signers: Sequence[str]
    ) -> bool:
        channel = self.channel(network, name)
        if channel is None:
            raise FabricError(f"channel {name} is not there any more")
        if change.capability is not None and 2 * len(signers) <= len(channel.members):
            raise FabricError("implicit policy evaluation failed")
        wanted = _changed(channel, change)
        if _lost(channel, wanted):
            raise FabricError("nobody could change the channel any more")
        if len({*channel.consenters} ^ {*wanted.consenters}) > 1:
            raise FabricError("update of more than one consenter at a time is not supported")
        if wanted == channel:
            return False
        self._net.channels[name] = replace(
            wanted, height=channel.height + 1, config_sequence=channel.config_sequence + 1
        )
        self._done(f"change {name}")
        return True

    def preview(self, network: NetworkFacts, name: str, change: ChannelChange) -> Preview:
        channel = self.channel(network, name)
        if channel is None:
            raise FabricError(f"channel {name} is not there any more")
        after = _changed(channel, change)
        majority = tuple(Signature(member) for member in channel.members)
        return Preview(
            differences=tuple(_differences(channel, after)),
            agreement=all_of([Signature(member) for member in change.anchor_peers])
            if change.anchor_peers
            else OutOf(len(majority) // 2 + 1, majority),
            asked=ADMINS_POLICIES[:1],
            lost=_lost(channel, after),
            after=after,
        )

    def running_orderers(self, network: NetworkFacts) -> frozenset[int]:
        self._faults(f"read {network.network_id}")
        return frozenset(port for port, _ in network.orderer_ports) - self._net.stopped

    def standing(self, network: NetworkFacts, name: str, port: int) -> Standing:
        channel = self.channel(network, name)
        orders = channel is not None and port in {*map(port_of, channel.consenters)}
        settled = Standing.ORDERS if orders else Standing.OUT
        return self._net.unsettled.get(port, settled)

    def joined_channels(self, node: NodeFacts) -> Mapping[str, int]:
        self._faults(f"read {node.node_id}")
        names = self._net.joined.get(node.node_id, set())
        return {name: self._net.channels[name].height for name in sorted(names)}

    def has_joined(self, node: NodeFacts, name: str) -> bool:
        self._faults(f"read {node.node_id}")
        return name in self._net.joined.get(node.node_id, set())

    def join_channel(self, network: NetworkFacts, node: NodeFacts, name: str) -> bool:
        if self.channel(network, name) is None:
            raise FabricError(f"there is no channel {name}")
        joined = self._net.joined.setdefault(node.node_id, set())
        if name in joined:
            return False
        joined.add(name)
        self._done(f"join {node.node_id} {name}")
        return True

    def leave_channel(self, node: NodeFacts, name: str) -> None:
        joined = self._net.joined.get(node.node_id, set())
        if name in joined:
            joined.remove(name)
            self._done(f"leave {node.node_id} {name}")

    def installed(self, node: NodeFacts) -> list[str]:
        self._faults(f"read {node.node_id}")
        return sorted(self._net.installed.get(node.node_id, set()))

    def install(self, node: NodeFacts, package_id: str, package: bytes) -> bool:
        if package_id in self.installed(node):
            return False
        if not package:
            raise FabricError("the package is empty")
        self._net.installed.setdefault(node.node_id, set()).add(package_id)
        self._done(f"install {node.node_id}")
        return True

    def committed(self, node: NodeFacts, channel: str, name: str) -> Committed | None:
        self._faults(f"read {node.node_id}")
        definition = self._net.committed.get((channel, name))
        if definition is None:
            return None
        return Committed(definition, self._approvals(channel, definition))

    def committed_names(self, node: NodeFacts, channel: str) -> list[str]:
        self._faults(f"read {node.node_id}")
        return sorted(name for where, name in self._net.committed if where == channel)

    def approved_package(self, node: NodeFacts, channel: str, definition: Definition) -> str | None:
        self._faults(f"read {node.node_id}")
        found = self._net.approved.get((channel, node.member_id, definition.name))
        return found[1] if found is not None and found[0] == definition else None

    def approve(
        self,
        network: NetworkFacts,
        node: NodeFacts,
        channel: str,
        definition: Definition,
        package_id: str,
    ) -> bool:
        self._faults(f"approve in {network.network_id}")
        if self.approved_package(node, channel, definition) == package_id:
            return False
        if self._net.committed.get((channel, definition.name)) != definition:
            self._check_is_next(channel, definition)
        self._net.approved[channel, node.member_id, definition.name] = (definition, package_id)
        self._done(f"approve {node.member_id} {definition.name}")
        return True

    def readiness(
        self, node: NodeFacts, channel: str, definition: Definition
    ) -> Mapping[str, bool]:
        self._faults(f"read {node.node_id}")
        self._check_is_next(channel, definition)
        return self._approvals(channel, definition)

    def commit(
        self,
        network: NetworkFacts,
        nodes: Sequence[NodeFacts],
        channel: str,
        definition: Definition,
    ) -> bool:
        self._faults(f"commit in {network.network_id}")
        if self._net.committed.get((channel, definition.name)) == definition:
            return False
        self._check_is_next(channel, definition)
        approvals = self._approvals(channel, definition)
        endorsers = {node.member_id for node in nodes}
        if not all(approvals[member] for member in endorsers):
            raise FabricError("chaincode definition not agreed to by this org")
        there = self._net.channels[channel]
        if missing(there.lifecycle_policy, endorsers, there.members):
            raise FabricError("ENDORSEMENT_POLICY_FAILURE")
        self._net.committed[channel, definition.name] = definition
        self._done(f"commit {definition.name} {definition.sequence}")
        return True

    def metrics(
        self, node: NodeFacts, channel: str, name: str, chaincode_id: str
    ) -> ChaincodeMetrics:
        self._faults(f"read {node.node_id} {chaincode_id}")
        return self._net.metrics.get((node.node_id, channel, name), ChaincodeMetrics())

    def output_ends(self, node: NodeFacts) -> Mapping[str, str]:
        return {
            log_file(Path(), chaincode_id).name: f"1-{len(lines)}-0"
            for (node_id, chaincode_id), lines in self._net.outputs.items()
            if node_id == node.node_id
        }

    def read_output(
        self, node: NodeFacts, chaincode_id: str, position: str | None, lines_max: int
    ) -> LogPart:
        return _part(self._net.outputs.get((node.node_id, chaincode_id), []), position, lines_max)

    def read_build(
        self, node: NodeFacts, label: str, position: str | None, lines_max: int
    ) -> LogPart:
        return _part(self._net.builds.get((node.node_id, label), []), position, lines_max)

    def _check_is_next(self, channel: str, definition: Definition) -> None:
        in_force = self._net.committed.get((channel, definition.name))
        if definition.sequence != (in_force.sequence if in_force else 0) + 1:
            raise FabricError(f"requested sequence is {definition.sequence}, which is not the next")

    def initialize(
        self, node: NodeFacts, channel: str, name: str, arguments: Sequence[str]
    ) -> bool:
        self._faults(f"read {node.node_id}")
        version = self._net.committed[channel, name].version
        if self._net.initialized.get((channel, name)) == version:
            return False
        self._net.initialized[channel, name] = version
        self._done(" ".join(["initialize", name, *arguments]))
        return True

    def _approvals(self, channel: str, definition: Definition) -> dict[str, bool]:
        return {
            member: self._net.approved.get((channel, member, definition.name), (None, ""))[0]
            == definition
            for member in self._net.channels[channel].members
        }

    def _done(self, act: str) -> None:
        self._net.acts.append(act)
        self._faults(f"done {act}")


def _part(lines: Sequence[str], position: str | None, lines_max: int) -> LogPart:
    if position is None:
        return LogPart(tuple(lines[-lines_max:]), f"1-{len(lines)}-0")
    begin = int(position.split("-")[1])
    found = tuple(lines[begin : begin + lines_max])
    return LogPart(found, f"1-{begin + len(found)}-0")


def _created(network: NetworkFacts, name: str, members: Sequence[str], capability: str) -> Channel:
    anchors: dict[str, tuple[str, ...]] = dict.fromkeys(members, ())
    consenters = tuple(f"localhost:{port}" for port, _ in sorted(network.orderer_ports))
    return Channel(name, 1, 1, anchors, capability, _BATCHES, _POLICIES, consenters=consenters)


def _changed(channel: Channel, change: ChannelChange) -> Channel:
    old, anchors = channel.batches, dict(channel.anchor_peers)
    if change.added_member is not None:
        anchors.setdefault(change.added_member, ())
    if change.removed_member is not None:
        anchors.pop(change.removed_member, None)
    anchors.update(change.anchor_peers)
    return replace(
        channel,
        capability=change.capability or channel.capability,
        anchor_peers=anchors,
        policies=_merged(channel.policies, change.policies),
        acls=_merged(channel.acls, change.acls),
        consenters=_ordered_by(channel.consenters, change.consenters),
        batches=Batches(
            change.timeout or old.timeout,
            change.messages_max or old.messages_max,
            change.preferred_bytes or old.preferred_bytes,
            change.absolute_bytes or old.absolute_bytes,
        ),
    )


def _ordered_by(present: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """``wanted``, if any, with the endpoints that are there as they are spelled."""
    ports = {*map(port_of, wanted or present)}
    spelled = {port_of(endpoint): endpoint for endpoint in (*wanted, *present)}
    return tuple(spelled[port] for port in sorted(ports))


def _merged(present: Mapping[str, str], changes: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value for name, value in {**present, **changes}.items() if value}


def _differences(before: Channel, after: Channel) -> Iterator[Difference]:
    old, new = vars(before), vars(after)
    for key in sorted(old):
        if old[key] != new[key]:
            yield Difference(f"/Channel/{key}", str(old[key]), str(new[key]))


def _lost(before: Channel, after: Channel) -> tuple[str, ...]:
    def is_lost(channel: Channel) -> bool:
        policy = channel.policies.get("Admins", "")
        return bool(missing(policy, channel.members, channel.members))

    return ADMINS_POLICIES[:1] if is_lost(after) and not is_lost(before) else ()
