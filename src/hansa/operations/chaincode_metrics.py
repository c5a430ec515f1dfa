"""How chaincode does on the caller's nodes."""

from __future__ import annotations

from hansa.awsapi import hansafabric as api
from hansa.domain.caller import Caller
from hansa.fabric.base import NodeFacts
from hansa.fabric.chaincodes import Chaincodes
from hansa.fabric.ledgers import Channel, Ledgers
from hansa.operations.channel_requests import ChannelRequests
from hansa.operations.context import OperationContext
from hansa.operations.fabric_faults import fabric_faults
from hansa.operations.lookups import not_found
from hansa.operations.running import running_id


class ChaincodeMetricsRequests:
    """GetChaincodeMetrics."""

    def __init__(self, context: OperationContext, ledgers: Ledgers, chaincodes: Chaincodes) -> None:
        self._ledgers = ledgers
        self._chaincodes = chaincodes
        self._requests = ChannelRequests(context, ledgers)

    def get(
        self, caller: Caller, request: api.GetChaincodeMetricsInput
    ) -> api.GetChaincodeMetricsOutput:
        channel = self._requests.find(caller, request["NetworkId"], request["ChannelName"])
        available = self._requests.own_nodes(caller, request["NetworkId"], channel)
        name = request["ChaincodeName"]
        first = self._requests.joined(available, channel)
        with fabric_faults():
            nodes = [n for n in available if self._ledgers.has_joined(n, channel.name)]
            if running_id(self._chaincodes, first, channel, name) is None:
                raise not_found("Chaincode", name)
            return {"Nodes": [self._node_metrics(node, channel, name) for node in nodes]}

    def _node_metrics(self, node: NodeFacts, channel: Channel, name: str) -> api.ChaincodeMetrics:
        chaincode_id = running_id(self._chaincodes, node, channel, name) or name
        found = self._chaincodes.metrics(node, channel.name, name, chaincode_id)
        return {
            "NodeId": node.node_id,
            "MemberId": node.member_id,
            "Calls": found.calls,
            "FailedCalls": found.failed_calls,
            "CallSeconds": found.call_seconds,
            "StateRequests": found.state_requests,
            "Starts": found.starts,
            "FailedStarts": found.failed_starts,
            "Timeouts": found.timeouts,
            "Transactions": dict(found.transactions),
        }
