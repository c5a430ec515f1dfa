"""What chaincode writes on the caller's nodes, and what its builds said."""

from __future__ import annotations

from hansa.awsapi import hansafabric as api
from hansa.domain.caller import Caller
from hansa.domain.errors import ResourceNotReadyError
from hansa.domain.lifecycle import Status
from hansa.fabric.base import NodeFacts
from hansa.fabric.chaincodes import Chaincodes
from hansa.fabric.ledgers import Channel, Ledgers
from hansa.fabric.rpc.connections import UnreachableError
from hansa.operations.channel_requests import ChannelRequests
from hansa.operations.context import OperationContext
from hansa.operations.definitions import is_legacy
from hansa.operations.fabric_faults import fabric_faults
from hansa.operations.facts import node_facts
from hansa.operations.lookups import find_own_node, not_found
from hansa.operations.running import running_id
from hansa.store.operations import newest_operations_about

LINES_MAX = 100
"""Where the request does not say."""

_WITHOUT_DATA = (Status.CREATING, Status.CREATE_FAILED, Status.DELETING, Status.DELETED)


class ChaincodeLogs:
    """GetChaincodeLogs."""

    def __init__(self, context: OperationContext, ledgers: Ledgers, chaincodes: Chaincodes) -> None:
        self._context = context
        self._chaincodes = chaincodes
        self._requests = ChannelRequests(context, ledgers)

    def get(self, caller: Caller, request: api.GetChaincodeLogsInput) -> api.GetChaincodeLogsOutput:
        node = self._node(caller, request)
        channel = self._requests.find(caller, request["NetworkId"], request["ChannelName"])
        builds = request.get("Source") == "BUILD"
        running = self._running(node, channel, request["ChaincodeName"])
        asked = self._asked_for(caller, request, channel) if builds or not running else None
        package_id = asked or running
        if not package_id:
            raise not_found("Chaincode", request["ChaincodeName"])
        label = package_id.rpartition(":")[0]  # the chaincode's name by Fabric 1's lifecycle
        place, lines_max = request.get("Position"), request.get("MaxLines", LINES_MAX)
        with fabric_faults():
            if builds:
                part = self._chaincodes.read_build(node, label, place, lines_max)
            else:
                part = self._chaincodes.read_output(node, package_id, place, lines_max)
        return {
            "Lines": [*part.lines],
            "NextPosition": part.next_position,
            "PackageId": package_id,
        }

    def _node(self, caller: Caller, request: api.GetChaincodeLogsInput) -> NodeFacts:
        with self._context.store.read() as session:
            node = find_own_node(
                self._context, session, caller, request["NetworkId"], request["NodeId"], None
            )
            if node.status in _WITHOUT_DATA:
                raise ResourceNotReadyError(
                    f"Node {node.id} is {node.status}; only a node that is or was AVAILABLE has "
                    "logs of chaincode"
                )
            return node_facts(session, node)

    def _running(self, node: NodeFacts, channel: Channel, name: str) -> str | None:
        """The package that the node runs as this chaincode, as its ledger has it.

        None where there is none, or the node does not answer: then what it wrote is of most use.
        """
        with fabric_faults():
            try:
                return running_id(self._chaincodes, node, channel, name) or None
            except UnreachableError:
                return None

    def _asked_for(
        self, caller: Caller, request: api.GetChaincodeLogsInput, channel: Channel
    ) -> str | None:
        """The package of the newest operation on the chaincode: its build may have failed."""
        name = request["ChaincodeName"]
        with self._context.store.read() as session:
            for operation in newest_operations_about(
                session, caller.account_id, request["NetworkId"], name
            ):
                asked = operation.request
                if asked.get("ChannelName") == channel.name and asked.get("PackageId"):
                    if is_legacy(channel):
                        return f"{name}:{asked['Definition']['Version']}"
                    return str(asked["PackageId"])
        return None
