"""A network over a fake Fabric, whose service may be killed at any point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.unit.operations.installation import ALICE, BOB, Installation, network_request
from tests.unit.operations.ledger import MadeUpTransactions

from hansa.domain.caller import Caller
from hansa.domain.lifecycle import Kind, Status
from hansa.domain.workload import Phase
from hansa.drivers.fake import FakeDriver, FakeMachine
from hansa.fabric.fake import FakeFabric, FakeMaterial
from hansa.fabric.fake_identities import FakeAuthorities, FakeIdentities
from hansa.fabric.fake_ledgers import FakeLedgers, FakeNet
from hansa.fabric.packages import make_package
from hansa.fabric.rpc.connections import UnreachableError
from hansa.operations.fabric_service import hansa_fabric
from hansa.operations.facts import available_nodes, network_facts, orderer_endpoints
from hansa.operations.packages import package_file
from hansa.reconcile.chaincode_plans import ChaincodePlans
from hansa.reconcile.channel_plans import ChannelPlans
from hansa.reconcile.identity_plans import IdentityPlans
from hansa.reconcile.performer import Performer
from hansa.store.networks import require_network

CODE = make_package("asset_1", "node", "", {"package.json": b"{}"})
NEXT_CODE = make_package("asset_2", "node", "", {"package.json": b"{ }"})


class KilledError(BaseException):
    """The service ends here."""


@dataclass
class Scene:
    """A network with a member and a node of ALICE's, and performers that may be killed."""

    installation: Installation
    net: FakeNet = field(default_factory=FakeNet)
    transactions: MadeUpTransactions = field(default_factory=MadeUpTransactions)
    authorities: FakeAuthorities = field(default_factory=FakeAuthorities)
    machine: FakeMachine = field(default_factory=FakeMachine)
    kill_at: int | None = None
    passed: int = 0
    fault: str = ""
    edition: str = "STARTER"

    def __post_init__(self) -> None:
        request = network_request()
        request["FrameworkConfiguration"] = {"Fabric": {"Edition": self.edition}}
        created = self.installation.api.create_network(ALICE, request)
        self.network_id, self.member_id = created["NetworkId"], created["MemberId"]
        self.installation.become(Kind.NETWORK, self.network_id, Status.AVAILABLE)
        self.installation.become(Kind.MEMBER, self.member_id, Status.AVAILABLE)
        self.tokens = iter(range(1000))
        self.node_id = self.add_node()

    def _run_peers(self, member_id: str) -> None:
        with self.installation.store.read() as session:
            for node in available_nodes(session, [member_id]):
                for workload in FakeFabric(FakeMaterial()).node_workloads(node):
                    FakeDriver(self.machine).apply(workload)
                    FakeDriver(self.machine).await_ready(workload.name, 0)

    @property
    def keys(self) -> dict[str, str]:
        return {"NetworkId": self.network_id, "MemberId": self.member_id}

    def orderers(self) -> list[str]:
        """The endpoints of the network's orderers."""
        with self.installation.store.read() as session:
            facts = network_facts(session, require_network(session, self.network_id))
        return orderer_endpoints(self.installation.context.endpoints, facts)

    @property
    def ledgers(self) -> FakeLedgers:
        return FakeLedgers(self.net, self._pass)

    @property
    def identities(self) -> FakeIdentities:
        return FakeIdentities(self.authorities, self._pass)

    @property
    def api(self) -> Any:
        context, ledgers = self.installation.context, self.ledgers
        return hansa_fabric(context, ledgers, ledgers, self.transactions, self.identities)

    def call(self, name: str, caller: Any = ALICE, **request: Any) -> Any:
        request.setdefault("ClientRequestToken", f"t-{next(self.tokens)}")
        return getattr(self.api, name)(caller, request)

    def _pass(self, point: str) -> None:
        self.passed += 1
        if self.kill_at is not None and self.passed >= self.kill_at:
            self.kill_at = None
            raise KilledError(point)
        if self.fault and point.startswith(self.fault):
            raise UnreachableError(f"{point} went unanswered")

    def performer(self, seconds_max: float = 60) -> Performer:
        name = f"performer-{next(self.tokens)}"
        fabric = FakeFabric(FakeMaterial())
        driver = FakeDriver(self.machine, self._pass)
        endpoints = self.installation.context.endpoints
        file = partial(package_file, self.installation.context)
        cipher = self.installation.store.cipher
        planners = {
            **ChannelPlans(self.ledgers, fabric, driver, endpoints).planners(),
            **ChaincodePlans(self.ledgers, self.ledgers, file).planners(),
            **IdentityPlans(self.ledgers, self.identities, cipher).planners(),
        }
        now = self.installation.context.now
        return Performer(name, self.installation.store, planners, now, seconds_max)

    def perform(self, seconds_max: float = 60) -> None:
        performer = self.performer(seconds_max)
        performer.begin()
        while performer.run_once():
            pass

    def perform_all(self) -> None:
        performer = self.performer()
        while performer.run_once():
            pass

    def operation(self, answer: Mapping[str, str]) -> Any:
        return self.call("get_operation", OperationId=answer["OperationId"])["Operation"]

    def peer_phase(self) -> Phase:
        return FakeDriver(self.machine).observe(f"{self.node_id}-peer").phase

    def add_node(self, caller: Caller = ALICE, member_id: str | None = None) -> str:
        """A node of the scene's member, or of another one."""
        owner = member_id or self.member_id
        request: Any = {
            "NetworkId": self.network_id,
            "MemberId": owner,
            "ClientRequestToken": f"node-{next(self.tokens)}",
            "NodeConfiguration": {"InstanceType": "bc.t3.small"},
        }
        node_id = str(self.installation.api.create_node(caller, request)["NodeId"])
        self.installation.become(Kind.NODE, node_id, Status.AVAILABLE)
        self._run_peers(owner)
        return node_id

    def create_channel(self, name: str = "trade", **more: Any) -> Any:
        answer = self.call("create_channel", **self.keys, Name=name, **more)
        self.perform()
        return self.operation(answer)

    def package(self, content: bytes = CODE.content) -> str:
        return str(self.call("package_chaincode", Package=content)["PackageId"])

    def deploy(self, package_id: str, **definition: Any) -> Any:
        answer = self.ask_to_deploy(package_id, Definition={"Name": "asset", **definition})
        self.perform()
        return self.operation(answer)

    def ask_to_deploy(
        self, package_id: str, call: str = "deploy_chaincode", caller: Caller = ALICE, **more: Any
    ) -> Any:
        request = {
            **self.keys, "ChannelName": "trade", "PackageId": package_id,
            "Definition": {"Name": "asset"}, **more,
        }  # fmt: skip
        return self.call(call, caller, **request)


