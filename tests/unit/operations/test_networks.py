"""CreateNetwork, ListNetworks, GetNetwork, DeleteNetwork."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.unit.operations.installation import ALICE, BOB, Installation, network_request

from hansa.domain.errors import (
    IllegalActionError,
    InvalidRequestError,
    ResourceAlreadyExistsError,
    ResourceLimitExceededError,
    ResourceNotFoundError,
)
from hansa.domain.lifecycle import Kind, Status
from hansa.store.tables import Member, Network, Port, Work


def test_create_writes_the_whole_intent_and_nothing_runs_yet(installation: Installation) -> None:
    answer = installation.api.create_network(ALICE, network_request(Tags={"team": "a"}))
    assert sorted(answer) == ["MemberId", "NetworkId"]
    with installation.store.read() as session:
        network, member = (
            session.scalars(select(Network)).one(),
            session.scalars(select(Member)).one(),
        )
        work = {row.resource_id for row in session.scalars(select(Work))}
        ports = {(p.resource_id, p.purpose): p.number for p in session.scalars(select(Port))}
    assert (network.id, network.status, network.account_id) == (
        answer["NetworkId"], Status.CREATING, ALICE.account_id,
    )  # fmt: skip
    assert (member.id, member.status, member.network_id) == (
        answer["MemberId"], Status.CREATING, network.id,
    )  # fmt: skip
    assert work == {network.id, member.id}
    assert ports[network.id, "orderer"] == 30001
    assert ports[member.id, "ca"] == 30002
    assert installation.wakes == 1


def test_the_password_is_nowhere_in_the_clear(installation: Installation) -> None:
    installation.api.create_network(ALICE, network_request())
    content = b"".join(
        file.read_bytes() for file in installation.directory.iterdir() if file.is_file()
    )
    assert b"Password123" not in content
    with installation.store.read() as session:
        sealed = session.scalars(select(Member)).one().admin_password
    assert sealed
    assert installation.store.cipher.decrypt(sealed) == "Password123"


def test_get_tells_all_of_it_as_amb_does(installation: Installation) -> None:
    network_id, _ = installation.network(Description="for trade", Tags={"a": "b"})
    network = installation.api.get_network(ALICE, {"NetworkId": network_id})["Network"]
    zone = f"{network_id.lower()}.managedblockchain.us-east-1"
    assert network == {
        "Id": network_id,
        "Name": "trade",
        "Description": "for trade",
        "Framework": "HYPERLEDGER_FABRIC",
        "FrameworkVersion": "2.2",
        "FrameworkAttributes": {
            "Fabric": {
                "OrderingServiceEndpoint": f"orderer.{zone}.localhost:30001",
                "Edition": "STARTER",
            }
        },
        "VpcEndpointServiceName": f"com.amazonaws.us-east-1.managedblockchain.{network_id.lower()}",
        "VotingPolicy": network_request()["VotingPolicy"],
        "Status": "AVAILABLE",
        "StatusReason": "now AVAILABLE",
        "CreationDate": network["CreationDate"],
        "Tags": {"a": "b"},
        "Arn": f"arn:aws:managedblockchain:us-east-1::networks/{network_id}",
    }


def test_the_endpoint_is_told_once_it_answers(installation: Installation) -> None:
    answer = installation.api.create_network(ALICE, network_request())
    network = installation.api.get_network(ALICE, {"NetworkId": answer["NetworkId"]})["Network"]
    assert network["FrameworkAttributes"]["Fabric"]["OrderingServiceEndpoint"] is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Framework": "ETHEREUM"}, "'framework' is ETHEREUM"),
        ({"FrameworkVersion": "3.0"}, "'frameworkVersion' is 3.0; it has to be one of 1.2, 1.4"),
        ({"FrameworkConfiguration": {}}, "'frameworkConfiguration.fabric.edition' is missing"),
        ({"VotingPolicy": {}}, "approvalThresholdPolicy.thresholdPercentage' is missing"),
        (
            {"MemberConfiguration": {"Name": "a", "FrameworkConfiguration": {}}},
            "'memberConfiguration.frameworkConfiguration.fabric' is missing",
        ),
        (
            {
                "MemberConfiguration": {
                    **network_request()["MemberConfiguration"],
                    "KmsKeyArn": "arn:aws:kms:us-east-1:111111111111:key/x",
                }
            },
            "kmsKeyArn' is not supported",
        ),
        ({"Tags": {"aws:x": "y"}}, "reserved"),
    ],
)
def test_bad_requests_change_nothing(
    installation: Installation, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidRequestError, match=words.replace("(", r"\(")):
        installation.api.create_network(ALICE, network_request(**changes))
    with installation.store.read() as session:
        assert not list(session.scalars(select(Network)))
        assert not list(session.scalars(select(Port)))
    assert installation.wakes == 0


def test_all_faults_are_told_together(installation: Installation) -> None:
    request = network_request(FrameworkVersion="9", FrameworkConfiguration={}, VotingPolicy={})
    with pytest.raises(InvalidRequestError) as caught:
        installation.api.create_network(ALICE, request)
    for word in ("frameworkVersion", "edition", "thresholdComparator", "proposalDurationInHours"):
        assert word in caught.value.message


def test_a_name_is_taken_until_the_network_is_deleted(installation: Installation) -> None:
    network_id, member_id = installation.network()
    again = network_request(ClientRequestToken="token-2")
    with pytest.raises(ResourceAlreadyExistsError, match="trade already exists"):
        installation.api.create_network(ALICE, again)
    installation.api.create_network(BOB, again)
    installation.become(Kind.MEMBER, member_id, Status.DELETING, Status.DELETED)
    installation.become(Kind.NETWORK, network_id, Status.DELETING, Status.DELETED)
    assert installation.api.create_network(ALICE, again)["NetworkId"] != network_id


def test_limits_count_each_edition(tmp_path: Path) -> None:
    installation = Installation(tmp_path, {"networks_per_account_max": 2})
    for number in range(2):
        installation.network(Name=f"n{number}", ClientRequestToken=f"t{number}")
    with pytest.raises(ResourceLimitExceededError, match="2 STARTER networks"):
        installation.network(Name="n3", ClientRequestToken="t3")
    standard = {"Fabric": {"Edition": "STANDARD"}}
    installation.network(Name="n4", ClientRequestToken="t4", FrameworkConfiguration=standard)
    installation.network(caller=BOB, Name="n3", ClientRequestToken="t3")


def test_a_standard_network_has_three_orderers(installation: Installation) -> None:
    standard = {"Fabric": {"Edition": "STANDARD"}}
    network_id, _ = installation.network(FrameworkConfiguration=standard)
    with installation.store.read() as session:
        purposes = [p.purpose for p in session.scalars(select(Port)) if p.resource_id == network_id]
    assert purposes.count("orderer") == purposes.count("operations") == 3


def test_ports_in_use_are_not_reserved(installation: Installation) -> None:
    installation.taken = {30001, 30002}
    network_id, _ = installation.network()
    network = installation.api.get_network(ALICE, {"NetworkId": network_id})["Network"]
    endpoint = network["FrameworkAttributes"]["Fabric"]["OrderingServiceEndpoint"]
    assert endpoint.endswith(":30003")


def test_a_used_up_range_is_told_and_changes_nothing(tmp_path: Path) -> None:
    installation = Installation(tmp_path, {"ports": "30001-30001"})
    with pytest.raises(ResourceLimitExceededError, match="setting ports"):
        installation.api.create_network(ALICE, network_request())
    with installation.store.read() as session:
        assert not list(session.scalars(select(Network)))


def test_the_same_token_replays_the_answer_across_a_restart(installation: Installation) -> None:
    first = installation.api.create_network(ALICE, network_request())
    installation.store.close()
    installation.open()
    assert installation.api.create_network(ALICE, network_request()) == first
    with installation.store.read() as session:
        assert len(list(session.scalars(select(Network)))) == 1


def test_the_same_token_with_another_request_is_refused(installation: Installation) -> None:
    installation.api.create_network(ALICE, network_request())
    with pytest.raises(InvalidRequestError, match="ClientRequestToken token-1 was already used"):
        installation.api.create_network(ALICE, network_request(Name="other"))


def test_a_token_is_the_accounts_own(installation: Installation) -> None:
    first = installation.api.create_network(ALICE, network_request())
    assert installation.api.create_network(BOB, network_request()) != first


def test_lists_filter_and_page(installation: Installation) -> None:
    ids = [installation.network(Name=f"n{n}", ClientRequestToken=f"t{n}")[0] for n in range(5)]
    api = installation.api
    assert [n["Id"] for n in api.list_networks(ALICE, {})["Networks"]] == ids
    assert [n["Id"] for n in api.list_networks(ALICE, {"Name": "n3"})["Networks"]] == [ids[3]]
    assert api.list_networks(ALICE, {"Status": "CREATING"})["Networks"] == []
    assert api.list_networks(ALICE, {"Framework": "ETHEREUM"})["Networks"] == []
    pages, request = [], {"MaxResults": 2}
    while True:
        page = api.list_networks(ALICE, request)  # type: ignore[arg-type]
        pages.append([n["Id"] for n in page["Networks"]])
        if page["NextToken"] is None:
            break
        request = {"MaxResults": 2, "NextToken": page["NextToken"]}
    assert pages == [ids[:2], ids[2:4], ids[4:]]


@pytest.mark.parametrize("token", ["", "nonsense", "WzEsICJ4Il0", "W10", "é", "e30"])
def test_a_token_of_another_list_is_refused(installation: Installation, token: str) -> None:
    with pytest.raises(InvalidRequestError, match="nextToken"):
        installation.api.list_networks(ALICE, {"NextToken": token})


def test_a_token_is_bound_to_its_filters(installation: Installation) -> None:
    for number in range(3):
        installation.network(Name=f"n{number}", ClientRequestToken=f"t{number}")
    token = installation.api.list_networks(ALICE, {"MaxResults": 1})["NextToken"]
    with pytest.raises(InvalidRequestError, match="nextToken"):
        installation.api.list_networks(ALICE, {"NextToken": token, "Status": "AVAILABLE"})  # type: ignore[typeddict-item]


def test_networks_of_others_are_not_found(installation: Installation) -> None:
    network_id, _ = installation.network()
    assert installation.api.list_networks(BOB, {})["Networks"] == []
    with pytest.raises(ResourceNotFoundError, match=network_id) as caught:
        installation.api.get_network(BOB, {"NetworkId": network_id})
    assert caught.value.members == {"ResourceName": network_id}
    with pytest.raises(ResourceNotFoundError):
        installation.api.delete_network(BOB, {"NetworkId": network_id})


def test_a_network_goes_only_with_its_last_member(installation: Installation) -> None:
    network_id, member_id = installation.network()
    with pytest.raises(IllegalActionError, match=f"Delete {member_id} first"):
        installation.api.delete_network(ALICE, {"NetworkId": network_id})
    ids = {"NetworkId": network_id, "MemberId": member_id}
    installation.api.delete_member(ALICE, ids)  # type: ignore[arg-type]
    assert installation.api.delete_network(ALICE, {"NetworkId": network_id}) == {}
    installation.become(Kind.MEMBER, member_id, Status.DELETED)
    listed = installation.api.list_networks(ALICE, {})["Networks"]
    assert [(n["Id"], n["Status"]) for n in listed] == [(network_id, "DELETING")]
    installation.become(Kind.NETWORK, network_id, Status.DELETED)
    assert installation.api.delete_network(ALICE, {"NetworkId": network_id}) == {}
    with pytest.raises(ResourceNotFoundError):
        installation.api.get_network(ALICE, {"NetworkId": network_id})
    assert installation.api.list_networks(ALICE, {})["Networks"] == []


def test_a_deleted_network_may_stay_for_a_while(tmp_path: Path) -> None:
    installation = Installation(tmp_path, {"deleted_seconds": 3600.0})
    network_id, member_id = installation.network()
    installation.become(Kind.MEMBER, member_id, Status.DELETING)
    installation.become(Kind.NETWORK, network_id, Status.DELETING)
    installation.become(Kind.MEMBER, member_id, Status.DELETED)
    installation.become(Kind.NETWORK, network_id, Status.DELETED)
    network = installation.api.get_network(ALICE, {"NetworkId": network_id})["Network"]
    assert network["Status"] == "DELETED"
    listed = installation.api.list_networks(ALICE, {})["Networks"]
    assert [row["Status"] for row in listed] == ["DELETED"]
    installation.now += timedelta(hours=1)
    for request in ({}, {"Status": "DELETED"}):
        assert installation.api.list_networks(ALICE, request)["Networks"] == []  # type: ignore[arg-type]
    with pytest.raises(ResourceNotFoundError):
        installation.api.get_network(ALICE, {"NetworkId": network_id})
