"""Calls of chaincode as a member."""

from __future__ import annotations

from hansa.awsapi import hansafabric as api
from hansa.domain.caller import Caller
from hansa.domain.errors import IllegalActionError, InvalidRequestError
from hansa.fabric.chaincodes import Chaincodes
from hansa.fabric.ledgers import Channel, Ledgers
from hansa.fabric.rpc.proposals import Call
from hansa.fabric.transactions import VALID, Transactions
from hansa.fabric.validation import meaning, remedy
from hansa.operations.channel_requests import ChannelRequests, own_nodes
from hansa.operations.context import OperationContext
from hansa.operations.fabric_faults import fabric_faults
from hansa.operations.failed_calls import Asked, FailedCalls
from hansa.operations.ledger_shapes import as_text
from hansa.operations.submissions import Submissions
from hansa.store.networks import require_network


class TransactionRequests:
    """InvokeChaincode, QueryChaincode."""

    def __init__(
        self,
        context: OperationContext,
        ledgers: Ledgers,
        chaincodes: Chaincodes,
        transactions: Transactions,
    ) -> None:
        self._context = context
        self._transactions = transactions
        self._failed_calls = FailedCalls(context, chaincodes, transactions)
        self._submissions = Submissions(context, transactions)
        self._requests = ChannelRequests(context, ledgers)

    def invoke(
        self, caller: Caller, request: api.InvokeChaincodeInput
    ) -> api.InvokeChaincodeOutput:
        asked = self._read(caller, request)
        with fabric_faults(), self._failed_calls.told(asked):
            outcome = self._submissions.submit(asked, request)
        if outcome.code != VALID:
            raise IllegalActionError(
                f"Transaction {outcome.transaction_id} is in block {outcome.block_number} and "
                f"does not count, because {meaning(outcome.code)} ({outcome.code}). "
                f"{remedy(outcome.code)}. GetTransaction tells more"
            )
        return {
            "TransactionId": outcome.transaction_id,
            "Result": outcome.result,
            "ResultText": as_text(outcome.result),
            "BlockNumber": outcome.block_number,
            "ValidationCode": outcome.code,
        }

    def query(self, caller: Caller, request: api.QueryChaincodeInput) -> api.QueryChaincodeOutput:
        asked = self._read(caller, request)
        with fabric_faults(), self._failed_calls.told(asked):
            result = self._transactions.evaluate(asked.node, asked.call, asked.endorsers)
        return {"Result": result, "ResultText": as_text(result)}

    def _read(
        self, caller: Caller, request: api.InvokeChaincodeInput | api.QueryChaincodeInput
    ) -> Asked:
        endorsers = tuple(dict.fromkeys(request.get("EndorsingMembers") or ()))
        channel = self._requests.find_recent(
            caller, request["NetworkId"], request["ChannelName"], (request["MemberId"], *endorsers)
        )
        _check_endorsers(channel, endorsers)
        with self._context.store.read() as session:
            member = self._requests.find_participant(session, caller, request, channel)
            network = require_network(session, member.network_id)
            nodes = own_nodes(session, network, caller, channel)
        words = (request["Function"], *(request.get("Arguments") or ()))
        call = Call(
            channel=channel.name,
            chaincode=request["ChaincodeName"],
            arguments=tuple(word.encode() for word in words),
            transient=request.get("Transient"),
            is_init=request.get("IsInit", False),
        )
        of_member = [node for node in nodes if node.member_id == request["MemberId"]]
        node = self._requests.joined(of_member, channel)
        return Asked(caller, channel, node, nodes, call, endorsers)


def _check_endorsers(channel: Channel, endorsers: tuple[str, ...]) -> None:
    strangers = [member for member in endorsers if member not in channel.anchor_peers]
    if strangers:
        raise InvalidRequestError(
            f"The request is not valid: 'endorsingMembers' has {', '.join(strangers)}, which "
            f"takes no part in channel {channel.name}; GetChannel names its members"
        )
