"""A channel in memory: peers of several members, chaincodes, blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from hansa_contract import canonical
from hansa_contract.chaincode import Chaincode
from hansa_contract.contract import Contract
from hansa_contract.contract_chaincode import ContractChaincode
from hansa_contract.proposal import Transaction
from hansa_contract.response import Response
from hansa_contract.testing.collections import Collection, implicit
from hansa_contract.testing.endorsing import Endorsement, Endorser, Event, TransactionContext, drive
from hansa_contract.testing.identities import CertificateAuthority, Identity
from hansa_contract.testing.proposals import propose
from hansa_contract.testing.state import State, Version
from hansa_contract.testing.validation import Code, validate

START = datetime(2026, 1, 1, tzinfo=UTC)
Contracts = Sequence[Contract | type[Contract]] | Chaincode


class TransactionError(Exception):
    """The transaction was refused: by its contract, while endorsing, or at commit.

    ``code`` is the validation code of a transaction that was refused at commit.
    """

    def __init__(self, message: str, *, status: int = 500, code: Code | None = None) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass(frozen=True)
class Result:
    """What a transaction answered."""

    tx_id: str
    payload: bytes
    event: Event | None = None

    @property
    def text(self) -> str:
        return self.payload.decode()

    def json(self) -> Any:
        """Raises :class:`ValueError` where it is no JSON."""
        return canonical.read(self.payload, "the result")


@dataclass
class Endorsed:
    """A transaction that its endorsers agree on, and that is not committed yet."""

    channel: MockChannel
    transaction: Transaction
    chaincode: str
    endorsements: Sequence[Endorsement]

    @property
    def response(self) -> Response:
        return self.endorsements[0].response

    @property
    def result(self) -> Result:
        first = self.endorsements[0]
        return Result(self.transaction.tx_id, first.response.payload, first.event)

    def commit(self) -> Result:
        """In a block of its own. Raises :class:`TransactionError` where it is not valid."""
        (code,) = self.channel.commit([self])
        if code is not Code.VALID:
            raise TransactionError(
                f"the transaction {self.transaction.tx_id} is not valid: {code.value}", code=code
            )
        return self.result


@dataclass
class MockChannel:
    """Runs contracts as peers do, in memory and in order, for unit tests.

    ``chaincodes`` are contracts by the chaincode's name; the first is meant where none is named.
    ``members`` are MSP ids with one peer each. ``collections`` are those of each chaincode, and
    ``policies`` the members that must all endorse its writes (none: anyone). ``now`` is the time
    of the next transaction, and goes on by a second with each.
    """

    chaincodes: Mapping[str, Contracts]
    members: Sequence[str] = ("Org1MSP",)
    collections: Mapping[str, Sequence[Collection]] = field(default_factory=dict)
    policies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    name: str = "mychannel"
    now: datetime = START
    others: Sequence[MockChannel] = ()

    def __post_init__(self) -> None:
        self.state = State()
        self.events: list[Event] = []
        self.height = 1
        self.running = {name: _chaincode(given) for name, given in self.chaincodes.items()}
        self.named = {
            chaincode: {collection.name: collection for collection in given}
            for chaincode, given in self.collections.items()
        }
        self._authorities = {member: CertificateAuthority(member) for member in self.members}
        self._identities: dict[tuple[str, str], Identity] = {}
        self._nonces = count(1)

    def identity(
        self,
        member: str = "",
        name: str = "user",
        *,
        role: str = "client",
        attributes: Mapping[str, str] | None = None,
    ) -> Identity:
        """Someone of a member (the first, unless named); the same name is the same identity."""
        mspid = member or self.members[0]
        if (mspid, name) not in self._identities:
            authority = self._authorities.get(mspid) or CertificateAuthority(mspid)
            made = authority.enroll(name, role=role, attributes=attributes)
            self._identities[mspid, name] = made
        return self._identities[mspid, name]

    def submit(self, function: str, *arguments: object, **options: Any) -> Result:
        """Endorse and commit. Raises :class:`TransactionError`. Options as for :meth:`endorse`."""
        return self.endorse(function, *arguments, **options).commit()

    def evaluate(self, function: str, *arguments: object, **options: Any) -> Result:
        """Run it on one peer and keep nothing. Raises :class:`TransactionError`."""
        identity = options.get("identity") or self.identity()
        member = identity.mspid if identity.mspid in self.members else self.members[0]
        options.setdefault("endorsers", [member])
        return self.endorse(function, *arguments, **options).result

    def endorse(
        self,
        function: str,
        *arguments: object,
        identity: Identity | None = None,
        transient: Mapping[str, bytes | str] | None = None,
        chaincode: str = "",
        endorsers: Sequence[str] = (),
        is_init: bool = False,
    ) -> Endorsed:
        """Run it on one peer of each endorser (the submitter's member, unless named).

        Arguments other than text and bytes are sent as JSON. Raises :class:`TransactionError`
        where a contract refuses, or where the endorsers' results differ.
        """
        args = (function, *arguments) if function else arguments
        return self._endorse(
            tuple(argument_bytes(argument) for argument in args),
            identity or self.identity(),
            {name: argument_bytes(value) for name, value in (transient or {}).items()},
            chaincode or next(iter(self.running)),
            endorsers,
            is_init=is_init,
        )

    def _endorse(
        self,
        args: tuple[bytes, ...],
        identity: Identity,
        transient: Mapping[str, bytes],
        chaincode: str,
        endorsers: Sequence[str],
        *,
        is_init: bool,
    ) -> Endorsed:
        transaction = self._propose(chaincode, args, identity, transient)
        members = endorsers or [
            identity.mspid if identity.mspid in self.members else self.members[0]
        ]
        peers = [Endorser(self, member, identity.mspid, transaction) for member in members]
        endorsements = [drive(peer.endorse(chaincode, is_init=is_init)) for peer in peers]
        refused = next((e.response for e in endorsements if not e.response.ok), None)
        if refused:
            raise TransactionError(refused.message, status=refused.status)
        if any(not endorsements[0].agrees(other) for other in endorsements[1:]):
            raise TransactionError(
                "the endorsers' results differ: ProposalResponsePayloads do not match. Look for "
                "time, randomness, the order of sets, or private data that one of them lacks"
            )
        return Endorsed(self, transaction, chaincode, endorsements)

    @contextmanager
    def transaction(
        self,
        *args: object,
        identity: Identity | None = None,
        transient: Mapping[str, bytes | str] | None = None,
        chaincode: str = "",
    ) -> Iterator[TransactionContext]:
        """For tests that call a method themselves: ``with channel.transaction() as tx``.

        ``tx.stub`` is the blocking stub, ``tx.context()`` a context. What was written is committed
        at the end of the block, unless an exception ends it.
        """
        who = identity or self.identity()
        name = chaincode or next(iter(self.running))
        sent = {key: argument_bytes(value) for key, value in (transient or {}).items()}
        encoded = tuple(argument_bytes(arg) for arg in args) or (b"test",)
        transaction = self._propose(name, encoded, who, sent)
        member = who.mspid if who.mspid in self.members else self.members[0]
        peer = Endorser(self, member, who.mspid, transaction)
        opened = TransactionContext(peer.stub(name), name)
        yield opened
        endorsement = peer.finish(name, Response(), opened.async_stub)
        Endorsed(self, transaction, name, [endorsement]).commit()

    def commit(self, endorsed: Iterable[Endorsed]) -> list[Code]:
        """One block of these transactions, in this order, and what has become of each."""
        block, codes = self.height, []
        self.height += 1
        for place, transaction in enumerate(endorsed):
            first = transaction.endorsements[0]
            members = [endorsement.member for endorsement in transaction.endorsements]
            code = validate(self.state, self.named, self.policies, first.result, members)
            codes.append(code)
            if code is Code.VALID:
                self._write(transaction, Version(block, place))
        for collections in self.named.values():
            self.state.expire(collections, self.height)
        return codes

    def _write(self, endorsed: Endorsed, version: Version) -> None:
        first, transaction = endorsed.endorsements[0], endorsed.transaction
        time = transaction.proposal.timestamp
        for place, value in first.result.writes.items():
            self.state.write(place, value, version, transaction.tx_id, time)
            known = self.named.get(place.namespace, {}).get(place.collection)
            if collection := known or implicit(place.collection):
                self.state.hold(collection.members, place, value, version)
        for place, policy in first.result.policies.items():
            self.state.set_policy(place, policy, version)
        if first.event:
            self.events.append(first.event)

    def _propose(
        self,
        chaincode: str,
        args: tuple[bytes, ...],
        identity: Identity,
        transient: Mapping[str, bytes],
    ) -> Transaction:
        if chaincode not in self.running:
            raise TransactionError(f"there is no chaincode {chaincode!r} on {self.name}")
        nonce = next(self._nonces).to_bytes(24)
        time = self.now
        self.now += timedelta(seconds=1)
        return propose(self.name, chaincode, args, identity, transient, time, nonce)


def argument_bytes(value: object) -> bytes:
    """As a client sends it: text and bytes as they are, all else as JSON."""
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    return value.encode() if isinstance(value, str) else canonical.to_json(value)


def _chaincode(given: Contracts) -> Chaincode:
    return ContractChaincode(list(given)) if isinstance(given, Sequence) else given
