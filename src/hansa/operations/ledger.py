"""The ledger of a channel, as a peer of the caller's has it: blocks, and transactions explained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hansa.awsapi import hansafabric as api
from hansa.domain.caller import Caller
from hansa.domain.errors import InvalidRequestError
from hansa.fabric.base import FabricError, NodeFacts
from hansa.fabric.blocks import Action, Block, Namespace, Transaction
from hansa.fabric.chaincodes import Chaincodes, Committed, Definition
from hansa.fabric.explanations import PHANTOM, POLICY, READ_CONFLICT, Rule, explain, find_conflict
from hansa.fabric.ledgers import Channel, Ledgers
from hansa.fabric.legacy import Instantiated
from hansa.fabric.rpc.lifecycle import LIFECYCLE
from hansa.fabric.transactions import Transactions
from hansa.operations.channel_requests import ChannelRequests
from hansa.operations.context import OperationContext
from hansa.operations.definitions import is_legacy
from hansa.operations.fabric_faults import fabric_faults
from hansa.operations.ledger_shapes import block_details, block_summary, transaction_details
from hansa.operations.lists import number_page
from hansa.operations.lookups import not_found

PAGE_MAX = 100
BLOCKS_BACK_MAX = 1000
"""How far back the writer of a key that was read is looked for."""

_CHANNEL_POLICIES = "/Channel/Application/"


@dataclass(frozen=True)
class _Seen:
    """A channel that the caller may see, and a node of the caller's that has joined it."""

    channel: Channel
    node: NodeFacts


class LedgerRequests:
    """GetBlock, ListBlocks, GetTransaction."""

    def __init__(
        self,
        context: OperationContext,
        ledgers: Ledgers,
        chaincodes: Chaincodes,
        transactions: Transactions,
    ) -> None:
        self._chaincodes = chaincodes
        self._transactions = transactions
        self._requests = ChannelRequests(context, ledgers)

    def block(self, caller: Caller, request: api.GetBlockInput) -> api.GetBlockOutput:
        seen = self._seen(caller, request["NetworkId"], request["ChannelName"])
        channel = seen.channel.name
        with fabric_faults():
            height = self._transactions.height(seen.node, channel)
            number = request.get("BlockNumber", height - 1)
            if number >= height:
                raise not_found("Block", str(number))
            return {"Block": block_details(self._transactions.block(seen.node, channel, number))}

    def blocks(self, caller: Caller, request: api.ListBlocksInput) -> api.ListBlocksOutput:
        first = request.get("FirstBlock", 0)
        if first > request.get("LastBlock", first):
            raise InvalidRequestError(
                f"The request is not valid: 'firstBlock', {first}, is above 'lastBlock', "
                f"{request['LastBlock']}"
            )
        seen = self._seen(caller, request["NetworkId"], request["ChannelName"])
        channel = seen.channel.name
        with fabric_faults():
            newest = self._transactions.height(seen.node, channel) - 1
            numbers = range(min(newest, request.get("LastBlock", newest)), first - 1, -1)
            shown, token = number_page("ListBlocks", numbers, request, PAGE_MAX)
            blocks = [self._transactions.block(seen.node, channel, number) for number in shown]
        return {"Blocks": [block_summary(block) for block in blocks], "NextToken": token}

    def transaction(
        self, caller: Caller, request: api.GetTransactionInput
    ) -> api.GetTransactionOutput:
        seen = self._seen(caller, request["NetworkId"], request["ChannelName"])
        wanted = request["TransactionId"]
        with fabric_faults():
            block = self._transactions.block_with(seen.node, seen.channel.name, wanted)
            found = [
                each
                for each in (block.transactions if block else ())
                if each.transaction_id == wanted
            ]
            if block is None or not found:
                raise not_found("Transaction", wanted)
            explanation = self._explained(seen, block, found[0])
        return {"Transaction": transaction_details(found[0], explanation)}

    def _seen(self, caller: Caller, network_id: str, name: str) -> _Seen:
        channel = self._requests.find_recent(caller, network_id, name)
        nodes = self._requests.own_nodes(caller, network_id, channel)
        return _Seen(channel, self._requests.joined(nodes, channel))

    def _explained(self, seen: _Seen, block: Block, transaction: Transaction) -> str:
        conflict, rules = None, []
        if transaction.code in (READ_CONFLICT, PHANTOM):
            conflict = find_conflict(transaction, self._downwards(seen, block))
        elif transaction.code == POLICY and transaction.action is not None:
            rules = list(self._rules(seen, transaction.action))
        return explain(transaction, conflict, rules, seen.channel.members)

    def _downwards(self, seen: _Seen, block: Block) -> Iterator[Block]:
        yield block
        for number in range(block.number - 1, max(0, block.number - BLOCKS_BACK_MAX) - 1, -1):
            yield self._transactions.block(seen.node, seen.channel.name, number)

    def _rules(self, seen: _Seen, action: Action) -> Iterator[Rule]:
        """The policies that hold now for what the transaction called and wrote."""
        changed = {each.name: each for each in action.namespaces if each.changes}
        for name in sorted({action.chaincode, *changed}):
            if name == LIFECYCLE:
                yield Rule("the chaincode lifecycle", seen.channel.lifecycle_policy)
                continue
            definition = self._definition(seen, name)
            if definition is not None:
                whole = definition.endorsement or f"{_CHANNEL_POLICIES}Endorsement"
                yield Rule(f"chaincode {name}", _in_short(whole, seen.channel))
                yield from _collection_rules(definition, changed.get(name), seen.channel)

    def _definition(self, seen: _Seen, name: str) -> Definition | None:
        chaincodes, channel = self._chaincodes, seen.channel
        try:
            found: Committed | Instantiated | None = None
            if not is_legacy(channel):
                found = chaincodes.committed(seen.node, channel.name, name)
            found = found or chaincodes.legacy.instantiated(seen.node, channel.name, name)
        except FabricError:  # such as of a system chaincode
            return None
        return None if found is None else found.definition


def _collection_rules(
    definition: Definition, namespace: Namespace | None, channel: Channel
) -> Iterator[Rule]:
    written = {each.name for each in namespace.collections if each.writes} if namespace else set()
    for collection in definition.collections:
        if collection.endorsement and collection.name in written:
            of = f"collection {collection.name} of chaincode {definition.name}"
            yield Rule(of, _in_short(collection.endorsement, channel))


def _in_short(policy: str, channel: Channel) -> str:
    """The policy itself, or what the channel has under the path that it is."""
    if not policy.startswith(_CHANNEL_POLICIES):
        return policy
    return channel.policies.get(policy.removeprefix(_CHANNEL_POLICIES), policy)
