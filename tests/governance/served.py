"""A service with its API over HTTP, no Fabric behind it, and a clock that a test may move.

All is as in the service but for what takes long: processes and blocks are those of the fakes. The
clock that moves is the one that operations and the reconciler go by. Signatures are checked by the
machine's clock, since it is the one that clients sign by.
"""

from __future__ import annotations

import secrets
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
import uvicorn
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.requests import fabric_edition, member_configuration, starter_network, voting_policy

from hansa.domain.endpoints import Endpoints
from hansa.drivers.fake import FakeDriver, FakeMachine
from hansa.fabric.fake import FakeFabric, FakeMaterial
from hansa.iam.first import create_account
from hansa.operations.context import OperationContext
from hansa.operations.identity import Identity, open_identity
from hansa.operations.reservations import reserve_again
from hansa.operations.service import managed_blockchain
from hansa.reconcile.bell import Bell
from hansa.reconcile.plan import Patience
from hansa.reconcile.reconciler import Reconciler
from hansa.reconcile.sweep import Sweep
from hansa.reconcile.worker import Worker
from hansa.settings import Settings
from hansa.store.database import open_store
from hansa.wire.app import create_app
from hansa.wire.service import managedblockchain_service

WAIT_SECONDS_MAX = 90.0
WORKERS = 2

# Every answer counts: the SDK may hide none of them by trying again.
_CONFIG = Config(
    retries={"total_max_attempts": 1}, parameter_validation=False, max_pool_connections=20
)


@dataclass(frozen=True)
class Company:
    """An account, and its administrator's client."""

    account_id: str
    api: Any = field(repr=False)


@dataclass(frozen=True)
class Member:
    """A member of a network as the company sees it that it belongs to."""

    company: Company
    network_id: str
    member_id: str

    @property
    def ids(self) -> dict[str, str]:
        return {"NetworkId": self.network_id, "MemberId": self.member_id}

    def propose(self, **actions: Any) -> str:
        answer = self.company.api.create_proposal(**self.ids, Actions=actions)
        return str(answer["ProposalId"])

    def vote(self, proposal_id: str, vote: str = "YES") -> None:
        self.company.api.vote_on_proposal(
            NetworkId=self.network_id,
            ProposalId=proposal_id,
            VoterMemberId=self.member_id,
            Vote=vote,
        )

    def proposal(self, proposal_id: str) -> Any:
        ids = {"NetworkId": self.network_id, "ProposalId": proposal_id}
        return self.company.api.get_proposal(**ids)["Proposal"]

    def status(self) -> str:
        return str(self.company.api.get_member(**self.ids)["Member"]["Status"])


