"""An installation for tests of operations: a store, a clock that stands, and no reconciler."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.requests import member_configuration, starter_network

from hansa.domain.caller import Caller
from hansa.domain.endpoints import Endpoints
from hansa.domain.lifecycle import Kind, Status
from hansa.operations.context import OperationContext
from hansa.operations.service import managed_blockchain
from hansa.settings import Settings
from hansa.store.database import open_store
from hansa.store.resources import change_status, get_resource

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ALICE = Caller("111111111111", "arn:aws:iam::111111111111:user/alice", "AKIDALICE", "us-east-1")
BOB = Caller("222222222222", "arn:aws:iam::222222222222:user/bob", "AKIDBOB", "us-east-1")


def network_request(**changes: Any) -> Any:
    member = {**member_configuration("org1"), "Description": "The first"}
    asked = {"ClientRequestToken": "token-1", "MemberConfiguration": member, **changes}
    return starter_network("trade", **asked)


@dataclass
class Installation:
    directory: Path
    settings_changes: dict[str, Any] = field(default_factory=dict)
    now: datetime = START
    taken: set[int] = field(default_factory=set)
    wakes: int = 0

    def __post_init__(self) -> None:
        self.settings = Settings(data_dir=self.directory, **self.settings_changes)
        self.choice = random.Random(7).choice
        self.open()

    def open(self) -> None:
        """Open the store; again, as a restart of the service does."""
        self.store = open_store(self.directory / "hansa.db", self.directory / "key", "OFF")
        self.context = OperationContext(
            store=self.store,
            settings=self.settings,
            endpoints=Endpoints("us-east-1", "localhost", named=True),
            now=lambda: self.now,
            choice=self.choice,
            port_is_free=lambda port: port not in self.taken,
            wake=self._wake,
        )
        self.api = managed_blockchain(self.context)

    def _wake(self) -> None:
        self.wakes += 1

    def become(self, kind: Kind, resource_id: str, *statuses: Status) -> None:
        """What the reconciler would do."""
        with self.store.write() as session:
            resource = get_resource(session, kind, resource_id)
            assert resource is not None
            for status in statuses:
                self.now += timedelta(seconds=1)
                change_status(session, resource, status, f"now {status}", self.now)

    def network(self, caller: Caller = ALICE, **changes: Any) -> tuple[str, str]:
        """An AVAILABLE network with its member."""
        answer = self.api.create_network(caller, network_request(**changes))
        self.become(Kind.MEMBER, answer["MemberId"], Status.AVAILABLE)
        self.become(Kind.NETWORK, answer["NetworkId"], Status.AVAILABLE)
        return answer["NetworkId"], answer["MemberId"]

    def node(self, network_id: str, member_id: str, token: str = "node-1", **changes: Any) -> str:
        """An AVAILABLE node."""
        node_id = self.api.create_node(ALICE, node_request(network_id, member_id, token, **changes))
        self.become(Kind.NODE, node_id["NodeId"], Status.AVAILABLE)
        return node_id["NodeId"]


def node_request(network_id: str, member_id: str, token: str = "node-1", **changes: Any) -> Any:
    return {
        "ClientRequestToken": token,
        "NetworkId": network_id,
        "MemberId": member_id,
        "NodeConfiguration": {
            "InstanceType": "bc.t3.small",
            "AvailabilityZone": "us-east-1a",
            **changes,
        },
    }
