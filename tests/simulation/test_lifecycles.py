"""The service is ended at every point of every lifecycle, and always comes right."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.requests import fabric_edition, starter_network
from tests.simulation.invariants import check
from tests.simulation.world import ALICE, BOB, World

from hansa.domain.caller import Caller
from hansa.domain.errors import IllegalActionError, ServiceError
from hansa.drivers.base import PermanentDriverError, TemporaryDriverError
from hansa.drivers.fake import Killed
from hansa.fabric.base import FabricError
from hansa.reconcile.plan import Step
from hansa.store.ports import ports_of

Script = Callable[[World], None]

POINTS_MIN = 20
STRIDE = 6  # a crash in every sixth point is carried on from; all of them are revived


def network_request(token: str, name: str, edition: str = "STARTER") -> Any:
    configuration = fabric_edition(edition)
    return starter_network(name, ClientRequestToken=token, FrameworkConfiguration=configuration)


def insist(world: World, operation: str, request: Any, caller: Caller = ALICE) -> Any:
    """Call as an SDK does: again with the same token, after each crash of the service."""
    for _ in range(20):
        try:
            return getattr(world.api, operation)(caller, request)
        except Killed:
            world.after_crash()
    raise AssertionError("the service never answered")


def create_network(world: World, edition: str = "STARTER") -> tuple[str, str]:
    answer = insist(world, "create_network", network_request("token-n", "one", edition))
    world.settle()
    return answer["NetworkId"], answer["MemberId"]


def create_node(world: World, network_id: str, member_id: str, token: str = "token-nd") -> str:
    request = {
        "ClientRequestToken": token,
        "NetworkId": network_id,
        "MemberId": member_id,
        "NodeConfiguration": {"InstanceType": "bc.t3.small"},
    }
    node_id = insist(world, "create_node", request)["NodeId"]
    world.settle()
    return str(node_id)


def whole_life(world: World) -> None:
    network_id, member_id = create_network(world)
    node_id = create_node(world, network_id, member_id)
    logs = {"Fabric": {"PeerLogs": {"Cloudwatch": {"Enabled": True}}}}
    ids = {"NetworkId": network_id, "NodeId": node_id, "MemberId": member_id}
    insist(world, "update_node", {**ids, "LogPublishingConfiguration": logs})
    world.settle()
    insist(world, "delete_node", ids)
    world.settle()
    insist(world, "delete_member", {"NetworkId": network_id, "MemberId": member_id})
    world.settle()


def member_deleted_with_its_nodes(world: World) -> None:
    network_id, member_id = create_network(world, "STANDARD")
    create_node(world, network_id, member_id)
    create_node(world, network_id, member_id, "token-nd2")
    insist(world, "delete_member", {"NetworkId": network_id, "MemberId": member_id})
    world.settle()


def invite_and_join(world: World, network_id: str, member_id: str) -> str:
    """A second member, of Bob's account, by proposal, vote and invitation."""
    proposal = {
        "ClientRequestToken": "token-p",
        "NetworkId": network_id,
        "MemberId": member_id,
        "Actions": {"Invitations": [{"Principal": BOB.account_id}]},
    }
    proposal_id = insist(world, "create_proposal", proposal)["ProposalId"]
    vote = {"NetworkId": network_id, "ProposalId": proposal_id, "VoterMemberId": member_id}
    with suppress(IllegalActionError):  # cast already: the answer was lost in a crash
        insist(world, "vote_on_proposal", {**vote, "Vote": "YES"})
    invitation = insist(world, "list_invitations", {}, BOB)["Invitations"][-1]
    request = {
        "ClientRequestToken": "token-m",
        "InvitationId": invitation["InvitationId"],
        "NetworkId": network_id,
        "MemberConfiguration": {
            **network_request("", "")["MemberConfiguration"],
            "Name": "org2",
        },
    }
    joined = insist(world, "create_member", request, BOB)["MemberId"]
    world.settle()
    return str(joined)


def second_member_joins_and_is_removed(world: World) -> None:
    network_id, first = create_network(world)
    second = invite_and_join(world, network_id, first)
    assert {first, second} <= world.material.consortium
    proposal = {
        "ClientRequestToken": "token-r",
        "NetworkId": network_id,
        "MemberId": first,
        "Actions": {"Removals": [{"MemberId": second}]},
    }
    proposal_id = insist(world, "create_proposal", proposal)["ProposalId"]
    vote = {"NetworkId": network_id, "ProposalId": proposal_id, "Vote": "YES"}
    for caller, voter in ((ALICE, first), (BOB, second)):
        with suppress(IllegalActionError):
            insist(world, "vote_on_proposal", {**vote, "VoterMemberId": voter}, caller)
    world.settle()
    assert second not in world.material.consortium
    listed = world.api.list_members(ALICE, {"NetworkId": network_id})["Members"]
    assert [member["Id"] for member in listed] == [first]


