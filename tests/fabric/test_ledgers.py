"""Channels of a network of two members, made by the service and by hand."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest
from tests.fabric.rig import (
    MEMBER,
    NETWORK,
    PASSWORD,
    Rig,
    User,
    member_facts,
    network_facts,
    node_facts,
    now,
    until,
)
from tests.ports import free_ports

from hansa.domain.agreement import fewest, indispensable
from hansa.engine import locate_engine
from hansa.fabric.base import FabricError, NetworkFacts
from hansa.fabric.genesis import ORDERER_MSP_ID
from hansa.fabric.ledgers import ChannelChange
from hansa.fabric.local_ledgers import LocalLedgers
from hansa.fabric.materials import Materials
from hansa.fabric.reach import Reach
from hansa.fabric.tools import FabricTools

pytestmark = [pytest.mark.fabric]

SECOND = "m-DDDDDDDDDDDDDDDDDDDDDDDDDD"


@dataclass(frozen=True)
class Scene:
    """A network whose consortium has two members, of which the founder has a peer."""

    network: NetworkFacts
    founder: User
    ledgers: LocalLedgers


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    directory = tmp_path_factory.mktemp("ledgers")
    rig = Rig(directory / "installation", locate_engine(os.environ))
    ports = free_ports(7)
    network = network_facts(ports[:2])
    member = member_facts(network, ports[2:4], PASSWORD)
    founder = User(rig, directory / "founder", network, member, node_facts(network, ports[4:]))
    founder.home.mkdir()
    chain = rig.fabric.tls_chain()
    materials = Materials(rig.settings.data_dir)
    reach = Reach(materials, rig.place, chain, secrets.token_bytes, now)
    ledgers = LocalLedgers(reach, FabricTools(rig.tools))
    try:
        rig.run(
            *rig.fabric.network_workloads(network),
            *rig.fabric.member_workloads(member),
            *rig.fabric.node_workloads(founder.node),
        )
        rig.fabric.admit_member(network, SECOND)
        rig.write(rig.fabric.complete_member(member))
        founder.enroll()
        yield Scene(network, founder, ledgers)
    finally:
        reach.close()
        rig.close()


def test_a_channel_is_made_once_and_joined(scene: Scene) -> None:
    ledgers, network, node = scene.ledgers, scene.network, scene.founder.node
    assert ledgers.channel(network, "trade") is None
    preview = ledgers.preview_creation(network, "trade", [MEMBER, SECOND], "V2_0")
    assert ledgers.channel(network, "trade") is None
    assert ledgers.create_channel(network, "trade", [MEMBER, SECOND], "V2_0")
    assert not ledgers.create_channel(network, "trade", [MEMBER, SECOND], "V2_0")
    assert ledgers.join_channel(network, node, "trade")
    assert not ledgers.join_channel(network, node, "trade")
    assert ledgers.joined_channels(node) == {"trade": 1}
    assert "trade" in ledgers.channel_names(network)
    channel = ledgers.channel(network, "trade")
    assert channel is not None
    assert (channel.name, channel.height, channel.capability) == ("trade", 1, "V2_0")
    assert channel.members == [MEMBER, SECOND]
    assert channel.batches.timeout == scene.founder.rig.settings.batch_timeout
    assert channel.policies["Admins"] == "MAJORITY Admins"
    assert channel.policies["LifecycleEndorsement"] == "MAJORITY Endorsement"
    assert replace(preview.after, height=1, config_sequence=1) == channel
    assert preview.asked == ("/Channel/Application/ChannelCreationPolicy",)
    assert fewest(preview.agreement, channel.members) == 1
    assert preview.lost == ()
    lines = {line.path: line.after for line in preview.differences}
    assert lines[f"/Channel/Application/{SECOND}"] == "a member"
    assert lines["/Channel/Application/Capabilities"] == "V2_0"
    assert lines["/Channel/Orderer/BatchTimeout"] == channel.batches.timeout
    assert not [path for path, after in lines.items() if after.endswith(" bytes")]


def test_a_member_that_is_a_stranger_is_in_no_channel(scene: Scene) -> None:
    stranger = "m-ZZZZZZZZZZZZZZZZZZZZZZZZZZ"
    with pytest.raises(FabricError, match=f"include member {stranger} which is not"):
        scene.ledgers.create_channel(scene.network, "strange", [MEMBER, stranger], "V2_0")
    with pytest.raises(FabricError, match=f"{stranger} is not in"):
        scene.ledgers.preview_creation(scene.network, "strange", [MEMBER, stranger], "V2_0")
    assert scene.ledgers.channel(scene.network, "strange") is None


def test_batches_and_capability_change_with_the_signatures_they_need(scene: Scene) -> None:
    ledgers, network = scene.ledgers, scene.network
    ledgers.create_channel(network, "older", [MEMBER, SECOND], "V1_4_2")
    batches = ChannelChange(timeout="150ms", messages_max=7)
    assert ledgers.change_channel(network, "older", batches, [])
    assert not ledgers.change_channel(network, "older", batches, [])
    raised = ChannelChange(capability="V2_5")
    with pytest.raises(FabricError, match="Admins"):
        ledgers.change_channel(network, "older", raised, [MEMBER])
    assert ledgers.recent_channel(network, "older")
    assert ledgers.change_channel(network, "older", raised, [MEMBER, SECOND])
    channel = ledgers.channel(network, "older")
    assert ledgers.recent_channel(network, "older") == channel
    assert channel is not None
    assert (channel.batches.timeout, channel.batches.messages_max) == ("150ms", 7)
    assert (channel.capability, channel.config_sequence, channel.height) == ("V2_5", 3, 3)


def test_a_channel_made_by_hand_is_one_like_any_other(scene: Scene) -> None:
    scene.founder.create_channel("byhand")
    scene.founder.join("byhand")
    channel = scene.ledgers.channel(scene.network, "byhand")
    assert channel is not None
    assert channel.members == [MEMBER]
    assert scene.ledgers.joined_channels(scene.founder.node)["byhand"] == 1


def test_policies_of_orderers_and_of_the_whole_channel_are_changed_by_hand(scene: Scene) -> None:
    """As the documentation of the API says."""
    scene.ledgers.create_channel(scene.network, "whole", [MEMBER], "V2_0")
    founder = scene.founder

    def change(top: dict[str, Any]) -> None:
        for group in (top, top["groups"]["Orderer"]):
            group["policies"]["Admins"]["policy"]["value"]["rule"] = "ALL"

    file = founder.config_update("whole", change)
    service = founder.rig.settings.data_dir / "networks" / NETWORK / "keys" / "admin-msp"
    update = ("channel", "update", "-c", "whole", "-f", file, *founder.orderer())
    for refused in (founder.peer, partial(founder.peer_as, ORDERER_MSP_ID, service)):
        with pytest.raises(AssertionError, match="not satisfied"):
            refused(*update)
    founder.peer("channel", "signconfigtx", "-f", file)
    founder.peer_as(ORDERER_MSP_ID, service, *update)

    def is_changed() -> bool:
        channel = scene.ledgers.channel(scene.network, "whole")
        return channel is not None and channel.policies["/Channel/Admins"] == "ALL Admins"

    until(is_changed)
    orderers = founder.channel_group("whole")["groups"]["Orderer"]["policies"]["Admins"]
    assert orderers["policy"]["value"]["rule"] == "ALL"


def test_what_the_service_makes_is_joined_by_hand(scene: Scene) -> None:
    scene.ledgers.create_channel(scene.network, "ours", [MEMBER], "V2_0")
    scene.founder.fetch_first_block("ours")
    scene.founder.join("ours")
    assert "ours" in scene.ledgers.joined_channels(scene.founder.node)


def test_a_peer_leaves_a_channel_while_it_is_stopped_and_joins_again(scene: Scene) -> None:
    ledgers, network, node, rig = (
        scene.ledgers,
        scene.network,
        scene.founder.node,
        scene.founder.rig,
    )
    for name in ("kept", "left"):
        ledgers.create_channel(network, name, [MEMBER], "V2_0")
        ledgers.join_channel(network, node, name)
    (peer,) = rig.fabric.node_workloads(node)
    with pytest.raises(FabricError, match="peer node failed"):
        ledgers.leave_channel(node, "left")
    rig.kill(peer.name)
    for _ in range(2):
        ledgers.leave_channel(node, "left")
    rig.run(peer)
    assert ledgers.has_joined(node, "kept")
    assert not ledgers.has_joined(node, "left")
    assert ledgers.join_channel(network, node, "left")
    assert ledgers.joined_channels(node)["left"] == 1


def test_anchor_peers_need_their_members_signature_alone(scene: Scene) -> None:
    ledgers, network = scene.ledgers, scene.network
    ledgers.create_channel(network, "anchored", [MEMBER, SECOND], "V2_0")
    for peers in (("one.example:7051", "two.example:7051"), ("two.example:7051",)):
        change = ChannelChange(anchor_peers={MEMBER: peers})
        with pytest.raises(FabricError, match="not satisfied"):
            ledgers.change_channel(network, "anchored", change, [SECOND])
        assert ledgers.change_channel(network, "anchored", change, [MEMBER])
        assert not ledgers.change_channel(network, "anchored", change, [MEMBER])
        channel = ledgers.channel(network, "anchored")
        assert channel is not None
        assert channel.anchor_peers == {MEMBER: peers, SECOND: ()}


def test_a_preview_knows_whose_signatures_fabric_asks_for(scene: Scene) -> None:
    ledgers, network = scene.ledgers, scene.network
    ledgers.create_channel(network, "voted", [MEMBER, SECOND], "V2_0")
    either, first = f"OR('{MEMBER}.admin', '{SECOND}.admin')", f"OR('{MEMBER}.admin')"
    steps = [
        (ChannelChange(policies={"Admins": either}), [MEMBER, SECOND], 2),
        (ChannelChange(policies={"Auditors": first}, acls={"peer/Propose": "Auditors"}), [], 1),
        (ChannelChange(policies={"Admins": first}), [], 1),
        (ChannelChange(timeout="70ms", acls={"peer/Propose": ""}), [MEMBER], 1),
        (ChannelChange(policies={"Auditors": ""}), [MEMBER], 1),
    ]
    for change, needed, number in steps:
        preview = ledgers.preview(network, "voted", change)
        assert indispensable(preview.agreement, [MEMBER, SECOND]) == needed, change
        assert fewest(preview.agreement, [MEMBER, SECOND]) == number
        assert preview.lost == ()
        signers = needed or [SECOND]
        if number == 2:
            with pytest.raises(FabricError, match="not satisfied"):
                ledgers.change_channel(network, "voted", change, signers[:1])
        assert ledgers.change_channel(network, "voted", change, signers)
        assert not ledgers.change_channel(network, "voted", change, signers)
        assert ledgers.preview(network, "voted", change).differences == ()
        channel = ledgers.channel(network, "voted")
        assert channel is not None
        assert (channel.policies, channel.acls) == (preview.after.policies, preview.after.acls)
    assert channel.policies["Admins"] == f"AND('{MEMBER}.admin')"
    assert channel.acls == {}


def test_a_preview_shows_every_line_and_nobody_is_locked_out(scene: Scene) -> None:
    ledgers, network = scene.ledgers, scene.network
    ledgers.create_channel(network, "shown", [MEMBER], "V1_4_2")
    change = ChannelChange(
        timeout="80ms", messages_max=9, capability="V2_0", added_member=SECOND,
        anchor_peers={MEMBER: ("one.example:7051",)}, acls={"event/Block": "Writers"},
        policies={"Endorsement": f"AND('{MEMBER}.peer')"},
    )  # fmt: skip
    lines = {line.path: line for line in ledgers.preview(network, "shown", change).differences}
    application = "/Channel/Application"
    assert [(path, lines[path].before, lines[path].after) for path in sorted(lines)] == [
        (f"{application}/ACLs/event/Block", "", "Writers"),
        (f"{application}/Capabilities", "V1_4_2", "V2_0"),
        (f"{application}/Endorsement", "MAJORITY Endorsement", f"AND('{MEMBER}.peer')"),
        (f"{application}/{MEMBER}/AnchorPeers", "", "one.example:7051"),
        (f"{application}/{SECOND}", "", "a member"),
        ("/Channel/Orderer/BatchSize/MaxMessageCount", "500", "9"),
        ("/Channel/Orderer/BatchTimeout", scene.founder.rig.settings.batch_timeout, "80ms"),
    ]
    locked = ChannelChange(policies={"Admins": f"AND('{SECOND}.admin')"})
    assert ledgers.preview(network, "shown", locked).lost == (
        "/Channel/Admins", "/Channel/Application/Admins",
    )  # fmt: skip
    with pytest.raises(FabricError, match="nobody could satisfy /Channel/Admins"):
        ledgers.change_channel(network, "shown", locked, [MEMBER])
    lost = ChannelChange(policies={"Endorsement": f"AND('{MEMBER}.peer', '{SECOND}.peer')"})
    assert ledgers.preview(network, "shown", lost).lost == (f"{application}/Endorsement",)
    alone = ChannelChange(policies={"Readers": "ALL Readers"}, added_member=SECOND)
    assert ledgers.preview(network, "shown", alone).lost == (f"{application}/Readers",)


def test_peers_ask_the_policy_that_access_was_given_to(scene: Scene) -> None:
    ledgers, network, node = scene.ledgers, scene.network, scene.founder.node
    ledgers.create_channel(network, "guarded", [MEMBER, SECOND], "V2_0")
    ledgers.join_channel(network, node, "guarded")
    resource = "qscc/GetChainInfo"
    guard = ChannelChange(
        policies={"Auditors": f"OR('{SECOND}.admin')"},
        acls={resource: "/Channel/Application/Auditors"},
    )
    ledgers.change_channel(network, "guarded", guard, [MEMBER, SECOND])

    until(lambda: ledgers.joined_channels(node)["guarded"] == 0)
    open_again = ChannelChange(policies={"Auditors": ""}, acls={resource: ""})
    ledgers.change_channel(network, "guarded", open_again, [MEMBER, SECOND])
    until(lambda: ledgers.joined_channels(node)["guarded"] == 3)
