"""Peer nodes of a member."""

from __future__ import annotations

from typing import cast

from hansa.awsapi import managedblockchain as api
from hansa.domain import names
from hansa.domain.caller import Caller
from hansa.domain.editions import Edition
from hansa.domain.errors import (
    InvalidRequestError,
    ResourceLimitExceededError,
    ResourceNotReadyError,
)
from hansa.domain.lifecycle import Kind, Status
from hansa.operations.context import OperationContext
from hansa.operations.limits import edition_limits
from hansa.operations.lists import given, gone_before, page
from hansa.operations.lookups import find_network, find_own_member, find_own_node
from hansa.operations.reservations import reserve
from hansa.operations.tags import check_tags
from hansa.operations.tokens import answer_once
from hansa.store.database import Session
from hansa.store.nodes import NODES_OF_NETWORK, present_nodes
from hansa.store.pages import Filters
from hansa.store.ports import ports_of
from hansa.store.resources import change_status, record_creation
from hansa.store.tables import Member, Network, Node
from hansa.store.tags import get_tags, put_tags
from hansa.store.work import add_work

_UPDATABLE = (Status.AVAILABLE, Status.UPDATING, Status.UNHEALTHY)


class Nodes:
    """CreateNode, ListNodes, GetNode, UpdateNode, DeleteNode."""

    def __init__(self, context: OperationContext) -> None:
        self._context = context

    def create(self, caller: Caller, request: api.CreateNodeInput) -> api.CreateNodeOutput:
        _require_member_id(request.get("MemberId"))
        check_tags(request.get("Tags") or {})
        now = self._context.now()
        with self._context.store.write() as session:
            answer = answer_once(
                session, caller, "CreateNode", request, now,
                lambda: self._create(session, caller, request),
            )  # fmt: skip
        self._context.wake()
        return answer

    def _create(
        self, session: Session, caller: Caller, request: api.CreateNodeInput
    ) -> api.CreateNodeOutput:
        context, now = self._context, self._context.now()
        network = find_network(context, session, caller, request["NetworkId"])
        member = find_own_member(context, session, caller, network.id, request["MemberId"])
        configuration = request["NodeConfiguration"]
        edition = edition_limits(context.settings, network.edition)
        _check_configuration(configuration, network, edition)
        _check_ready(network, member)
        _check_room(session, member, edition)
        node = Node(
            id=names.new_id("node", context.choice),
            network_id=network.id,
            member_id=member.id,
            account_id=caller.account_id,
            instance_type=configuration["InstanceType"],
            availability_zone=configuration.get("AvailabilityZone") or f"{network.region}a",
            state_db="LevelDB",
            log_publishing=configuration.get("LogPublishingConfiguration"),
            kms_key_arn=member.kms_key_arn,
            status=Status.CREATING,
            status_reason="The peer is being started",
            created_at=now,
        )
        session.add(node)
        session.flush()
        for purpose in ("peer", "chaincode", "operations"):
            reserve(context, session, node.id, purpose)
        put_tags(session, node.id, request.get("Tags") or {})
        record_creation(session, node, now)
        add_work(session, Kind.NODE, node.id, now)
        return {"NodeId": node.id}

    def list(self, caller: Caller, request: api.ListNodesInput) -> api.ListNodesOutput:
        """The caller's own nodes in the network; nodes are seen by their owner only."""
        with self._context.store.read() as session:
            network = find_network(self._context, session, caller, request["NetworkId"])
            equal = {"account_id": caller.account_id, **given(request, "Status")}
            if "MemberId" in request:
                member = find_own_member(
                    self._context, session, caller, network.id, request["MemberId"]
                )
                equal["member_id"] = member.id
            filters = Filters(
                {"network_id": network.id}, equal, gone_before=gone_before(self._context)
            )
            rows, token = page(session, "ListNodes", NODES_OF_NETWORK, filters, request)
            return {"Nodes": [_summary(row, network.region) for row in rows], "NextToken": token}

    def get(self, caller: Caller, request: api.GetNodeInput) -> api.GetNodeOutput:
        with self._context.store.read() as session:
            node = self._find(session, caller, request)
            region = find_network(self._context, session, caller, node.network_id).region
            return {"Node": self._describe(session, node, region)}

    def update(self, caller: Caller, request: api.UpdateNodeInput) -> api.UpdateNodeOutput:
        """Change what logs are published. The reconciler takes it from UPDATING to AVAILABLE."""
        now = self._context.now()
        with self._context.store.write() as session:
            node = self._find(session, caller, request)
            if node.status not in _UPDATABLE:
                raise ResourceNotReadyError(
                    f"Node {node.id} is {node.status}; it can be updated once it is AVAILABLE"
                )
            if "LogPublishingConfiguration" in request:
                node.log_publishing = dict(request["LogPublishingConfiguration"])
                if node.status == Status.AVAILABLE:
                    change_status(session, node, Status.UPDATING, "Its logs are being set", now)
                    add_work(session, Kind.NODE, node.id, now)
        self._context.wake()
        return {}

    def delete(self, caller: Caller, request: api.DeleteNodeInput) -> api.DeleteNodeOutput:
        now = self._context.now()
        with self._context.store.write() as session:
            node = self._find(session, caller, request)
            if node.status in (Status.CREATING, Status.UPDATING):
                raise ResourceNotReadyError(
                    f"Node {node.id} is {node.status}; "
                    "it can be deleted once it is AVAILABLE or CREATE_FAILED"
                )
            if node.status not in (Status.DELETING, Status.DELETED):
                change_status(session, node, Status.DELETING, "Deletion was asked for", now)
                add_work(session, Kind.NODE, node.id, now)
        self._context.wake()
        return {}

    def _find(
        self,
        session: Session,
        caller: Caller,
        request: api.GetNodeInput | api.UpdateNodeInput | api.DeleteNodeInput,
    ) -> Node:
        network_id, node_id = request["NetworkId"], request["NodeId"]
        member_id = request.get("MemberId")
        return find_own_node(self._context, session, caller, network_id, node_id, member_id)

    def _describe(self, session: Session, node: Node, region: str) -> api.Node:
        port = ports_of(session, node.id).get(("peer", 0))
        shown = port is not None and node.status != Status.CREATING
        spelled = self._context.endpoints.in_region(region)
        endpoint = (
            spelled.peer(node.id, node.member_id, node.network_id, port) if shown and port else None
        )
        return {
            "NetworkId": node.network_id,
            "MemberId": node.member_id,
            "Id": node.id,
            "InstanceType": node.instance_type,
            "AvailabilityZone": node.availability_zone,
            # A peer serves channel events on its one port since Fabric 1.3.
            "FrameworkAttributes": {
                "Fabric": {"PeerEndpoint": endpoint, "PeerEventEndpoint": endpoint}
            },
            "LogPublishingConfiguration": cast(
                "api.NodeLogPublishingConfiguration | None", node.log_publishing
            ),
            "StateDB": node.state_db,
            "Status": node.status,
            "StatusReason": node.status_reason,
            "CreationDate": node.created_at,
            "Tags": get_tags(session, node.id),
            "Arn": names.node_arn(region, node.account_id, node.id),
            "KmsKeyArn": node.kms_key_arn,
        }  # fmt: skip