def second_member_leaves_last(world: World) -> None:
    network_id, first = create_network(world)
    second = invite_and_join(world, network_id, first)
    insist(world, "delete_member", {"NetworkId": network_id, "MemberId": first})
    world.settle()
    assert world.material.consortium == {second}
    insist(world, "delete_member", {"NetworkId": network_id, "MemberId": second}, BOB)
    world.settle()
    assert not world.machine.processes


def processes_die(world: World) -> None:
    network_id, member_id = create_network(world)
    create_node(world, network_id, member_id)
    for name in list(world.machine.processes):
        world.machine.die(name)
    world.settle()


def port_taken(world: World) -> None:
    answer = insist(world, "create_network", network_request("token-n", "one"))
    with world.store.read() as session:
        for port in ports_of(session, answer["NetworkId"]).values():
            world.machine.strangers[port] = "pid 1 (stranger)"
    world.settle()
    network = world.api.get_network(ALICE, {"NetworkId": answer["NetworkId"]})["Network"]
    assert network["Status"] == "AVAILABLE"


SCRIPTS: list[Script] = [
    whole_life,
    member_deleted_with_its_nodes,
    processes_die,
    port_taken,
    second_member_joins_and_is_removed,
    second_member_leaves_last,
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda s: s.__name__)
def test_without_faults(script: Script, tmp_path: Path) -> None:
    world = World(tmp_path, seed=1)
    script(world)
    check(world)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda s: s.__name__)
def test_killed_at_every_point(script: Script, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is durable at any moment is enough to come right, and leaves nothing over."""
    world = World(tmp_path_factory.mktemp("world"), seed=1)
    moments = world.keep_moments()
    script(world)
    world.store.close()
    assert len(moments) > POINTS_MIN
    for moment in moments:
        revived = World.revive(moment, tmp_path_factory.mktemp("revived"))
        revived.settle()
        check(revived)
        revived.store.close()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda s: s.__name__)
def test_killed_and_carried_on(script: Script, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The clients go on after a crash as if there had been none, sending again what was lost."""
    rehearsal = World(tmp_path_factory.mktemp("rehearsal"), seed=1)
    script(rehearsal)
    for point in range(0, len(rehearsal.faults.passed), STRIDE):
        world = World(tmp_path_factory.mktemp("world"), seed=1)
        world.faults.kill_at = point
        script(world)
        check(world)
        world.store.close()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda s: s.__name__)
def test_any_step_may_fail_once(script: Script, tmp_path_factory: pytest.TempPathFactory) -> None:
    rehearsal = World(tmp_path_factory.mktemp("rehearsal"), seed=1)
    script(rehearsal)
    points = [
        point for point, name in enumerate(rehearsal.faults.passed) if not name.startswith("commit")
    ]
    for point in points[::2]:
        world = World(tmp_path_factory.mktemp("world"), seed=1)
        world.faults.plan[point] = TemporaryDriverError("no room left on the disk")
        script(world)
        check(world)
        world.store.close()


def random_life(world: World) -> None:
    """Operations, deaths and passing time as the seed draws them."""
    draw = world.random
    networks: list[tuple[str, str]] = []
    nodes: list[tuple[str, str, str]] = []
    for turn in range(draw.randrange(5, 25)):
        choice = draw.random()
        try:
            if choice < 0.2:
                request = network_request(
                    f"n{turn}", f"net{turn}", draw.choice(["STARTER", "STANDARD"])
                )
                answer = insist(world, "create_network", request)
                networks.append((answer["NetworkId"], answer["MemberId"]))
            elif choice < 0.5 and networks:
                network_id, member_id = draw.choice(networks)
                request = {
                    "ClientRequestToken": f"nd{turn}",
                    "NetworkId": network_id,
                    "MemberId": member_id,
                    "NodeConfiguration": {"InstanceType": "bc.t3.small"},
                }
                answer = insist(world, "create_node", request)
                nodes.append((network_id, member_id, answer["NodeId"]))
            elif choice < 0.6 and nodes:
                network_id, member_id, node_id = draw.choice(nodes)
                ids = {"NetworkId": network_id, "MemberId": member_id, "NodeId": node_id}
                insist(world, "delete_node", ids)
            elif choice < 0.7 and networks:
                network_id, member_id = draw.choice(networks)
                insist(world, "delete_member", {"NetworkId": network_id, "MemberId": member_id})
            elif choice < 0.8 and world.machine.processes:
                world.machine.die(draw.choice(sorted(world.machine.processes)))
            elif choice < 0.85:
                world.now += timedelta(seconds=draw.choice([1, 10, 100]))
        except ServiceError:
            pass  # refused, as for what is not ready: what it refuses must have no effect
        for _ in range(draw.randrange(0, 12)):
            world.survive(world.step)
    world.settle()


