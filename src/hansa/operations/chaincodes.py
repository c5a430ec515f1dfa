"""Chaincode on peers and in channels. What is in force is asked of Fabric each time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hansa.awsapi import hansafabric as api
from hansa.domain.caller import Caller
from hansa.domain.errors import InvalidRequestError, ResourceNotFoundError, ResourceNotReadyError
from hansa.domain.lifecycle import Status
from hansa.domain.operation import OperationStatus
from hansa.fabric.base import NodeFacts
from hansa.fabric.chaincodes import Chaincodes, Definition
from hansa.fabric.endorsement import missing
from hansa.fabric.ledgers import Channel, Ledgers
from hansa.fabric.legacy import legacy_package
from hansa.operations.channel_requests import ChannelRequests, own_nodes
from hansa.operations.context import OperationContext
from hansa.operations.definitions import (
    check_definition,
    check_lifecycle,
    complete_definition,
    is_legacy,
    spell,
)
from hansa.operations.fabric_faults import fabric_faults
from hansa.operations.facts import available_nodes
from hansa.operations.legacy import (
    check_legacy_definition,
    check_legacy_language,
    complete_legacy,
)
from hansa.operations.lists import name_page
from hansa.operations.lookups import find_own_member, find_own_node, not_found
from hansa.operations.packages import find_package, package_file
from hansa.store.database import Session
from hansa.store.members import get_member
from hansa.store.networks import require_network
from hansa.store.operation_tables import Operation
from hansa.store.operations import open_operations

_Defining = (
    api.DeployChaincodeInput
    | api.UpgradeChaincodeInput
    | api.ApproveChaincodeInput
    | api.CommitChaincodeInput
)


@dataclass(frozen=True)
class _Asked:
    """A request about a definition, read: ``node`` is a peer of the member in the channel."""

    channel: Channel
    node: NodeFacts
    definition: Definition
    in_force: Definition | None


class ChaincodeRequests:
    """InstallChaincode, ApproveChaincode, CheckCommitReadiness, CommitChaincode,
    DeployChaincode, UpgradeChaincode, ListChaincodes.
    """

    def __init__(self, context: OperationContext, ledgers: Ledgers, chaincodes: Chaincodes) -> None:
        self._context = context
        self._ledgers = ledgers
        self._chaincodes = chaincodes
        self._requests = ChannelRequests(context, ledgers)

    def install(
        self, caller: Caller, request: api.InstallChaincodeInput
    ) -> api.InstallChaincodeOutput:
        def install(session: Session) -> Operation:
            node = find_own_node(
                self._context, session, caller, request["NetworkId"], request["NodeId"], None
            )
            if node.status not in (Status.AVAILABLE, Status.UPDATING):
                raise ResourceNotReadyError(
                    f"Node {node.id} is {node.status}; "
                    "chaincode can be installed once it is AVAILABLE"
                )
            package = find_package(session, caller, request["PackageId"])
            member = get_member(session, node.network_id, node.member_id)
            if member is None:
                raise not_found("Member", node.member_id)
            legacy = _legacy_name(request)
            if legacy:
                check_legacy_language(package.language)
            asked = {"NodeId": node.id, "PackageId": package.package_id, **legacy}
            return self._requests.record(session, member, "InstallChaincode", package.label, asked)

        return {"OperationId": self._requests.once(caller, "InstallChaincode", request, install)}

    def approve(
        self, caller: Caller, request: api.ApproveChaincodeInput
    ) -> api.ApproveChaincodeOutput:
        asked = self._read(caller, request, request.get("PackageId"))
        extra = {"PackageId": request.get("PackageId", "")}
        answer = self._record(caller, "ApproveChaincode", request, asked, extra)
        return {"OperationId": answer["OperationId"]}

    def commit(
        self, caller: Caller, request: api.CommitChaincodeInput
    ) -> api.CommitChaincodeOutput:
        asked = self._read(caller, request, None)
        answer = self._record(caller, "CommitChaincode", request, asked, {})
        return {"OperationId": answer["OperationId"]}

    def deploy(
        self, caller: Caller, request: api.DeployChaincodeInput
    ) -> api.DeployChaincodeOutput:
        asked = self._read_deployment(caller, request)
        return self._deploy(caller, "DeployChaincode", request, asked)

    def upgrade(
        self, caller: Caller, request: api.UpgradeChaincodeInput
    ) -> api.UpgradeChaincodeOutput:
        name = request["Definition"]["Name"]
        asked = self._read_deployment(caller, request)
        if asked.in_force is None:
            raise ResourceNotFoundError(
                f"No chaincode {name} is in force on channel {asked.channel.name}, so there is "
                "none to upgrade; list-chaincodes shows which are, and deploy-chaincode begins one",
                name,
            )
        return self._deploy(caller, "UpgradeChaincode", request, asked)

    def _deploy(
        self,
        caller: Caller,
        action: str,
        request: api.DeployChaincodeInput | api.UpgradeChaincodeInput,
        asked: _Asked,
    ) -> api.DeployChaincodeOutput:
        propose = request.get("Propose")
        if propose is None:
            propose = not asked.definition.is_legacy and self._needs_others(
                caller, request["NetworkId"], asked
            )
        extra = {
            "PackageId": request["PackageId"],
            "InitArguments": request.get("InitArguments") or [],
        }
        answer = self._record(caller, action, request, asked, extra, propose=propose)
        return {"OperationId": answer["OperationId"], "ProposalId": answer["ProposalId"]}

    def _needs_others(self, caller: Caller, network_id: str, asked: _Asked) -> bool:
        """Whether the caller's members, and those that have approved it, are too few."""
        if asked.definition == asked.in_force:
            return False
        channel = asked.channel
        nodes = self._requests.own_nodes(caller, network_id, channel)
        with fabric_faults():
            own = {node.member_id for node in nodes if self._ledgers.has_joined(node, channel.name)}
            approvals = self._chaincodes.readiness(asked.node, channel.name, asked.definition)
        agreed = own | {member for member, approved in approvals.items() if approved}
        return bool(missing(channel.lifecycle_policy, agreed, channel.members))

    def readiness(
        self, caller: Caller, request: api.CheckCommitReadinessInput
    ) -> api.CheckCommitReadinessOutput:
        asked = self._read(caller, request, None)
        with fabric_faults():
            approvals = self._chaincodes.readiness(asked.node, asked.channel.name, asked.definition)
        return {"Approvals": dict(approvals)}

    def list(self, caller: Caller, request: api.ListChaincodesInput) -> api.ListChaincodesOutput:
        channel = self._requests.find(caller, request["NetworkId"], request["ChannelName"])
        nodes = self._requests.own_nodes(caller, request["NetworkId"], channel)
        node = self._requests.joined(nodes, channel)
        with fabric_faults():
            committed, kept = self._names(node, channel)
            shown, token = name_page("ListChaincodes", sorted(committed | kept), request)
            found = [self._shown(node, channel, name, is_kept=name in kept) for name in shown]
        return {"Chaincodes": [item for item in found if item is not None], "NextToken": token}

    def _names(self, node: NodeFacts, channel: Channel) -> tuple[set[str], set[str]]:
        """By Fabric 2's lifecycle; and by Fabric 1's, which a raised channel keeps."""
        legacy = {*self._chaincodes.legacy.instantiated_names(node, channel.name)}
        if is_legacy(channel):
            return set(), legacy
        committed = {*self._chaincodes.committed_names(node, channel.name)}
        return committed, legacy - committed

    def _shown(
        self, node: NodeFacts, channel: Channel, name: str, *, is_kept: bool
    ) -> api.Chaincode | None:
        if is_kept:
            instantiated = self._chaincodes.legacy.instantiated(node, channel.name, name)
            if instantiated is None:
                return None
            return {"Definition": spell(instantiated.definition), "Approvals": {}}
        committed = self._chaincodes.committed(node, channel.name, name)
        if committed is None:
            return None
        return {"Definition": spell(committed.definition), "Approvals": dict(committed.approvals)}

    def _read_deployment(
        self, caller: Caller, request: api.DeployChaincodeInput | api.UpgradeChaincodeInput
    ) -> _Asked:
        channel = self._requests.find(caller, request["NetworkId"], request["ChannelName"])
        if is_legacy(channel):
            return self._read_legacy(caller, request, channel)
        if request.get("InitArguments") and not request["Definition"].get("InitRequired"):
            raise InvalidRequestError(
                "The request is not valid: 'initArguments' are for a definition with 'initRequired'"
            )
        return self._read(caller, request, request["PackageId"])

    def _read_legacy(
        self,
        caller: Caller,
        request: api.DeployChaincodeInput | api.UpgradeChaincodeInput,
        channel: Channel,
    ) -> _Asked:
        definition, name = request["Definition"], request["Definition"]["Name"]
        check_definition(definition, channel)
        check_legacy_definition(definition, channel)
        with self._context.store.read() as session:
            member = self._requests.find_participant(session, caller, request, channel)
            package = find_package(session, caller, request["PackageId"])
            check_legacy_language(package.language)
            network = require_network(session, member.network_id)
            nodes = own_nodes(session, network, caller, channel)
        own = [node for node in nodes if node.member_id == request["MemberId"]]
        node = self._requests.joined(own, channel)
        content = package_file(self._context, request["PackageId"]).read_bytes()
        legacy = self._chaincodes.legacy
        with fabric_faults():
            in_force = legacy.instantiated(node, channel.name, name)
            installed = [found for each in nodes for found in legacy.installed(each)]
        completed = complete_legacy(
            definition, channel.members, legacy_package(content, name, ""), in_force, installed
        )
        return _Asked(channel, node, completed, in_force.definition if in_force else None)

    def _read(
        self,
        caller: Caller,
        request: _Defining | api.CheckCommitReadinessInput,
        package_id: str | None,
    ) -> _Asked:
        channel = self._requests.find(caller, request["NetworkId"], request["ChannelName"])
        check_lifecycle(channel)
        check_definition(request["Definition"], channel)
        with self._context.store.read() as session:
            member = self._requests.find_participant(session, caller, request, channel)
            if package_id is not None:
                find_package(session, caller, package_id)
            nodes = available_nodes(session, [member.id])
        node = self._requests.joined(nodes, channel)
        name = request["Definition"]["Name"]
        with fabric_faults():
            committed = self._chaincodes.committed(node, channel.name, name)
            # A member without the chaincode that is in force takes it up with a package of its own.
            is_same_package = committed is not None and (
                package_id is None
                or self._chaincodes.approved_package(node, channel.name, committed.definition)
                in (None, "", package_id)
            )
        definition = complete_definition(
            request["Definition"], committed, is_same_package=is_same_package
        )
        return _Asked(channel, node, definition, committed.definition if committed else None)

    def _record(
        self,
        caller: Caller,
        action: str,
        request: _Defining,
        asked: _Asked,
        extra: Mapping[str, Any],
        *,
        propose: bool = False,
    ) -> Mapping[str, Any]:
        """OperationId and ProposalId of what is recorded, to be done at once or if voted for."""

        def record(session: Session) -> Operation:
            member = find_own_member(
                self._context, session, caller, request["NetworkId"], request["MemberId"]
            )
            name, channel = asked.definition.name, asked.channel.name
            _check_is_free(session, member.network_id, channel, name, propose=propose)
            recorded = {
                "ChannelName": channel,
                "ChaincodeName": name,
                "Definition": spell(asked.definition),
                **extra,
            }
            if not propose:
                return self._requests.record(session, member, action, name, recorded)
            number = asked.definition.sequence or asked.definition.version
            what = f"{action} {name} {number} on {channel}"
            description = f"{what}: {extra['PackageId']}"
            return self._requests.propose(session, member, action, name, recorded, description)

        return self._requests.answer(caller, action, request, record)


