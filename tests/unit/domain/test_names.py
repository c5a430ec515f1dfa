from __future__ import annotations

import random
import re

import pytest

from hansa.domain import names


@pytest.mark.parametrize(("kind", "prefix"), sorted(names.PREFIXES.items()))
def test_ids_look_as_ambs_do(kind: str, prefix: str) -> None:
    made = names.new_id(kind, random.Random(1).choice)
    assert re.fullmatch(re.escape(prefix) + "[A-Z2-7]{26}", made)


def test_hosts_are_spelled_as_in_the_guide_in_lower_case() -> None:
    n, m, nd = "n-MWY63ZJZU5", "m-K46ICRRXJR", "nd-6EAJ5VA43J"
    zone = "n-mwy63zjzu5.managedblockchain.us-east-1.amazonaws.com"
    assert names.orderer_host(n, "us-east-1", "amazonaws.com") == f"orderer.{zone}"
    assert names.orderer_host(n, "us-east-1", "amazonaws.com", 2) == f"orderer2.{zone}"
    assert names.ca_host(m, n, "us-east-1", "amazonaws.com") == f"ca.m-k46icrrxjr.{zone}"
    expected = f"nd-6eaj5va43j.m-k46icrrxjr.{zone}"
    assert names.peer_host(nd, m, n, "us-east-1", "amazonaws.com") == expected
    service = names.vpc_endpoint_service_name(n, "us-east-1")
    assert service == "com.amazonaws.us-east-1.managedblockchain.n-mwy63zjzu5"


def test_arns_of_networks_carry_no_account() -> None:
    assert (
        names.network_arn("eu-west-1", "n-A") == "arn:aws:managedblockchain:eu-west-1::networks/n-A"
    )
    assert names.node_arn("eu-west-1", "123456789012", "nd-A") == (
        "arn:aws:managedblockchain:eu-west-1:123456789012:nodes/nd-A"
    )


@pytest.mark.parametrize("name", ["mychannel", "a", "a.b-c1", "a" * 249])
def test_channel_names_of_the_guide(name: str) -> None:
    assert names.CHANNEL_NAME.match(name)


@pytest.mark.parametrize("name", ["", "My", "1a", "-a", "a_b", "a" * 250, "a\n"])
def test_other_channel_names(name: str) -> None:
    assert not names.CHANNEL_NAME.match(name)