@pytest.mark.parametrize("seed", range(60))
def test_random_lives(seed: int, tmp_path: Path) -> None:
    world = World(tmp_path, seed=seed)
    draw = random.Random(seed)
    at = sorted(draw.sample(range(400), 12))
    faults = (
        TemporaryDriverError("the disk is full"),
        FabricError("the orderer does not answer"),
        PermanentDriverError("the program is missing"),
    )
    original = world.faults.at

    def kill_now_and_then(point: str) -> None:
        number = len(world.faults.passed)
        if number in at:
            if draw.random() < 0.6 or point.startswith("commit"):
                world.faults.kill_at = number
            else:
                world.faults.plan[number] = draw.choice(faults)
        original(point)

    world.faults.at = kill_now_and_then  # type: ignore[method-assign]
    world.restart()
    random_life(world)
    at.clear()
    world.settle()
    check(world)


def test_a_network_tells_why_its_member_failed(tmp_path: Path) -> None:
    world = World(tmp_path, seed=3)
    answer = world.api.create_network(ALICE, network_request("t", "one"))
    fault = PermanentDriverError("cannot find the program fabric-ca-server")

    def spoil(point: str) -> None:
        if point == f"apply {answer['MemberId']}-ca":
            raise fault

    world.faults.at = spoil  # type: ignore[method-assign]
    world.restart()
    world.settle()
    network = world.api.get_network(ALICE, {"NetworkId": answer["NetworkId"]})["Network"]
    assert network["Status"] == "CREATE_FAILED"
    assert (
        network["StatusReason"] == f"Its first member {answer['MemberId']} was not created: {fault}"
    )


def test_a_member_that_cannot_be_made_gives_its_invitation_back(tmp_path: Path) -> None:
    world = World(tmp_path, seed=6)
    network_id, founder = create_network(world)

    def spoil(point: str) -> None:
        if point.startswith("apply ") and founder not in point:
            world.now += timedelta(seconds=1)
            raise PermanentDriverError("cannot find the program fabric-ca-server")

    world.faults.keep = spoil
    failed = invite_and_join(world, network_id, founder)
    ids = {"NetworkId": network_id, "MemberId": failed}
    assert world.api.get_member(BOB, ids)["Member"]["Status"] == "CREATE_FAILED"  # type: ignore[arg-type]
    assert [it["Status"] for it in world.api.list_invitations(BOB, {})["Invitations"]] == [
        "PENDING"
    ]


def test_a_request_during_the_last_look_is_not_lost(tmp_path: Path) -> None:
    """DeleteMember comes while a worker finds that a failed network needs nothing any more."""
    world = World(tmp_path, seed=4)
    answer = world.api.create_network(ALICE, network_request("t", "one"))
    ids = {"NetworkId": answer["NetworkId"], "MemberId": answer["MemberId"]}
    spoilt = f"apply {answer['NetworkId']}-orderer0"

    def spoil(point: str) -> None:
        if point == spoilt:
            raise PermanentDriverError("cannot find the program orderer")

    world.faults.at = spoil  # type: ignore[method-assign]
    world.restart()
    record = world.worker._record_success

    def record_after_a_request(claim: Any, step: Step) -> None:
        if step is Step.DROP and claim.resource_id == answer["NetworkId"]:
            world.worker._record_success = record  # type: ignore[method-assign]
            world.api.delete_member(ALICE, ids)  # type: ignore[arg-type]
        record(claim, step)

    world.worker._record_success = record_after_a_request  # type: ignore[method-assign]
    world.settle()
    check(world)
    assert world.api.list_networks(ALICE, {})["Networks"] == []


def test_a_look_that_fails_gives_the_work_back(tmp_path: Path) -> None:
    world = World(tmp_path, seed=5)
    world.api.create_network(ALICE, network_request("t", "one"))
    look = world.worker._look

    def fail_once(work: Any) -> Any:
        world.worker._look = look  # type: ignore[method-assign]
        raise OSError("the machine cannot be looked at")

    world.worker._look = fail_once  # type: ignore[method-assign]
    with pytest.raises(OSError, match="cannot be looked at"):
        world.worker.run_once()
    before = world.now
    world.settle()
    check(world)
    assert world.now - before < timedelta(seconds=30), "nobody waited for the lease to end"
