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
        self._chaincodes = chaincodes
        self._requests = ChannelRequests(context, ledgers)

    def get(
        self, caller: Caller, request: api.GetChaincodeMetricsInput
    ) -> api.GetChaincodeMetricsOutput:
        channel = self._requests.find(caller, request["NetworkId"], request["ChannelName"])
        available = self._requests.own_nodes(caller, request["NetworkId"], channel)
        nodes = self._requests.all_joined(available, channel)
        name = request["ChaincodeName"]
        with fabric_faults():
            running = [running_id(self._chaincodes, node, channel, name) for node in nodes]
            if running[0] is None:
                raise not_found("Chaincode", name)
            return {
                "Nodes": [
                    self._node_metrics(node, channel, name, chaincode_id or name)
                    for node, chaincode_id in zip(nodes, running, strict=True)
                ]
            }

    def _node_metrics(
        self, node: NodeFacts, channel: Channel, name: str, chaincode_id: str
    ) -> api.ChaincodeMetrics:
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