class Served:
    """The service. ``hold`` is told each point that the fakes pass, and may wait there."""

    def __init__(self, directory: Path, **settings: Any) -> None:
        self.ahead = timedelta()
        self.hold: Callable[[str], None] = lambda _point: None
        self._directory = directory
        self.settings = Settings(data_dir=directory, **settings)
        self.store = open_store(directory / "hansa.db", directory / "key", synchronous="OFF")
        self.identity: Identity = open_identity(self.store, self.now, secrets.choice)
        driver = FakeDriver(FakeMachine(), self._pass)
        bell = Bell()
        self._context = OperationContext(
            store=self.store,
            settings=self.settings,
            endpoints=Endpoints("us-east-1", "localhost", named=True),
            now=self.now,
            choice=secrets.choice,
            port_is_free=driver.port_is_free,
            wake=bell.ring,
        )
        self._reconciler = self._make_reconciler(driver, bell)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _pass(self, point: str) -> None:
        self.hold(point)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def _make_reconciler(self, driver: FakeDriver, bell: Bell) -> Reconciler:
        fabric = FakeFabric(FakeMaterial())
        patience = Patience(self.settings.create_seconds_max, self.settings.unhealthy_seconds)

        def again(session: Any, resource_id: str, port: int) -> None:
            reserve_again(self._context, session, resource_id, port)

        workers = [
            Worker(f"worker-{number}", self.store, driver, fabric, self.now, patience, again)
            for number in range(WORKERS)
        ]
        return Reconciler(workers, Sweep(self.store, driver, fabric, self.now), bell, self.now)

    @contextmanager
    def running(self) -> Iterator[None]:
        app = create_app(
            {"managedblockchain": managedblockchain_service(managed_blockchain(self._context))},
            credentials=self.identity.credentials,
            authorizer=self.identity.authorizer,
            now=lambda: datetime.now(UTC),
            new_request_id=lambda: str(uuid.uuid4()),
        )
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning"))
        thread = threading.Thread(target=server.run, args=([self._listener],))
        thread.start()
        self._reconciler.start()
        try:
            yield
        finally:
            server.should_exit = True
            thread.join(timeout=20)
            self._listener.close()
            self._reconciler.stop()
            app.close()
            self.identity.uses.close()
            self.store.close()
        assert not thread.is_alive()

    def company(self, account_id: str = "") -> Company:
        """An account of its own."""
        made, _ = create_account(
            self.store,
            self._directory / "accounts",
            uuid.uuid4().hex,
            self.now(),
            secrets.choice,
            account_id,
        )
        client = boto3.client(
            "managedblockchain",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=made.access_key_id,
            aws_secret_access_key=made.secret_access_key,
            config=_CONFIG,
        )
        return Company(made.account_id, client)

    def found(self, company: Company, **changed: Any) -> Member:
        """A network that ``company`` makes, AVAILABLE; its first member."""
        created = company.api.create_network(**network_request(**changed))
        member = Member(company, created["NetworkId"], created["MemberId"])
        until(lambda: member.status() == "AVAILABLE", "the founder is AVAILABLE")
        network = {"NetworkId": member.network_id}
        until(
            lambda: company.api.get_network(**network)["Network"]["Status"] == "AVAILABLE",
            "the network is AVAILABLE",
        )
        return member

    def consortium(self, size: int, **changed: Any) -> list[Member]:
        """A network of ``size`` companies with a member each: the founder invites all others."""
        companies = [self.company() for _ in range(size)]
        founder = self.found(companies[0], **changed)
        invited = [{"Principal": company.account_id} for company in companies[1:]]
        founder.vote(founder.propose(Invitations=invited))
        return [
            founder,
            *(
                joined(accept(company, f"org{number}"))
                for number, company in enumerate(companies[1:], start=2)
            ),
        ]


def network_request(threshold: int = 50, comparator: str = "GREATER_THAN", **changed: Any) -> Any:
    """What CreateNetwork is sent."""
    return starter_network(
        f"net-{uuid.uuid4().hex[:8]}",
        **{
            "FrameworkConfiguration": fabric_edition("STANDARD"),
            "VotingPolicy": voting_policy(threshold, comparator),
            **changed,
        },
    )


def pending(company: Company) -> list[Any]:
    """The invitations that the company may use."""
    found = company.api.list_invitations()["Invitations"]
    return [invitation for invitation in found if invitation["Status"] == "PENDING"]


def accept(company: Company, name: str) -> Member:
    """Create a member with the company's latest invitation."""
    invitation = pending(company)[-1]
    network_id = invitation["NetworkSummary"]["Id"]
    created = company.api.create_member(
        InvitationId=invitation["InvitationId"],
        NetworkId=network_id,
        MemberConfiguration=member_configuration(name),
    )
    return Member(company, network_id, created["MemberId"])


def joined(member: Member) -> Member:
    """The member, once it is AVAILABLE."""
    until(lambda: member.status() == "AVAILABLE", f"{member.member_id} is AVAILABLE")
    return member


def refusal(call: Callable[..., Any], *arguments: Any, **parameters: Any) -> tuple[str, str]:
    """The code and the message of the error that ``call`` is answered with."""
    with pytest.raises(ClientError) as caught:
        call(*arguments, **parameters)
    error = caught.value.response["Error"]
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] < 500, error
    return error["Code"], error["Message"]


def until(look: Callable[[], bool], what: str) -> None:
    """Ask again and again whether ``look`` is true; fail at a deadline."""
    deadline, idle = time.monotonic() + WAIT_SECONDS_MAX, threading.Event()
    while not look():
        assert time.monotonic() < deadline, f"{what}: not within {WAIT_SECONDS_MAX} s"
        idle.wait(0.01)