@dataclass
class Shared:
    """A channel of ALICE's member and one of BOB's, in a network of both."""

    scene: Scene
    other_id: str

    def vote(self, proposal_id: str, *votes: tuple[Any, str, str]) -> None:
        for caller, member_id, vote in votes:
            self.scene.installation.api.vote_on_proposal(
                caller,
                {
                    "NetworkId": self.scene.network_id,
                    "ProposalId": proposal_id,
                    "VoterMemberId": member_id,
                    "Vote": vote,
                },
            )
        self.scene.perform()

    def proposal(self, proposal_id: str) -> Any:
        request = {"NetworkId": self.scene.network_id, "ProposalId": proposal_id}
        return self.scene.installation.api.get_proposal(BOB, request)["Proposal"]


def share(scene: Scene) -> Shared:
    """Invite BOB, and make the channel ``trade`` with his member."""
    api = scene.installation.api
    proposed = api.create_proposal(
        ALICE,
        {
            **scene.keys,
            "ClientRequestToken": "invite",
            "Actions": {"Invitations": [{"Principal": BOB.account_id}]},
        },
    )
    vote = {"ProposalId": proposed["ProposalId"], "VoterMemberId": scene.member_id, "Vote": "YES"}
    api.vote_on_proposal(ALICE, {"NetworkId": scene.network_id, **vote})
    (invitation,) = api.list_invitations(BOB, {})["Invitations"]
    created = api.create_member(
        BOB,
        {
            "ClientRequestToken": "join",
            "NetworkId": scene.network_id,
            "InvitationId": invitation["InvitationId"],
            "MemberConfiguration": network_request()["MemberConfiguration"] | {"Name": "org2"},
        },
    )
    scene.installation.become(Kind.MEMBER, created["MemberId"], Status.AVAILABLE)
    scene.create_channel(Members=[created["MemberId"]])
    return Shared(scene, created["MemberId"])


def join(shared: Shared) -> str:
    """A node of BOB's that has joined the channel."""
    scene = shared.scene
    node_id = scene.add_node(BOB, shared.other_id)
    scene.call("join_channel", BOB, NetworkId=scene.network_id, ChannelName="trade", NodeId=node_id)
    scene.perform()
    return node_id
