from __future__ import annotations

from hansa.domain.endpoints import Endpoints

NAMED = Endpoints("us-east-1", "amazonaws.com", named=True)
LOCAL = Endpoints("us-east-1", "amazonaws.com", named=False)


def test_named_endpoints_are_those_of_amb() -> None:
    zone = "n-1.managedblockchain.us-east-1.amazonaws.com"
    assert NAMED.orderer("n-1", 0, 30001) == f"orderer.{zone}:30001"
    assert NAMED.orderer("n-1", 2, 30001) == f"orderer2.{zone}:30001"
    assert NAMED.ca("m-A", "n-1", 30002) == f"ca.m-a.{zone}:30002"
    assert NAMED.peer("nd-B", "m-A", "n-1", 30003) == f"nd-b.m-a.{zone}:30003"


def test_where_names_do_not_resolve_endpoints_are_of_localhost() -> None:
    assert LOCAL.orderer("n-1", 0, 30001) == "localhost:30001"
    assert LOCAL.ca("m-A", "n-1", 30002) == "localhost:30002"
    assert LOCAL.peer("nd-B", "m-A", "n-1", 30003) == "localhost:30003"
    assert LOCAL.peer_host("nd-B", "m-A", "n-1") == NAMED.peer_host("nd-B", "m-A", "n-1")


def test_another_region_changes_the_names_alone() -> None:
    there = NAMED.in_region("eu-west-1")
    assert there.ca_host("m-A", "n-1") == "ca.m-a.n-1.managedblockchain.eu-west-1.amazonaws.com"
    assert LOCAL.in_region("eu-west-1").named is False
