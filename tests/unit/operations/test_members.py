"""ListMembers, GetMember, UpdateMember, DeleteMember."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from tests.unit.operations.consortium import Consortium
from tests.unit.operations.installation import ALICE, BOB, Installation, network_request

from hansa.domain.errors import ResourceNotFoundError, ResourceNotReadyError
from hansa.domain.lifecycle import Kind, Status
from hansa.store.tables import Work

LOGS = {"Fabric": {"CaLogs": {"Cloudwatch": {"Enabled": True}}}}


def test_get_tells_all_of_it(installation: Installation) -> None:
    network_id, member_id = installation.network()
    ids = {"NetworkId": network_id, "MemberId": member_id}
    member = installation.api.get_member(ALICE, ids)["Member"]  # type: ignore[arg-type]
    zone = f"{network_id.lower()}.managedblockchain.us-east-1.localhost"
    assert member == {
        "NetworkId": network_id,
        "Id": member_id,
        "Name": "org1",
        "Description": "The first",
        "FrameworkAttributes": {
            "Fabric": {
                "AdminUsername": "admin",
                "CaEndpoint": f"ca.{member_id.lower()}.{zone}:30002",
            }
        },
        "LogPublishingConfiguration": None,
        "Status": "AVAILABLE",
        "StatusReason": "now AVAILABLE",
        "CreationDate": member["CreationDate"],
        "Tags": {},
        "Arn": f"arn:aws:managedblockchain:us-east-1:111111111111:members/{member_id}",
        "KmsKeyArn": "AWS Owned KMS Key",
    }


def test_lists_filter(installation: Installation) -> None:
    network_id, member_id = installation.network()
    other = installation.network(Name="other", ClientRequestToken="t2")[1]

    def ids(**filters: object) -> list[str]:
        request = {"NetworkId": network_id, **filters}
        answer = installation.api.list_members(ALICE, request)  # type: ignore[arg-type]
        return [member["Id"] for member in answer["Members"]]

    assert ids() == ids(IsOwned=True) == ids(Name="org1") == ids(Status="AVAILABLE") == [member_id]
    assert ids(IsOwned=False) == ids(Name="x") == ids(Status="DELETING") == []
    assert other not in ids()


def test_members_of_others_are_not_found(installation: Installation) -> None:
    network_id, member_id = installation.network()
    ids = {"NetworkId": network_id, "MemberId": member_id}
    for operation in ("get_member", "delete_member", "update_member"):
        with pytest.raises(ResourceNotFoundError):
            getattr(installation.api, operation)(BOB, ids)
    with pytest.raises(ResourceNotFoundError):
        installation.api.list_members(BOB, {"NetworkId": network_id})


def test_a_member_of_another_network_is_not_found(installation: Installation) -> None:
    network_id, _ = installation.network()
    other = installation.network(Name="other", ClientRequestToken="t2")[1]
    with pytest.raises(ResourceNotFoundError, match=other):
        installation.api.get_member(ALICE, {"NetworkId": network_id, "MemberId": other})


def test_an_update_is_stored_and_passes_through_updating(installation: Installation) -> None:
    network_id, member_id = installation.network()
    ids = {"NetworkId": network_id, "MemberId": member_id}
    request = {**ids, "LogPublishingConfiguration": LOGS}
    assert installation.api.update_member(ALICE, request) == {}  # type: ignore[arg-type]
    assert installation.api.update_member(ALICE, request) == {}  # type: ignore[arg-type]
    member = installation.api.get_member(ALICE, ids)["Member"]  # type: ignore[arg-type]
    assert (member["Status"], member["LogPublishingConfiguration"]) == ("UPDATING", LOGS)


def test_what_is_being_created_is_not_deleted(installation: Installation) -> None:
    answer = installation.api.create_network(ALICE, network_request())
    with pytest.raises(ResourceNotReadyError, match="is CREATING"):
        installation.api.delete_member(
            ALICE, {"NetworkId": answer["NetworkId"], "MemberId": answer["MemberId"]}
        )


def test_the_last_member_takes_its_nodes_and_the_network_along(installation: Installation) -> None:
    network_id, member_id = installation.network()
    node_id = installation.node(network_id, member_id)
    ids = {"NetworkId": network_id, "MemberId": member_id}
    installation.api.delete_member(ALICE, ids)  # type: ignore[arg-type]
    installation.api.delete_member(ALICE, ids)  # type: ignore[arg-type]
    network = installation.api.get_network(ALICE, {"NetworkId": network_id})["Network"]
    member = installation.api.get_member(ALICE, ids)["Member"]  # type: ignore[arg-type]
    node = installation.api.get_node(ALICE, {**ids, "NodeId": node_id})["Node"]  # type: ignore[typeddict-item]
    assert {network["Status"], member["Status"], node["Status"]} == {"DELETING"}
    with installation.store.read() as session:
        due = {row.resource_id for row in session.scalars(select(Work))}
    assert due == {network_id, member_id, node_id}


def test_who_left_before_does_not_see_the_end(consortium: Consortium) -> None:
    api, ids = consortium.api, {"NetworkId": consortium.network_id}
    installation = consortium.installation
    second = consortium.join(BOB.account_id)
    api.delete_member(BOB, {**ids, "MemberId": second})  # type: ignore[typeddict-item]
    installation.become(Kind.MEMBER, second, Status.DELETED)
    founder = consortium.members[0][1]
    api.delete_member(ALICE, {**ids, "MemberId": founder})  # type: ignore[typeddict-item]
    installation.become(Kind.MEMBER, founder, Status.DELETED)
    assert [each["Status"] for each in api.list_networks(ALICE, {})["Networks"]] == ["DELETING"]
    assert api.list_networks(BOB, {})["Networks"] == []
    with pytest.raises(ResourceNotFoundError):
        api.get_network(BOB, ids)  # type: ignore[arg-type]


def test_a_deleted_member_leaves_the_lists(installation: Installation) -> None:
    network_id, member_id = installation.network()
    installation.become(Kind.MEMBER, member_id, Status.DELETING, Status.DELETED)
    with pytest.raises(ResourceNotFoundError):
        installation.api.list_members(ALICE, {"NetworkId": network_id})
