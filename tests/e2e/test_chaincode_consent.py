"""Chaincode of two companies: proposed by one, voted on by both, run by both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import WaiterError
from tests.e2e.installation import Installation
from tests.e2e.network import create_network, refused, request, vote
from tests.e2e.test_chaincode_api import ASSET, archive

from hansa.fabric.packages import read_package

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

SELLER = "666677778888"
CHANNEL = "deals"


@dataclass(frozen=True)
class Company:
    """A member with a node in the channel, and its account's clients."""

    api: Any
    fabric: Any
    member: dict[str, str]

    @property
    def keys(self) -> dict[str, str]:
        return {**self.member, "ChannelName": CHANNEL}

    def vote(self, proposal_id: str, cast: str = "YES") -> str:
        """What the proposal is then."""
        vote(self.api, self.member["NetworkId"], proposal_id, self.member["MemberId"], cast)
        shown = self.api.get_proposal(NetworkId=self.member["NetworkId"], ProposalId=proposal_id)
        return str(shown["Proposal"]["Status"])

    def await_done(self, answer: dict[str, Any]) -> dict[str, Any]:
        chosen = {"OperationId": answer["OperationId"]}
        self.fabric.get_waiter("operation_succeeded").wait(
            **chosen, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600}
        )
        return dict(self.fabric.get_operation(**chosen)["Operation"])

    def in_force(self) -> list[dict[str, Any]]:
        chosen = {"NetworkId": self.member["NetworkId"], "ChannelName": CHANNEL}
        return list(self.fabric.list_chaincodes(**chosen)["Chaincodes"])


@pytest.fixture(scope="module")
def companies(
    service: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Company, Company]]:
    network = create_network(service, tmp_path_factory.mktemp("buyer"))
    buyer = Company(network.api, service.client("hansafabric"), network.member_keys)
    service.hansa("account", "create", "voting-seller", "--account-id", SELLER)
    api = service.client(account=SELLER)
    actions = {"Invitations": [{"Principal": SELLER}]}
    buyer.vote(buyer.api.create_proposal(**buyer.member, Actions=actions)["ProposalId"])
    (invitation,) = api.list_invitations()["Invitations"]
    chosen = {"NetworkId": network.network_id, "InvitationId": invitation["InvitationId"]}
    configuration = request("")["MemberConfiguration"] | {"Name": "seller"}
    joined = api.create_member(**chosen, MemberConfiguration=configuration)["MemberId"]
    member = {"NetworkId": network.network_id, "MemberId": joined}
    api.get_waiter("member_available").wait(**member)
    kind = {"InstanceType": "bc.t3.small", "AvailabilityZone": "us-east-1a"}
    node = {"NodeId": api.create_node(**member, NodeConfiguration=kind)["NodeId"]}
    api.get_waiter("node_available").wait(**member, **node)
    seller = Company(api, service.client("hansafabric", account=SELLER), member)
    buyer.await_done(buyer.fabric.create_channel(**buyer.member, Name=CHANNEL, Members=[joined]))
    place = {"NetworkId": network.network_id, "ChannelName": CHANNEL}
    seller.await_done(seller.fabric.join_channel(**place, **node))
    yield buyer, seller
    api.delete_member(**member)
    network.delete()


def proposed(service: Installation, company: Company, source: Path) -> dict[str, str]:
    """What the command answers, given by ``company``."""
    chosen = ("--network", company.member["NetworkId"], "--member", company.member["MemberId"])
    deploy = ("chaincode", "deploy", str(source), "--name", "asset", "--channel", CHANNEL)
    return dict(service.hansa_json(*deploy, *chosen))


def test_what_one_company_refuses_is_not_done(
    companies: tuple[Company, Company], service: Installation
) -> None:
    buyer, seller = companies
    answer = proposed(service, buyer, ASSET)
    assert seller.vote(answer["ProposalId"], "NO") == "REJECTED"
    operation = buyer.fabric.get_operation(OperationId=answer["OperationId"])["Operation"]
    assert (operation["Status"], operation["Steps"]) == ("FAILED", [])
    assert buyer.in_force() == []
    ready = seller.fabric.check_commit_readiness(**seller.keys, Definition={"Name": "asset"})
    assert not any(ready["Approvals"].values())


def test_what_both_agree_to_runs_on_the_nodes_of_both(
    companies: tuple[Company, Company], service: Installation
) -> None:
    buyer, seller = companies
    answer = proposed(service, buyer, ASSET)
    shown = seller.api.get_proposal(
        NetworkId=seller.member["NetworkId"], ProposalId=answer["ProposalId"]
    )["Proposal"]
    package_id = shown["Description"].rpartition(" ")[2]
    looked_at = read_package(seller.fabric.get_package(PackageId=package_id)["Content"])
    assert (looked_at.package_id, looked_at.language) == (package_id, "node")
    refused(
        seller.fabric.upgrade_chaincode, "ResourceNotFoundException", **seller.keys,
        Definition={"Name": "other"}, PackageId=package_id,
    )  # fmt: skip
    assert buyer.vote(answer["ProposalId"]) == "IN_PROGRESS"
    assert buyer.in_force() == []
    seller.vote(answer["ProposalId"])
    done = seller.await_done(answer)
    assert [step["Status"] for step in done["Steps"]] == ["DONE"] * 6
    members = [company.member["MemberId"] for company in companies]
    (chaincode,) = seller.in_force()
    assert chaincode["Approvals"] == dict.fromkeys(members, True)
    called = {"ChaincodeName": "asset", "EndorsingMembers": members}
    buyer.fabric.invoke_chaincode(
        **buyer.keys, **called, Function="createAsset", Arguments=["a1", "Ann", "7"]
    )
    read = seller.fabric.query_chaincode(
        **seller.keys, ChaincodeName="asset", Function="readAsset", Arguments=["a1"]
    )
    assert "Ann" in read["ResultText"]


def test_companies_that_approve_by_hand_need_no_vote(companies: tuple[Company, Company]) -> None:
    buyer, seller = companies
    members = [company.member["MemberId"] for company in companies]
    definition = {"Name": "asset", "EndorsementPolicy": f"OR('{members[0]}.peer')"}
    packages = [
        company.fabric.package_chaincode(
            Code=archive(ASSET, {"whose.txt": company.member["MemberId"]}),
            Language="node",
            Label="own",
        )["PackageId"]
        for company in companies
    ]
    alone = buyer.fabric.upgrade_chaincode(
        **buyer.keys, Definition=definition, PackageId=packages[0], Propose=False
    )
    with pytest.raises(WaiterError):
        buyer.await_done(alone)
    failed = buyer.fabric.get_operation(OperationId=alone["OperationId"])["Operation"]
    assert f"lacks {members[1]}" in failed["StatusReason"]
    both = seller.fabric.upgrade_chaincode(
        **seller.keys, Definition=definition, PackageId=packages[1]
    )
    assert both.get("ProposalId") is None
    seller.await_done(both)
    (chaincode,) = buyer.in_force()
    assert chaincode["Definition"]["Sequence"] == 2
    # What is in force is taken up with another package, without anybody else: here with the one
    # that the seller has since it voted for it, and has installed.
    (voted_for,) = [
        package["Id"]
        for package in seller.fabric.list_packages()["Packages"]
        if package["Id"] not in packages
    ]
    again = seller.fabric.deploy_chaincode(
        **seller.keys, Definition=definition | {"Sequence": 2}, PackageId=voted_for
    )
    steps = seller.await_done(again)["Steps"]
    assert [step.get("Detail") or "" for step in steps] == ["It was there", "", "It was there"]