def _summary(node: Node, region: str) -> api.NodeSummary:
    return {
        "Id": node.id,
        "Status": node.status,
        "CreationDate": node.created_at,
        "AvailabilityZone": node.availability_zone,
        "InstanceType": node.instance_type,
        "Arn": names.node_arn(region, node.account_id, node.id),
    }


def _require_member_id(member_id: str | None) -> None:
    if member_id is None:
        raise InvalidRequestError(
            "Value null at 'memberId' failed to satisfy constraint: Member must not be null; "
            "MemberId is required for Hyperledger Fabric"
        )


def _check_configuration(
    configuration: api.NodeConfiguration, network: Network, edition: Edition
) -> None:
    faults = []
    if configuration["InstanceType"] not in edition.instance_types:
        faults.append(
            f"'nodeConfiguration.instanceType' is {configuration['InstanceType']}; in a "
            f"{edition.name} network it is one of {', '.join(sorted(edition.instance_types))}"
        )
    zone = configuration.get("AvailabilityZone")
    letter = zone.removeprefix(network.region) if zone else "a"
    if len(letter) != 1 or not "a" <= letter <= "f":
        faults.append(
            f"'nodeConfiguration.availabilityZone' is {zone}; "
            f"zones of {network.region} are {network.region}a to {network.region}f"
        )
    if configuration.get("StateDB") == "CouchDB":
        faults.append(
            "'nodeConfiguration.stateDB' is CouchDB, which this installation does not have; "
            "leave it out or use LevelDB"
        )
    if faults:
        raise InvalidRequestError(f"The request is not valid: {'; '.join(faults)}")


def _check_ready(network: Network, member: Member) -> None:
    for noun, resource in (("Network", network), ("Member", member)):
        if resource.status not in (Status.AVAILABLE, Status.UPDATING):
            raise ResourceNotReadyError(
                f"{noun} {resource.id} is {resource.status}; "
                "a node can be created once it is AVAILABLE"
            )


def _check_room(session: Session, member: Member, edition: Edition) -> None:
    limit = edition.nodes_per_member_max
    if len(present_nodes(session, member.id)) >= limit:
        raise ResourceLimitExceededError(
            f"Member {member.id} already has {limit} nodes, which is the limit of a {edition.name} "
            f"network; delete one, or raise the setting {edition.name.lower()}_nodes_per_member_max"
        )
