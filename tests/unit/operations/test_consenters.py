"""Which orderers order a channel, over a fake Fabric."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from tests.unit.operations.fabric_scene import Scene, share
from tests.unit.operations.installation import ALICE, BOB, Installation

from hansa.domain.errors import IllegalActionError, InvalidRequestError
from hansa.fabric.ledgers import Standing, port_of


@pytest.fixture
def standard(installation: Installation) -> Scene:
    return Scene(installation, edition="STANDARD")


def shown(scene: Scene) -> set[int]:
    channel = scene.call("get_channel", NetworkId=scene.network_id, ChannelName="trade")["Channel"]
    return {*map(port_of, channel["Consenters"])}


def change(scene: Scene) -> Any:
    return partial(scene.call, "set_consenters", **scene.keys, ChannelName="trade")


def test_consenters_change_one_by_one_those_who_come_first(standard: Scene) -> None:
    standard.create_channel()
    first, second, third = standard.orderers()
    answer = change(standard)(Consenters=[third, second])
    standard.perform()
    operation = standard.operation(answer)
    assert [(step["Name"], step["Detail"]) for step in operation["Steps"]] == [
        (f"Have orderer {second} order", "It was there"),
        (f"Have orderer {third} order", "It was there"),
        (f"Have orderer {first} order no more", ""),
    ]
    assert shown(standard) == {port_of(second), port_of(third)}
    answer = change(standard)(Consenters=[f"localhost:{port_of(first)}"])
    standard.perform()
    assert standard.operation(answer)["Status"] == "SUCCEEDED"
    assert shown(standard) == {port_of(first)}
    assert standard.net.acts.count("change trade") == 4


def test_members_vote_on_consenters(standard: Scene) -> None:
    shared = share(standard)
    first, *others = standard.orderers()
    set_them = change(standard)
    assert set_them(Consenters=others, DryRun=True)["Preview"]["Outcome"] == "PROPOSAL"
    answer = set_them(Consenters=others)
    alice, bob = (ALICE, standard.member_id, "YES"), (BOB, shared.other_id, "YES")
    shared.vote(answer["ProposalId"], alice)
    assert port_of(first) in shown(standard)
    shared.vote(answer["ProposalId"], bob)
    assert standard.operation(answer)["Status"] == "SUCCEEDED"
    assert shown(standard) == {*map(port_of, others)}


def test_a_preview_tells_of_the_quorum(standard: Scene) -> None:
    standard.create_channel()
    first, second, third = standard.orderers()
    preview = partial(change(standard), DryRun=True)
    told = preview(Consenters=[first, second])["Preview"]
    assert told["Outcome"] == "AT_ONCE"
    assert told["Quorum"] == {
        "Consenters": 2, "Needed": 2, "Running": 2, "ToleratesLoss": False, "Refusal": "",
    }  # fmt: skip
    told = preview(Consenters=[first, second, third])["Preview"]
    assert (told["Outcome"], told["Quorum"]["ToleratesLoss"]) == ("NO_CHANGE", True)
    standard.net.stopped.add(port_of(second))
    told = preview(Consenters=[first, second])["Preview"]
    assert told["Outcome"] == "REFUSED"
    assert "2 of 2 orderers would have to run, and 1 of them" in told["Quorum"]["Refusal"]
    with pytest.raises(IllegalActionError, match="lose its quorum"):
        change(standard)(Consenters=[first, second])
    assert standard.net.acts.count("change trade") == 0


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (lambda _ours: [], "is empty"),
        (lambda ours: [ours[0], "orderer.example.com:7050"], "orderer.example.com:7050"),
        (lambda ours: [ours[0], ours[1], ours[0]], "twice"),
        (lambda ours: [ours[0], f"localhost:{port_of(ours[0])}"], "twice"),
        (lambda ours: [ours[0], "nonsense"], "nonsense"),
    ],
)
def test_what_has_no_meaning_is_refused(standard: Scene, asked: Any, told: str) -> None:
    standard.create_channel()
    with pytest.raises(InvalidRequestError) as refusal:
        change(standard)(Consenters=asked(standard.orderers()))
    assert told in refusal.value.message


def test_a_network_with_one_orderer_has_no_choice(scene: Scene) -> None:
    scene.create_channel()
    with pytest.raises(IllegalActionError, match="STANDARD"):
        change(scene)(Consenters=scene.orderers())


def test_an_orderer_that_stops_meanwhile_is_waited_for_and_then_given_up(standard: Scene) -> None:
    standard.create_channel()
    first, second, third = standard.orderers()
    answer = change(standard)(Consenters=[second, third])
    standard.net.stopped.add(port_of(third))
    standard.perform()
    operation = standard.operation(answer)
    assert operation["Status"] == "IN_PROGRESS"
    assert "1 of them run now" in operation["Steps"][2]["Detail"]
    assert port_of(first) in shown(standard)
    standard.installation.now += timedelta(seconds=90)
    standard.perform()
    standard.installation.now += timedelta(seconds=90)
    standard.perform()
    assert standard.operation(answer)["Status"] == "FAILED"
    assert port_of(first) in shown(standard)


@pytest.mark.parametrize(
    ("ordinal", "meanwhile", "told"),
    [
        (0, Standing.LEAVES, "has not heard yet that it is out"),
        (1, Standing.OUT, "has not fetched the blocks yet"),
    ],
)
def test_a_step_waits_until_the_orderer_knows(
    standard: Scene, ordinal: int, meanwhile: Standing, told: str
) -> None:
    standard.create_channel()
    ours = standard.orderers()
    standard.net.unsettled[port_of(ours[ordinal])] = meanwhile
    answer = change(standard)(Consenters=ours[1:])
    standard.perform()
    operation = standard.operation(answer)
    assert operation["Status"] == "IN_PROGRESS"
    assert any(told in step["Detail"] for step in operation["Steps"])
    standard.net.unsettled.clear()
    standard.installation.now += timedelta(seconds=10)
    standard.perform()
    assert standard.operation(answer)["Status"] == "SUCCEEDED"
