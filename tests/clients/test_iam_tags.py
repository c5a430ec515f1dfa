"""Access by tags, through the real API: at creation and ever after, for all six resource types."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from tests.clients.identities import Installation, allow, deny, document, refused

from hansa.domain.lifecycle import Kind, Status

pytestmark = pytest.mark.clients

FABRIC = {"Fabric": {"AdminUsername": "admin", "AdminPassword": "Password123"}}
POLICY = {
    "ApprovalThresholdPolicy": {
        "ThresholdPercentage": 50,
        "ThresholdComparator": "GREATER_THAN",
        "ProposalDurationInHours": 24,
    }
}
NODE = {"InstanceType": "bc.t3.small", "AvailabilityZone": "us-east-1a"}
Ids = dict[str, str]


def member(name: str, **more: Any) -> dict[str, Any]:
    return {"Name": name, "FrameworkConfiguration": FABRIC, **more}


def network(name: str, **more: Any) -> dict[str, Any]:
    return {
        "Name": name,
        "Framework": "HYPERLEDGER_FABRIC",
        "FrameworkVersion": "2.2",
        "FrameworkConfiguration": {"Fabric": {"Edition": "STANDARD"}},
        "VotingPolicy": POLICY,
        **more,
    }


@dataclass
class Team:
    """A network with one of each resource type in it, all with the tag ``team`` of one colour."""

    installation: Installation
    colour: str
    ids: Ids

    def arn(self, kind: str) -> str:
        account = "" if kind in ("networks", "proposals") else self.installation.one.account_id
        return f"arn:aws:managedblockchain:us-east-1:{account}:{kind}/{self.ids[kind]}"


def invite(installation: Installation, network_id: str, member_id: str, **more: Any) -> Ids:
    """An approved proposal, and the open invitation of the first account that it brings."""
    api = installation.client("managedblockchain")
    account = installation.one.account_id
    actions = {"Invitations": [{"Principal": account}]}
    proposal = api.create_proposal(
        NetworkId=network_id, MemberId=member_id, Actions=actions, **more
    )["ProposalId"]
    api.vote_on_proposal(
        NetworkId=network_id, ProposalId=proposal, VoterMemberId=member_id, Vote="YES"
    )
    (found,) = [
        one["InvitationId"]
        for one in api.list_invitations()["Invitations"]
        if one["NetworkSummary"]["Id"] == network_id and one["Status"] == "PENDING"
    ]
    return {"proposals": proposal, "invitations": found}


def team(installation: Installation, colour: str) -> Team:
    api, tags = installation.client("managedblockchain"), {"team": colour}
    configuration = member("org1", Tags=tags)
    made = api.create_network(
        **network(f"n{secrets.token_hex(4)}", Tags=tags, MemberConfiguration=configuration)
    )
    network_id, member_id = made["NetworkId"], made["MemberId"]
    installation.become(Kind.MEMBER, member_id, Status.AVAILABLE)
    installation.become(Kind.NETWORK, network_id, Status.AVAILABLE)
    node = api.create_node(
        NetworkId=network_id, MemberId=member_id, NodeConfiguration=NODE, Tags=tags
    )
    accessor = api.create_accessor(AccessorType="BILLING_TOKEN", Tags=tags)["AccessorId"]
    ids = {
        "networks": network_id,
        "members": member_id,
        "nodes": node["NodeId"],
        "accessors": accessor,
        **invite(installation, network_id, member_id, Tags=tags),
    }
    found = Team(installation, colour, ids)
    api.tag_resource(ResourceArn=found.arn("invitations"), Tags=tags)
    return found


@pytest.fixture(scope="module")
def blue(installation: Installation) -> Team:
    return team(installation, "blue")


@pytest.fixture(scope="module")
def red(installation: Installation) -> Team:
    return team(installation, "red")


USE: dict[str, Callable[[Any, Ids], Any]] = {
    "networks": lambda api, ids: api.get_network(NetworkId=ids["networks"]),
    "members": lambda api, ids: api.get_member(NetworkId=ids["networks"], MemberId=ids["members"]),
    "nodes": lambda api, ids: api.get_node(NetworkId=ids["networks"], NodeId=ids["nodes"]),
    "proposals": lambda api, ids: api.get_proposal(
        NetworkId=ids["networks"], ProposalId=ids["proposals"]
    ),
    "accessors": lambda api, ids: api.get_accessor(AccessorId=ids["accessors"]),
    "invitations": lambda api, ids: api.list_tags_for_resource(ResourceArn=ids["arn"]),
}


@pytest.mark.parametrize("kind", USE)
def test_a_resource_is_used_by_its_tag_alone(
    installation: Installation, blue: Team, red: Team, name: str, kind: str
) -> None:
    mine = {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}
    key = installation.user(name, allow("managedblockchain:*", StringEquals=mine))
    installation.client("iam").tag_user(UserName=name, Tags=[{"Key": "team", "Value": "blue"}])
    api = installation.client_of("managedblockchain", *key)
    ids = {colour.colour: {**colour.ids, "arn": colour.arn(kind)} for colour in (blue, red)}
    assert USE[kind](api, ids["blue"])
    message = refused("AccessDeniedException", lambda: USE[kind](api, ids["red"]))
    assert red.arn(kind) in message
    administrator = installation.client("managedblockchain")
    administrator.tag_resource(ResourceArn=red.arn(kind), Tags={"team": "blue"})
    try:
        assert USE[kind](api, ids["red"])
        administrator.untag_resource(ResourceArn=red.arn(kind), TagKeys=["team"])
        refused("AccessDeniedException", lambda: USE[kind](api, ids["red"]))
    finally:
        administrator.tag_resource(ResourceArn=red.arn(kind), Tags={"team": "red"})


def test_an_invitation_is_rejected_by_its_tag_alone(installation: Installation, name: str) -> None:
    red = team(installation, "red")
    blues = allow("managedblockchain:*", StringEquals={"aws:ResourceTag/team": "blue"})
    api = installation.client_of("managedblockchain", *installation.user(name, blues))
    refused(
        "AccessDeniedException",
        lambda: api.reject_invitation(InvitationId=red.ids["invitations"]),
    )
    administrator = installation.client("managedblockchain")
    administrator.tag_resource(ResourceArn=red.arn("invitations"), Tags={"team": "blue"})
    api.reject_invitation(InvitationId=red.ids["invitations"])


CREATE: dict[str, Callable[[Any, Ids, dict[str, str]], Any]] = {
    "networks": lambda api, ids, tags: api.create_network(
        **network(ids["name"], Tags=tags, MemberConfiguration=member("org1"))
    ),
    "members": lambda api, ids, tags: api.create_member(
        NetworkId=ids["networks"],
        InvitationId=ids["invitations"],
        MemberConfiguration=member("org2", Tags=tags),
    ),
    "nodes": lambda api, ids, tags: api.create_node(
        NetworkId=ids["networks"], MemberId=ids["members"], NodeConfiguration=NODE, Tags=tags
    ),
    "proposals": lambda api, ids, tags: api.create_proposal(
        NetworkId=ids["networks"],
        MemberId=ids["members"],
        Actions={"Invitations": [{"Principal": "999988887777"}]},
        Tags=tags,
    ),
    "accessors": lambda api, _, tags: api.create_accessor(AccessorType="BILLING_TOKEN", Tags=tags),
}


@pytest.mark.parametrize("kind", CREATE)
def test_a_resource_is_created_with_the_right_tag_alone(
    installation: Installation, name: str, kind: str
) -> None:
    own = team(installation, "blue")
    create = [f"managedblockchain:Create{each}" for each in ("Accessor", "Member", "N*", "P*")]
    blues = {"StringEquals": {"aws:RequestTag/team": "blue"}}
    only = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}
    creating = allow(create, **blues, **only)
    api = installation.client_of(
        "managedblockchain",
        *installation.user(name, creating, allow("managedblockchain:TagResource", **blues)),
    )
    ids = {**own.ids, "name": name}
    for wrong in ({}, {"team": "red"}, {"team": "blue", "stage": "test"}, {"Team": "Blue"}):
        refused("AccessDeniedException", lambda wrong=wrong: CREATE[kind](api, ids, wrong))  # type: ignore[misc]
    without = installation.client_of("managedblockchain", *installation.user(f"{name}-2", creating))
    message = refused("AccessDeniedException", lambda: CREATE[kind](without, ids, {"team": "blue"}))
    account = "" if kind in ("networks", "proposals") else installation.one.account_id
    assert (
        "is not authorized to perform: managedblockchain:TagResource on resource: "
        f"arn:aws:managedblockchain:us-east-1:{account}:{kind}/*"
    ) in message
    assert CREATE[kind](api, ids, {"team": "blue"})


def test_the_tags_of_a_networks_first_member_are_asked_for_too(
    installation: Installation, name: str
) -> None:
    blues = {"StringEquals": {"aws:RequestTag/team": "blue"}}
    key = installation.user(
        name,
        allow("managedblockchain:CreateNetwork"),
        allow("managedblockchain:TagResource", "arn:aws:managedblockchain:*:*:members/*", **blues),
    )
    api = installation.client_of("managedblockchain", *key)

    def create(colour: str) -> Any:
        configuration = member("org1", Tags={"team": colour})
        return api.create_network(**network(name, MemberConfiguration=configuration))

    refused("AccessDeniedException", lambda: create("red"))
    assert create("blue")["NetworkId"]


def test_a_tag_that_guards_cannot_be_changed_by_whom_it_guards_against(
    installation: Installation, blue: Team, red: Team, name: str
) -> None:
    blues = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
    guard = {"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}}
    tagging = ["managedblockchain:TagResource", "managedblockchain:UntagResource"]
    key = installation.user(name, allow("managedblockchain:*", **blues), deny(tagging, **guard))
    api = installation.client_of("managedblockchain", *key)
    mine, other = blue.arn("nodes"), red.arn("nodes")
    api.tag_resource(ResourceArn=mine, Tags={"stage": "test"})
    api.untag_resource(ResourceArn=mine, TagKeys=["stage"])
    attempts: list[Callable[[], Any]] = [
        lambda: api.tag_resource(ResourceArn=other, Tags={"stage": "test"}),
        lambda: api.tag_resource(ResourceArn=other, Tags={"team": "blue"}),
        lambda: api.tag_resource(ResourceArn=mine, Tags={"stage": "test", "team": "red"}),
        lambda: api.untag_resource(ResourceArn=mine, TagKeys=["team"]),
    ]
    for attempt in attempts:
        refused("AccessDeniedException", attempt)


def test_nobody_learns_the_tags_of_others_by_a_policy_of_his_own(
    installation: Installation, blue: Team, name: str
) -> None:
    """Whatever the condition, another account's network is one that does not exist."""
    iam = installation.client("iam", installation.two)
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    api = installation.client_of("managedblockchain", key["AccessKeyId"], key["SecretAccessKey"])
    for colour in ("blue", "red"):
        guess = allow("managedblockchain:Get*", StringEquals={"aws:ResourceTag/team": colour})
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(guess))
        refused("AccessDeniedException", lambda: api.get_network(NetworkId=blue.ids["networks"]))
        answer = iam.simulate_principal_policy(
            PolicySourceArn=f"arn:aws:iam::{installation.two.account_id}:user/{name}",
            ActionNames=["managedblockchain:GetNetwork"],
            ResourceArns=[blue.arn("networks")],
        )
        (result,) = answer["EvaluationResults"]
        assert result["EvalDecision"] == "implicitDeny"
        assert result["MissingContextValues"] == ["aws:ResourceTag/team"]


def test_users_and_roles_are_managed_by_their_tags(installation: Installation, name: str) -> None:
    iam, account = installation.client("iam"), installation.one.account_id
    blues = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
    creating = {"StringEquals": {"aws:RequestTag/team": "blue"}}
    key = installation.user(
        name,
        allow(["iam:GetUser", "iam:DeleteUser"], **blues),
        allow("iam:CreateUser"),
        allow("iam:TagUser", **creating),
    )
    theirs = installation.client_of("iam", *key)
    refused(
        "AccessDenied",
        lambda: theirs.create_user(UserName=f"{name}-a", Tags=[{"Key": "team", "Value": "red"}]),
    )
    theirs.create_user(UserName=f"{name}-a", Tags=[{"Key": "team", "Value": "blue"}])
    theirs.delete_user(UserName=f"{name}-a")
    iam.create_user(UserName=f"{name}-b", Tags=[{"Key": "team", "Value": "red"}])
    message = refused("AccessDenied", lambda: theirs.delete_user(UserName=f"{name}-b"))
    assert f"arn:aws:iam::{account}:user/{name}-b" in message