def _check_is_free(
    session: Session, network_id: str, channel: str, name: str, *, propose: bool
) -> None:
    """Raise :class:`ResourceNotReadyError` while something else is done to the chaincode.

    What awaits a vote hinders nobody who approves by hand, but a second proposal.
    """
    for operation in open_operations(session, network_id):
        is_undecided = operation.status == OperationStatus.AWAITING_APPROVAL
        if (operation.request.get("ChaincodeName"), operation.request.get("ChannelName")) != (
            name,
            channel,
        ) or (is_undecided and not propose):
            continue
        if is_undecided:
            raise ResourceNotReadyError(
                f"Proposal {operation.proposal_id} on chaincode {name} of channel {channel} is "
                "being voted on; vote on it, or approve by hand, with ApproveChaincode or with "
                "--no-propose"
            )
        raise ResourceNotReadyError(
            f"Operation {operation.id} on chaincode {name} of channel {channel} is under way; "
            "try again when it has ended"
        )


def _legacy_name(request: api.InstallChaincodeInput) -> dict[str, str]:
    """For Fabric 1's lifecycle, both; for Fabric 2's, neither."""
    name, version = request.get("LegacyName"), request.get("LegacyVersion")
    if name is None and version is None:
        return {}
    if name is None or version is None:
        raise InvalidRequestError(
            "The request is not valid: 'legacyName' and 'legacyVersion' go together"
        )
    return {"LegacyName": name, "LegacyVersion": version}
