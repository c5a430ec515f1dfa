"""Why a call of chaincode failed: where peers differ, and what the chaincode wrote meanwhile."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from hansa.chaincode.output import log_file
from hansa.domain.caller import Caller
from hansa.fabric.base import FabricError, NodeFacts
from hansa.fabric.chaincodes import NO_POSITION, Chaincodes
from hansa.fabric.differences import Result, find_differences, tell_differences
from hansa.fabric.ledgers import Channel
from hansa.fabric.rpc.connections import UnreachableError
from hansa.fabric.rpc.proposals import Call
from hansa.fabric.transactions import MismatchError, Transactions
from hansa.operations.context import OperationContext
from hansa.operations.facts import available_nodes
from hansa.operations.running import running_id

PEERS_MAX = 16
LINES_MAX = 10
READ_MAX = 1000
LINE_LENGTH_MAX = 300
# How often, and how long apart, to look for the last words of chaincode that has ended.
_LOOKS_MAX = 25
_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Asked:
    """A call as it is sent: by the member of ``node``, a peer in the channel.

    ``own_nodes`` are the available nodes of the caller's members in it, whose logs are theirs.
    """

    caller: Caller
    channel: Channel
    node: NodeFacts
    own_nodes: Sequence[NodeFacts]
    call: Call
    endorsers: tuple[str, ...]


class FailedCalls:
    """Adds to the refusals of calls what the caller may know besides."""

    def __init__(
        self,
        context: OperationContext,
        chaincodes: Chaincodes,
        transactions: Transactions,
    ) -> None:
        self._context = context
        self._chaincodes = chaincodes
        self._transactions = transactions

    @contextmanager
    def told(self, asked: Asked) -> Iterator[None]:
        """Raises :class:`FabricError` for a refusal inside, with what it comes from."""
        ends = {node.node_id: self._ends(node) for node in asked.own_nodes}
        try:
            yield
        except UnreachableError:
            raise
        except MismatchError as refusal:
            raise FabricError(
                f"the peers came to different results, so they make no transaction. "
                f"{self._differences(asked, refusal)}"
            ) from refusal
        except FabricError as refusal:
            written = self._written(asked, ends, str(refusal))
            raise type(refusal)(f"{refusal}{written}") from refusal

    # Where peers differ

    def _differences(self, asked: Asked, refusal: MismatchError) -> str:
        """The same call again, at each peer by itself.

        Asked are the peers that the Gateway may ask: those of the endorsers or, where there are
        private values and no endorsers are named, of the calling member alone.
        """
        members = asked.endorsers or asked.channel.members
        if asked.call.transient and not asked.endorsers:
            members = [asked.node.member_id]
        with self._context.store.read() as session:
            peers = available_nodes(session, members)[:PEERS_MAX]
        results, silent = [], []
        several = Counter(peer.member_id for peer in peers)
        for peer in peers:
            many = several[peer.member_id] > 1
            who = f"{peer.member_id} ({peer.node_id})" if many else peer.member_id
            try:
                action = self._transactions.endorse(asked.node, peer, refusal.signed)
            except FabricError as fault:  # not in the channel, or without the chaincode
                silent.append(f"{who} ({fault})")
                continue
            results.append(Result(who, action))
        if len(results) < 2:
            return (
                "They cannot be compared, since too few answer alone: "
                f"{'; '.join(silent) or 'there is one peer'}. Submit it again in a moment"
            )
        names = [result.who for result in results]
        return tell_differences(find_differences(results), names)

    # What the chaincode wrote

    def _written(self, asked: Asked, ends: Mapping[str, Mapping[str, str]], refusal: str) -> str:
        """The last lines of each node since ``ends``; a word of our own ends those of a process."""
        has_ended = "stream terminated" in refusal
        told, pause = "", threading.Event()
        for look in range(_LOOKS_MAX if has_ended else 1):
            if look:
                pause.wait(_LOOK_SECONDS)
            told = "".join(
                self._of_node(asked, node, ends[node.node_id]) for node in asked.own_nodes
            )
            if "hansa: " in told:
                break
        return told

    def _ends(self, node: NodeFacts) -> Mapping[str, str]:
        with suppress(FabricError):  # a call does not fail for want of a log
            return self._chaincodes.output_ends(node)
        return {}

    def _of_node(self, asked: Asked, node: NodeFacts, ends: Mapping[str, str]) -> str:
        now = self._ends(node)
        grown = {name for name in now if now[name] != ends.get(name)}
        chaincode_id = self._running(asked, node, grown) if grown else None
        if chaincode_id is None:
            return ""
        begin = ends.get(_log_name(chaincode_id), NO_POSITION)
        with suppress(FabricError):
            lines = self._chaincodes.read_output(node, chaincode_id, begin, READ_MAX).lines
            text = "".join(f"\n  {line[:LINE_LENGTH_MAX]}" for line in lines[-LINES_MAX:])
            name = asked.call.chaincode
            return f"\nMeanwhile {name} wrote on node {node.node_id}:{text}" if text else ""
        return ""

    def _running(self, asked: Asked, node: NodeFacts, grown: set[str]) -> str | None:
        """The id of the chaincode that the node runs, if its log is among those that have grown."""
        name = asked.call.chaincode
        with suppress(FabricError):  # the peer has ended
            chaincode_id = running_id(self._chaincodes, node, asked.channel, name)
            if chaincode_id is not None:
                return chaincode_id if chaincode_id and _log_name(chaincode_id) in grown else None
        legacy = (log.removesuffix(".log").rpartition("_") for log in sorted(grown))
        return next((f"{name}:{version}" for found, _, version in legacy if found == name), None)


def _log_name(chaincode_id: str) -> str:
    return log_file(Path(), chaincode_id).name
