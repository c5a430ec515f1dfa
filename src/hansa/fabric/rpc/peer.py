"""A peer as its clients see it: chaincode calls, of system chaincodes too."""

from __future__ import annotations

from collections.abc import Sequence

from fabric_protos.common.common_pb2 import Block, Envelope
from fabric_protos.peer.peer_pb2_grpc import EndorserStub
from fabric_protos.peer.proposal_response_pb2 import ProposalResponse
from fabric_protos.peer.query_pb2 import ChannelQueryResponse

from hansa.fabric.base import FabricError
from hansa.fabric.rpc.connections import Connections, told
from hansa.fabric.rpc.proposals import Call, SignedCall, transaction
from hansa.fabric.rpc.signing import Signing

SECONDS_MAX = 30.0
INSTALL_SECONDS_MAX = 330.0  # beyond the peer's own limit of a build


class ChaincodeError(FabricError):
    """The peer, or the chaincode it ran, answered with an error; the text is its own."""


class PeerClient:
    """The peer at ``address`` (``HOST:PORT``). Every method raises :class:`FabricError`."""

    def __init__(self, connections: Connections, address: str, signing: Signing) -> None:
        self._stub = EndorserStub(connections.to(address))
        self._who = f"the peer at {address}"
        self._signing = signing

    def query(
        self,
        chaincode: str,
        *arguments: bytes,
        channel: str = "",
        seconds_max: float = SECONDS_MAX,
    ) -> bytes:
        """What a chaincode answers. Nothing is ordered. Raises :class:`ChaincodeError`."""
        signed = self._signing.call(Call(channel, chaincode, arguments))
        return bytes(self.endorse(signed, seconds_max).response.payload)

    def endorse(self, call: SignedCall, seconds_max: float = SECONDS_MAX) -> ProposalResponse:
        """The peer's endorsed answer. Raises :class:`ChaincodeError`."""
        with told(self._who):
            answer = self._stub.ProcessProposal(
                call.signed, timeout=seconds_max, wait_for_ready=True
            )
        if not 200 <= answer.response.status < 400:
            raise ChaincodeError(f"{self._who} answers: {answer.response.message}")
        return answer

    def channels(self) -> list[str]:
        """The channels that the peer has joined, sorted."""
        answer = ChannelQueryResponse.FromString(self.query("cscc", b"GetChannels"))
        return sorted(channel.channel_id for channel in answer.channels)

    def join(self, genesis: Block) -> None:
        """Join the channel whose first block this is."""
        self.query("cscc", b"JoinChain", genesis.SerializeToString())


def endorsed(
    signing: Signing, call: Call, peers: Sequence[PeerClient], seconds_max: float = SECONDS_MAX
) -> tuple[str, Envelope]:
    """The id and the transaction of ``call``, endorsed by all ``peers``."""
    signed = signing.call(call)
    answers = [peer.endorse(signed, seconds_max) for peer in peers]
    return signed.transaction_id, transaction(signed, answers, signing.identity)
