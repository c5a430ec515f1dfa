"""Lets members into a network's consortium, and puts them out of it and of its channels."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from hansa.fabric.base import FabricError
from hansa.fabric.genesis import ORDERER_MSP_ID, SYSTEM_CHANNEL
from hansa.fabric.membership import (
    admission,
    channel_members,
    dismissal,
    expulsion,
    invalidation,
)
from hansa.fabric.metrics import Metrics
from hansa.fabric.organizations import Group
from hansa.fabric.session import ChannelSession, Signer, by_first, channel_session
from hansa.fabric.tools import FabricTools

# How often, and how long apart, to look whether an accepted change is in effect.
_LOOKS_MAX = 40
_LOOK_SECONDS = 0.05
# What an orderer says of an update without the signatures that a policy asks for.
_REFUSED_BY_POLICY = "not satisfied"

Decision = Callable[[Mapping[str, Any]], Group | None]
"""The update that a channel's top group needs, None for none."""


@dataclass(frozen=True)
class Orderer:
    """``address`` (``HOST:PORT``) and metrics as the installation reaches them."""

    address: str
    metrics_url: str


@dataclass(frozen=True)
class OrderingService:
    """A network's orderers, their administrator's MSP and the chain that verifies TLS."""

    network_id: str
    orderers: tuple[Orderer, ...]
    admin_msp: Path
    tls_chain: Path


@dataclass(frozen=True)
class Expulsion:
    """Who leaves, who stays, and the service's administrators of both: MSP directories by member.

    ``void_organization`` is put in the member's place where it cannot be removed.
    """

    member_id: str
    remaining: tuple[str, ...]
    administrators: Mapping[str, Path]
    void_organization: Group


class Gatekeeper:
    """Changes consortiums and channels, one change of a network at a time."""

    def __init__(self, tools: FabricTools, metrics: Metrics) -> None:
        self._tools = tools
        self._metrics = metrics
        # Two changes of one configuration at once are two of the same version: one is refused.
        self._locks: dict[str, threading.Lock] = {}

    def admit(self, service: OrderingService, member_id: str, organization: Group) -> None:
        """Add the member to the consortium, with ``organization`` as its group.

        In effect on the orderer that served when this returns. Raises :class:`FabricError`.
        """
        decide = partial(admission, member_id=member_id, organization=organization)

        def admit(orderer: Orderer) -> None:
            _settle(session, orderer, SYSTEM_CHANNEL, decide)

        failure = f"cannot admit member {member_id} to the consortium"
        with self._session(service) as session:
            by_first(service.orderers, admit, failure)

    def expel(self, service: OrderingService, expulsion: Expulsion) -> None:
        """Take the member out of the consortium and of every channel with a remaining member.

        In effect on the orderer that served when this returns. Raises :class:`FabricError`.
        """
        failure = f"cannot expel member {expulsion.member_id}"
        with self._session(service) as session:
            dismiss = partial(self._dismiss, session, expulsion.member_id)
            for channel in by_first(service.orderers, dismiss, failure):
                # Not every orderer orders every channel.
                act = partial(_expel_from, session, channel, expulsion)
                by_first(service.orderers, act, f"{failure}: in channel {channel}")

    @contextmanager
    def _session(self, service: OrderingService) -> Iterator[ChannelSession]:
        lock = self._locks.setdefault(service.network_id, threading.Lock())
        signer = Signer(ORDERER_MSP_ID, service.admin_msp)
        with lock, channel_session(self._tools, signer, service.tls_chain) as session:
            yield session

    def _dismiss(self, session: ChannelSession, member_id: str, orderer: Orderer) -> list[str]:
        """Take the member out of the consortium; all channels that there are.

        From then on no channel is made with the member, and the orderer has a ledger of each that
        was made before.
        """
        leave = partial(dismissal, member_id=member_id)
        _settle(session, orderer, SYSTEM_CHANNEL, leave)
        names = self._metrics.channels(orderer.metrics_url)
        return [name for name in names if name != SYSTEM_CHANNEL]


def _expel_from(
    session: ChannelSession, channel: str, leaving: Expulsion, orderer: Orderer
) -> None:
    """Remove the member from the channel, or make it void there if its policies forbid that.

    The service signs for every member of the channel, which satisfies any policy in terms of the
    members' administrators. A member may have other terms, such as administrators by name.
    """
    remove = partial(
        expulsion, channel=channel, member_id=leaving.member_id, remaining=leaving.remaining
    )
    void = partial(
        invalidation,
        channel=channel,
        member_id=leaving.member_id,
        void_organization=leaving.void_organization,
    )
    try:
        _settle(session, orderer, channel, remove, partial(_administrators, leaving))
    except FabricError as refusal:
        if _REFUSED_BY_POLICY not in str(refusal):
            raise
        try:
            _settle(session, orderer, channel, void)
        except FabricError as fault:
            text = f"{refusal}; nor can its MSP be made void: {fault}"
            raise FabricError(text) from fault


def _administrators(leaving: Expulsion, top: Mapping[str, Any]) -> list[Signer]:
    return [
        Signer(member, leaving.administrators[member])
        for member in channel_members(top)
        if member in leaving.administrators
    ]


def _settle(
    session: ChannelSession,
    orderer: Orderer,
    channel: str,
    decide: Decision,
    cosigners: Callable[[Mapping[str, Any]], Sequence[Signer]] = lambda _top: (),
) -> None:
    """Change the channel until there is nothing for ``decide`` to change.

    An orderer accepts an update before it is in effect, so it is asked again afterwards.
    """
    top = session.group(orderer.address, channel)
    update = decide(top)
    if update is None:
        return
    session.update(orderer.address, channel, update, cosigners(top))
    pause = threading.Event()
    for _ in range(_LOOKS_MAX):
        if decide(session.group(orderer.address, channel)) is None:
            return
        pause.wait(_LOOK_SECONDS)
    raise FabricError(f"channel {channel} was changed, but the change is not in effect yet")
