from __future__ import annotations

import copy
from typing import Any

import pytest

from hansa.fabric.membership import (
    admission,
    channel_members,
    dismissal,
    expulsion,
    invalidation,
)

POLICY = "/Channel/Orderer/Admins"
NEWCOMER = {"groups": {}, "mod_policy": "Admins", "policies": {}, "values": {}, "version": "0"}
VOID = {"values": {"MSP": {"value": {"type": 0, "config": {"root_certs": ["dm9pZA=="]}}}}}


def organization(version: str) -> dict[str, Any]:
    msp = {"type": 0, "config": {"root_certs": ["b3du"]}}
    return {
        "groups": {},
        "mod_policy": "Admins",
        "policies": {"Admins": {"version": "0"}},
        "values": {"MSP": {"mod_policy": POLICY, "value": msp, "version": "2"}},
        "version": version,
    }


SYSTEM: dict[str, Any] = {
    "groups": {
        "Consortiums": {
            "groups": {
                "AWSSystemConsortium": {
                    "groups": {"m-1": organization("0"), "m-2": organization("1")},
                    "mod_policy": POLICY,
                    "policies": {},
                    "values": {"ChannelCreationPolicy": {"value": {}, "version": "0"}},
                    "version": "5",
                }
            },
            "version": "3",
        },
        "Orderer": {"version": "8"},
    },
    "values": {"Capabilities": {"version": "0"}},
    "version": "2",
}
CHANNEL: dict[str, Any] = {
    "groups": {
        "Application": {
            "groups": {"m-2": organization("4"), "m-1": organization("0")},
            "mod_policy": "Admins",
            "policies": {"Admins": {"policy": {}, "version": "1"}},
            "values": {"Capabilities": {"value": {}, "version": "0"}},
            "version": "6",
        },
        "Orderer": {"version": "0"},
    },
    "values": {},
    "version": "1",
}


def around(version: str, **groups: Any) -> dict[str, Any]:
    return {"groups": groups, "policies": {}, "values": {}, "version": version}


def in_consortium(group: dict[str, Any]) -> dict[str, Any]:
    return around("2", Consortiums=around("3", AWSSystemConsortium=group))


def consortium(version: str, **groups: Any) -> dict[str, Any]:
    values = {"ChannelCreationPolicy": {"version": "0"}}
    return {"groups": groups, "policies": {}, "values": values, "version": version}


PRESENT = {"m-1": {"version": "0"}, "m-2": {"version": "1"}}


@pytest.fixture(autouse=True)
def unchanged() -> Any:
    before = copy.deepcopy((SYSTEM, CHANNEL))
    yield
    assert before == (SYSTEM, CHANNEL)


def test_a_member_is_added_to_the_consortium() -> None:
    written = consortium("6", **PRESENT, **{"m-3": NEWCOMER}) | {"mod_policy": POLICY}
    assert admission(SYSTEM, "m-3", NEWCOMER) == {
        "channel_id": "hansa-system-channel",
        "isolated_data": {},
        "read_set": in_consortium(consortium("5", **PRESENT)),
        "write_set": in_consortium(written),
    }


def test_a_member_of_the_consortium_is_not_added_again() -> None:
    assert admission(SYSTEM, "m-2", NEWCOMER) is None


def test_a_member_is_taken_out_of_the_consortium() -> None:
    written = consortium("6", **{"m-1": {"version": "0"}}) | {"mod_policy": POLICY}
    assert dismissal(SYSTEM, "m-2") == {
        "channel_id": "hansa-system-channel",
        "isolated_data": {},
        "read_set": in_consortium(consortium("5", **PRESENT)),
        "write_set": in_consortium(written),
    }


def test_who_was_never_admitted_is_not_taken_out() -> None:
    assert dismissal(SYSTEM, "m-3") is None


def test_a_member_is_taken_out_of_a_channel() -> None:
    others = {
        "policies": {"Admins": {"version": "1"}},
        "values": {"Capabilities": {"version": "0"}},
    }
    read = {
        "groups": {"m-1": {"version": "0"}, "m-2": {"version": "4"}},
        **others,
        "version": "6",
    }
    written = {
        "groups": {"m-1": {"version": "0"}},
        **others,
        "mod_policy": "Admins",
        "version": "7",
    }
    assert expulsion(CHANNEL, "ours", "m-2", ("m-1", "m-3")) == {
        "channel_id": "ours",
        "isolated_data": {},
        "read_set": around("1", Application=read),
        "write_set": around("1", Application=written),
    }


@pytest.mark.parametrize(
    ("member_id", "remaining"), [("m-3", ("m-1", "m-2")), ("m-2", ("m-3",)), ("m-2", ())]
)
def test_a_channel_without_it_or_without_others_is_left_alone(
    member_id: str, remaining: tuple[str, ...]
) -> None:
    assert expulsion(CHANNEL, "ours", member_id, remaining) is None


def test_the_members_of_a_channel() -> None:
    assert channel_members(CHANNEL) == ["m-1", "m-2"]


def test_a_void_authority_takes_the_place_of_the_members() -> None:
    value = VOID["values"]["MSP"]["value"]
    written = around("4") | {
        "values": {"MSP": {"mod_policy": POLICY, "value": value, "version": "3"}}
    }
    assert invalidation(CHANNEL, "ours", "m-2", VOID) == {
        "channel_id": "ours",
        "isolated_data": {},
        "read_set": around("1", Application=around("6", **{"m-2": around("4")})),
        "write_set": around("1", Application=around("6", **{"m-2": written})),
    }


def test_what_is_void_stays_as_it_is() -> None:
    void = copy.deepcopy(CHANNEL)
    msp = void["groups"]["Application"]["groups"]["m-2"]["values"]["MSP"]
    msp["value"]["config"]["root_certs"] = ["dm9pZA=="]
    assert invalidation(void, "ours", "m-2", VOID) is None
    assert invalidation(CHANNEL, "ours", "m-3", VOID) is None
