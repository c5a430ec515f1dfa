"""An ordering service as its clients see it: broadcast and deliver."""

from __future__ import annotations

from collections.abc import Iterator

from fabric_protos.common.common_pb2 import (
    FORBIDDEN,
    NOT_FOUND,
    SIGNATURES,
    SUCCESS,
    Block,
    Envelope,
    Metadata,
    OrdererBlockMetadata,
    Status,
)
from fabric_protos.orderer.ab_pb2 import (
    SeekInfo,
    SeekNewest,
    SeekPosition,
    SeekSpecified,
)
from fabric_protos.orderer.ab_pb2_grpc import AtomicBroadcastStub

from hansa.fabric.base import FabricError
from hansa.fabric.rpc.connections import Connections, UnreachableError, told
from hansa.fabric.rpc.signing import Signing

SECONDS_MAX = 15.0
NEWEST = SeekPosition(newest=SeekNewest())


class RefusedError(FabricError):
    """The ordering service refused a transaction, and would refuse it again."""


class NoChannelError(FabricError):
    """The ordering service has no such channel."""


class OrdererClient:
    """The orderer at ``address`` (``HOST:PORT``), asked as whom ``signing`` signs for.

    Every method raises :class:`FabricError`; :class:`UnreachableError` where another orderer, or
    the same a moment later, may serve: when it is down, or has no leader yet.
    """

    def __init__(
        self,
        connections: Connections,
        address: str,
        signing: Signing,
    ) -> None:
        self._stub = AtomicBroadcastStub(connections.to(address))
        self.address = address
        self._who = f"the orderer at {address}"
        self._signing = signing

    def broadcast(self, envelope: Envelope) -> None:
        """Have a transaction ordered. Raises :class:`RefusedError`."""
        with told(self._who):
            answer = next(
                self._stub.Broadcast(iter((envelope,)), timeout=SECONDS_MAX, wait_for_ready=True)
            )
        if answer.status == SUCCESS:
            return
        text = f"{self._who} answers {Status.Name(answer.status)}: {answer.info}"
        if answer.status >= 500:
            raise UnreachableError(text)
        raise RefusedError(text)

    def block(self, channel: str, number: int | None = None) -> Block:
        """The block with this number, or the newest. Raises :class:`NoChannelError`."""
        position = NEWEST if number is None else _at(number)
        return next(self._deliver(channel, position, position))

    def config_block(self, channel: str) -> Block:
        """The newest block with a configuration. Raises :class:`NoChannelError`."""
        newest = self.block(channel)
        number = last_config(newest)
        return newest if number == newest.header.number else self.block(channel, number)

    def _deliver(self, channel: str, start: SeekPosition, stop: SeekPosition) -> Iterator[Block]:
        what = SeekInfo(start=start, stop=stop, behavior=SeekInfo.FAIL_IF_NOT_READY)
        request = self._signing.seek(channel, what)
        with told(self._who):
            answers = self._stub.Deliver(iter((request,)), timeout=SECONDS_MAX, wait_for_ready=True)
            for answer in answers:
                if answer.WhichOneof("Type") == "block":
                    yield answer.block
                    continue
                _check_delivery(answer.status, channel, self._who)
                return


def _check_delivery(status: int, channel: str, who: str) -> None:
    if status == SUCCESS:
        return
    text = f"{who} answers {Status.Name(status)} to a request for blocks of channel {channel}"
    if status == NOT_FOUND:
        raise NoChannelError(text)
    if status == FORBIDDEN:
        raise FabricError(f"{text}: the identity is not a reader of the channel")
    raise UnreachableError(text)


def _at(number: int) -> SeekPosition:
    return SeekPosition(specified=SeekSpecified(number=number))


def last_config(block: Block) -> int:
    """The number of the block with the configuration that held when ``block`` was made."""
    metadata = Metadata.FromString(block.metadata.metadata[SIGNATURES])
    return int(OrdererBlockMetadata.FromString(metadata.value).last_config.index)
