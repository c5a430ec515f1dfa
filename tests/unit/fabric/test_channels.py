from __future__ import annotations

import copy
from typing import Any

from hansa.fabric.channels import anchor_update, joined_channels, update_envelope

METRICS = """\
# HELP ledger_blockchain_height Height of the chain in blocks.
# TYPE ledger_blockchain_height gauge
ledger_blockchain_height{channel="second"} 7
ledger_blockchain_height{channel="first.one"} 3
ledger_block_processing_time_count{channel="third"} 1
"""

ORGANIZATION: dict[str, Any] = {
    "groups": {},
    "mod_policy": "Admins",
    "policies": {"Admins": {"version": "2", "policy": {}}, "Readers": {"version": "0"}},
    "values": {"MSP": {"version": "1", "value": {}}},
    "version": "4",
}
GROUP: dict[str, Any] = {
    "groups": {
        "Application": {"groups": {"m-1": ORGANIZATION, "m-2": {}}, "version": "3"},
        "Orderer": {"version": "0"},
    },
    "values": {"Capabilities": {"version": "0"}},
    "version": "1",
}
ANCHOR = {"anchor_peers": [{"host": "peer.example", "port": 30003}]}


def test_a_peer_is_in_the_channels_it_reports_a_height_for() -> None:
    assert joined_channels(METRICS) == ["first.one", "second"]
    assert joined_channels("") == []


def around(organization: dict[str, Any]) -> dict[str, Any]:
    application = {
        "groups": {"m-1": organization},
        "policies": {},
        "values": {},
        "version": "3",
    }
    return {
        "groups": {"Application": application},
        "policies": {},
        "values": {},
        "version": "1",
    }


def test_a_first_anchor_peer_is_a_new_element_of_its_organization() -> None:
    policies = {"Admins": {"version": "2"}, "Readers": {"version": "0"}}
    read = {
        "groups": {},
        "policies": policies,
        "values": {"MSP": {"version": "1"}},
        "version": "4",
    }
    anchors = {"mod_policy": "Admins", "value": ANCHOR, "version": "0"}
    written = {
        "groups": {},
        "mod_policy": "Admins",
        "policies": policies,
        "values": {"MSP": {"version": "1"}, "AnchorPeers": anchors},
        "version": "5",
    }
    before = copy.deepcopy(GROUP)
    assert anchor_update(GROUP, "ours", "m-1", "peer.example", 30003) == {
        "channel_id": "ours",
        "isolated_data": {},
        "read_set": around(read),
        "write_set": around(written),
    }
    assert before == GROUP


def with_anchors(value: object) -> dict[str, Any]:
    group = copy.deepcopy(GROUP)
    values = group["groups"]["Application"]["groups"]["m-1"]["values"]
    values["AnchorPeers"] = {"mod_policy": "Admins", "value": value, "version": "6"}
    return group


def test_an_emptied_list_of_anchor_peers_is_a_changed_element() -> None:
    group = with_anchors({"anchor_peers": []})
    update = anchor_update(group, "ours", "m-1", "peer.example", 30003)
    assert update is not None
    assert update["read_set"] == around(
        {"groups": {}, "policies": {}, "values": {}, "version": "4"}
    )
    anchors = {"mod_policy": "Admins", "value": ANCHOR, "version": "7"}
    assert update["write_set"] == around(
        {"groups": {}, "policies": {}, "values": {"AnchorPeers": anchors}, "version": "4"}
    )


def test_an_anchor_peer_that_is_there_stays() -> None:
    group = with_anchors({"anchor_peers": [{"host": "other.example", "port": 1}]})
    assert anchor_update(group, "ours", "m-1", "peer.example", 30003) is None


def test_a_member_without_part_in_the_channel_gets_none() -> None:
    assert anchor_update(GROUP, "ours", "m-9", "peer.example", 30003) is None


def test_the_envelope_names_the_channel() -> None:
    assert update_envelope("ours", {"channel_id": "ours"}) == {
        "payload": {
            "header": {"channel_header": {"channel_id": "ours", "type": 2}},
            "data": {"config_update": {"channel_id": "ours"}},
        }
    }
