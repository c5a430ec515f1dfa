"""Chaincode on peers and in channels. What is in force is asked of Fabric each time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hansa.awsapi import hansafabric as api
from hansa.domain.caller import Caller
from hansa.domain.errors import ResourceNotReadyError
from hansa.domain.lifecycle import Status
from hansa.fabric.base import NodeFacts
from hansa.fabric.chaincodes import Chaincodes, Definition
from hansa.fabric.ledgers import Channel, Ledgers
from hansa.operations.channel_requests import (
    ChannelRequests,
    check_takes_part,
    own_members,
)
from hansa.operations.context import OperationContext
from hansa.operations.definitions import (
    check_definition,
    check_lifecycle,
    complete_definition,
    spell,
)
from hansa.operations.fabric_faults import fabric_faults
from hansa.operations.facts import available_nodes
from hansa.operations.lists import name_page
from hansa.operations.lookups import find_network, find_own_member, find_own_node, not_found
from hansa.operations.packages import find_package
from hansa.store.database import Session
from hansa.store.members import get_member
from hansa.store.operation_tables import Operation
from hansa.store.operations import open_operations


@dataclass(frozen=True)
class _Asked:
    """A request about a definition, read: ``node`` is a peer of the member in the channel."""

    channel: Channel
    node: NodeFacts
    definition: Definition


class ChaincodeRequests:
    """InstallChaincode, ApproveChaincode, CheckCommitReadiness, CommitChaincode,
    DeployChaincode, ListChaincodes.
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
            asked = {"NodeId": node.id, "PackageId": package.package_id}
            return self._requests.record(session, member, "InstallChaincode", package.label, asked)

        return {"OperationId": self._requests.once(caller, "InstallChaincode", request, install)}

    def approve(
        self, caller: Caller, request: api.ApproveChaincodeInput
    ) -> api.ApproveChaincodeOutput:
        asked = self._read(caller, request, request.get("PackageId"))
        extra = {"PackageId": request.get("PackageId", "")}
        return {"OperationId": self._record(caller, "ApproveChaincode", request, asked, extra)}

    def commit(
        self, caller: Caller, request: api.CommitChaincodeInput
    ) -> api.CommitChaincodeOutput:
        asked = self._read(caller, request, None)
        return {"OperationId": self._record(caller, "CommitChaincode", request, asked, {})}

    def deploy(
        self, caller: Caller, request: api.DeployChaincodeInput
    ) -> api.DeployChaincodeOutput:
        asked = self._read(caller, request, request["PackageId"])
        extra = {"PackageId": request["PackageId"]}
        return {"OperationId": self._record(caller, "DeployChaincode", request, asked, extra)}

    def readiness(
        self, caller: Caller, request: api.CheckCommitReadinessInput
    ) -> api.CheckCommitReadinessOutput:
        asked = self._read(caller, request, None)
        with fabric_faults():
            approvals = self._chaincodes.readiness(asked.node, asked.channel.name, asked.definition)
        return {"Approvals": dict(approvals)}

    def list(self, caller: Caller, request: api.ListChaincodesInput) -> api.ListChaincodesOutput:
        channel = self._requests.find(caller, request["NetworkId"], request["ChannelName"])
        check_lifecycle(channel)
        with self._context.store.read() as session:
            network = find_network(self._context, session, caller, request["NetworkId"])
            own = own_members(session, network, caller) & {*channel.members}
            nodes = available_nodes(session, sorted(own))
        node = self._requests.joined(nodes, channel)
        with fabric_faults():
            names = self._chaincodes.committed_names(node, channel.name)
            shown, token = name_page("ListChaincodes", names, request)
            found = [self._chaincodes.committed(node, channel.name, name) for name in shown]
        chaincodes: list[api.Chaincode] = [
            {
                "Definition": spell(committed.definition),
                "Approvals": dict(committed.approvals),
            }
            for committed in found
            if committed is not None
        ]
        return {"Chaincodes": chaincodes, "NextToken": token}

    def _read(
        self,
        caller: Caller,
        request: api.DeployChaincodeInput
        | api.ApproveChaincodeInput
        | api.CommitChaincodeInput
        | api.CheckCommitReadinessInput,
        package_id: str | None,
    ) -> _Asked:
        channel = self._requests.find(caller, request["NetworkId"], request["ChannelName"])
        check_lifecycle(channel)
        check_definition(request["Definition"], channel)
        with self._context.store.read() as session:
            member = find_own_member(
                self._context, session, caller, request["NetworkId"], request["MemberId"]
            )
            check_takes_part(channel, member)
            if package_id is not None:
                find_package(session, caller, package_id)
            nodes = available_nodes(session, [member.id])
        node = self._requests.joined(nodes, channel)
        name = request["Definition"]["Name"]
        with fabric_faults():
            committed = self._chaincodes.committed(node, channel.name, name)
            is_same_package = committed is not None and package_id in (
                None,
                self._chaincodes.approved_package(node, channel.name, committed.definition),
            )
        definition = complete_definition(
            request["Definition"], committed, is_same_package=is_same_package
        )
        return _Asked(channel, node, definition)

    def _record(
        self,
        caller: Caller,
        action: str,
        request: api.DeployChaincodeInput | api.ApproveChaincodeInput | api.CommitChaincodeInput,
        asked: _Asked,
        extra: Mapping[str, str],
    ) -> str:
        def record(session: Session) -> Operation:
            member = find_own_member(
                self._context, session, caller, request["NetworkId"], request["MemberId"]
            )
            name = asked.definition.name
            for operation in open_operations(session, member.network_id):
                if operation.request.get("ChaincodeName") == name and (
                    operation.request.get("ChannelName") == asked.channel.name
                ):
                    raise ResourceNotReadyError(
                        f"Operation {operation.id} on chaincode {name} of channel "
                        f"{asked.channel.name} is under way; try again when it has ended"
                    )
            recorded = {
                "ChannelName": asked.channel.name,
                "ChaincodeName": name,
                "Definition": spell(asked.definition),
                **extra,
            }
            return self._requests.record(session, member, action, name, recorded)

        return self._requests.once(caller, action, request, record)
