"""Channels through the API alone, in a network of two members, with boto3 and the aws CLI."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.installation import Installation
from tests.e2e.network import Pair, create_network, join_network, refused, request, vote

pytestmark = [pytest.mark.fabric, pytest.mark.slow]


@pytest.fixture(scope="module")
def pair(service: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    first = create_network(service, tmp_path_factory.mktemp("first"))
    second = join_network(first, "org2", tmp_path_factory.mktemp("second"))
    yield Pair(first, second, service.client("hansafabric"))
    first.api.delete_member(**second.member_keys)
    first.delete()


@pytest.fixture(scope="module")
def trade(pair: Pair) -> dict[str, Any]:
    """The operation that has made the channel ``trade`` of both members."""
    return pair.await_done(
        pair.fabric.create_channel(
            **pair.first.member_keys, Name="trade", Members=[pair.second.member_id]
        )
    )


def test_a_channel_is_made_and_joined_in_one_call(pair: Pair, trade: dict[str, Any]) -> None:
    nodes = {pair.first.node_id, pair.second.node_id}
    assert (trade["Action"], trade["Subject"], trade["Status"]) == (
        "CreateChannel", "trade", "SUCCEEDED",
    )  # fmt: skip
    assert {step["Status"] for step in trade["Steps"]} == {"DONE"}
    assert trade["EndDate"] >= trade["CreationDate"]
    network_id = pair.first.network_id
    channel = pair.fabric.get_channel(NetworkId=network_id, ChannelName="trade")["Channel"]
    assert {node["NodeId"] for node in channel["Nodes"]} == nodes
    assert {member["MemberId"] for member in channel["Members"]} == {
        pair.first.member_id,
        pair.second.member_id,
    }
    assert all(member["AnchorPeers"] for member in channel["Members"])
    assert channel["Capability"] == "V2_0"
    assert channel["Arn"].endswith(f"channels/{network_id}/trade")
    listed = pair.fabric.list_channels(NetworkId=network_id)["Channels"]
    assert "trade" in [item["Name"] for item in listed]


def test_a_creation_is_previewed_as_it_would_become(
    pair: Pair, trade: dict[str, Any], service: Installation
) -> None:
    keys, fabric = pair.first.member_keys, pair.fabric
    made = fabric.get_channel(NetworkId=keys["NetworkId"], ChannelName="trade")["Channel"]
    others = [pair.second.member_id]
    preview = fabric.create_channel(**keys, Name="planned", Members=others, DryRun=True)["Preview"]
    lines = {line["Path"]: line["After"] for line in preview["Differences"]}
    application = "/Channel/Application"
    assert lines["/Channel/Orderer/BatchTimeout"] == made["Batches"]["Timeout"]
    assert lines[f"{application}/Capabilities"] == made["Capability"]
    for name, rule in made["Policies"].items():
        assert lines[name if name.startswith("/") else f"{application}/{name}"] == rule
    assert {f"{application}/{member['MemberId']}" for member in made["Members"]} <= {*lines}
    assert (preview["Outcome"], preview["Agreement"]["Needed"]) == ("AT_ONCE", 1)
    assert (preview["Quorum"]["Needed"], preview["Quorum"]["Running"]) == (1, 1)
    owner = ("--network", keys["NetworkId"], "--member", keys["MemberId"])
    told = service.hansa("channel", "create", "planned", *owner, "--with", *others, "--dry-run")
    assert "It would be done at once." in told
    assert "planned" not in service.hansa("channel", "list", *owner[:2])


def test_fabrics_tools_use_a_channel_of_the_api(pair: Pair, trade: dict[str, Any]) -> None:
    for network in (pair.first, pair.second):
        assert "trade" in network.tool("peer", "channel", "list").split()


def test_a_channel_made_by_hand_is_in_the_api(pair: Pair, trade: dict[str, Any]) -> None:
    pair.first.create_channel("byhand", Path(__file__).with_name("configtx.yaml"))
    network_id = pair.first.network_id
    channel = pair.fabric.get_channel(NetworkId=network_id, ChannelName="byhand")["Channel"]
    assert [member["MemberId"] for member in channel["Members"]] == [pair.first.member_id]
    pages = pair.fabric.get_paginator("list_channels").paginate(
        NetworkId=network_id, PaginationConfig={"PageSize": 1}
    )
    names = [item["Name"] for page in pages for item in page["Channels"]]
    assert names == sorted(names)
    assert {"byhand", "trade"} <= set(names)


def test_batches_and_capability_are_changed(pair: Pair) -> None:
    keys, fabric = pair.first.member_keys, pair.fabric
    pair.await_done(
        fabric.create_channel(
            **keys, Name="older", Members=[pair.second.member_id], Capability="V1_4_2"
        )
    )
    changed = fabric.update_channel(
        **keys,
        ChannelName="older",
        Capability="V2_5",
        Batches={"Timeout": "75ms", "MaxMessageCount": 33},
    )
    pair.await_done(changed)
    channel = fabric.get_channel(NetworkId=keys["NetworkId"], ChannelName="older")["Channel"]
    assert channel["Capability"] == "V2_5"
    assert (channel["Batches"]["Timeout"], channel["Batches"]["MaxMessageCount"]) == ("75ms", 33)
    lowered = refused(
        fabric.update_channel, "IllegalActionException", **keys, ChannelName="older",
        Capability="V2_0",
    )  # fmt: skip
    assert "cannot be lowered" in lowered


def test_policies_and_access_are_previewed_and_changed(
    pair: Pair, service: Installation, trade: dict[str, Any]
) -> None:
    keys, fabric = pair.first.member_keys, pair.fabric
    chosen = {"NetworkId": keys["NetworkId"], "ChannelName": "trade"}
    before = fabric.get_channel(**chosen)["Channel"]
    own = f"AND('{keys['MemberId']}.peer')"
    change = ("--policy", f"Endorsement={own}", "--acl", "qscc/GetBlockByHash=Writers")
    update = ("channel", "update", "trade", "--network", keys["NetworkId"])
    told = service.hansa(*update, "--member", keys["MemberId"], *change, "--dry-run")
    endorsement = next(line for line in told.splitlines() if line.endswith(own))
    assert endorsement.split()[0] == "/Channel/Application/Endorsement"
    assert "/Channel/Application/ACLs/qscc/GetBlockByHash" in told
    assert "It would be done at once." in told
    assert fabric.get_channel(**chosen)["Channel"] == before
    service.hansa(*update, "--member", keys["MemberId"], *change)
    after = fabric.get_channel(**chosen)["Channel"]
    assert after["Policies"]["Endorsement"] == own
    assert after["Acls"] == {"qscc/GetBlockByHash": "/Channel/Application/Writers"}
    removal = fabric.remove_channel_member(
        **chosen, MemberId=pair.second.member_id, RemovedMemberId=keys["MemberId"], DryRun=True
    )["Preview"]
    assert [item["Where"] for item in removal["Unsatisfiable"]] == [
        "/Channel/Application/Endorsement"
    ]
    refused(
        fabric.update_channel, "InvalidRequestException", **keys, ChannelName="trade",
        Acls={"peer/Unknown": "Admins"},
    )  # fmt: skip


def test_members_come_into_a_channel_and_leave_it(pair: Pair) -> None:
    keys, fabric = pair.first.member_keys, pair.fabric
    pair.await_done(fabric.create_channel(**keys, Name="alone"))
    chosen = {"NetworkId": keys["NetworkId"], "ChannelName": "alone"}
    added = fabric.add_channel_member(
        **keys, ChannelName="alone", AddedMemberId=pair.second.member_id
    )
    assert "ProposalId" not in added or added["ProposalId"] is None
    pair.await_done(added)
    pair.await_done(fabric.join_channel(**chosen, NodeId=pair.second.node_id))
    channel = fabric.get_channel(**chosen)["Channel"]
    assert len(channel["Members"]) == len(channel["Nodes"]) == 2
    pair.await_done(fabric.leave_channel(**chosen, NodeId=pair.second.node_id))
    channel = fabric.get_channel(**chosen)["Channel"]
    assert [node["NodeId"] for node in channel["Nodes"]] == [pair.first.node_id]
    peers = {member["MemberId"]: member["AnchorPeers"] for member in channel["Members"]}
    assert peers[pair.second.member_id] == []
    refused(
        fabric.set_anchor_peers, "IllegalActionException", **chosen,
        MemberId=pair.second.member_id, NodeIds=[pair.second.node_id],
    )  # fmt: skip
    pair.await_done(fabric.join_channel(**chosen, NodeId=pair.second.node_id))
    channel = fabric.get_channel(**chosen)["Channel"]
    assert all(member["AnchorPeers"] for member in channel["Members"])
    assert [len(channel[kind]) for kind in ("Members", "Nodes")] == [2, 2]
    removed = fabric.remove_channel_member(
        **keys, ChannelName="alone", RemovedMemberId=pair.second.member_id
    )
    pair.await_done(removed)
    members = fabric.get_channel(**chosen)["Channel"]["Members"]
    assert [member["MemberId"] for member in members] == [pair.first.member_id]


def test_another_companys_channel_is_changed_by_vote(
    pair: Pair, service: Installation, tmp_path: Path
) -> None:
    """A member of a second account, whose vote is what the change waits for."""
    account = "444455556666"
    service.hansa("account", "create", "voter", "--account-id", account)
    clients = {
        name: service.client(name, account=account) for name in ("managedblockchain", "hansafabric")
    }
    keys, api = pair.first.member_keys, pair.first.api
    actions = {"Invitations": [{"Principal": account}]}
    proposed = api.create_proposal(**keys, Actions=actions)["ProposalId"]
    voters = (pair.first.member_id, pair.second.member_id)
    for member_id in voters:
        vote(api, keys["NetworkId"], proposed, member_id)
    (invitation,) = clients["managedblockchain"].list_invitations()["Invitations"]
    joined = clients["managedblockchain"].create_member(
        NetworkId=keys["NetworkId"],
        InvitationId=invitation["InvitationId"],
        MemberConfiguration=request("")["MemberConfiguration"] | {"Name": "voter"},
    )["MemberId"]
    member = {"NetworkId": keys["NetworkId"], "MemberId": joined}
    clients["managedblockchain"].get_waiter("member_available").wait(**member)
    pair.await_done(pair.fabric.create_channel(**keys, Name="shared", Members=[joined]))
    wanted = {**member, "ChannelName": "shared", "Batches": {"Timeout": "90ms"}}
    preview = clients["hansafabric"].update_channel(**wanted, DryRun=True)["Preview"]
    assert (preview["Outcome"], preview["Agreement"]["Needed"]) == ("PROPOSAL", 2)
    assert preview["Agreement"]["Own"] == [joined]
    change = clients["hansafabric"].update_channel(**wanted)
    chosen = {"NetworkId": keys["NetworkId"], "ChannelName": "shared"}
    shown = api.get_proposal(NetworkId=keys["NetworkId"], ProposalId=change["ProposalId"])
    assert shown["Proposal"]["ProposedOperation"]["Action"] == "UpdateChannel"
    assert pair.fabric.get_channel(**chosen)["Channel"]["Batches"]["Timeout"] != "90ms"
    vote(clients["managedblockchain"], keys["NetworkId"], change["ProposalId"], joined)
    vote(api, keys["NetworkId"], change["ProposalId"], pair.first.member_id)
    clients["hansafabric"].get_waiter("operation_succeeded").wait(
        OperationId=change["OperationId"], WaiterConfig={"Delay": 0.1, "MaxAttempts": 600}
    )
    assert pair.fabric.get_channel(**chosen)["Channel"]["Batches"]["Timeout"] == "90ms"
    clients["managedblockchain"].delete_member(**member)


def test_bad_input_is_told(pair: Pair, trade: dict[str, Any]) -> None:
    keys, fabric = pair.first.member_keys, pair.fabric
    create = fabric.create_channel
    refused(create, "InvalidRequestException", **keys, Name="Upper")
    refused(create, "InvalidRequestException", **keys, Name="1st")
    refused(create, "ResourceAlreadyExistsException", **keys, Name="trade")
    stranger = "m-" + "Z" * 26
    assert stranger in refused(
        create, "ResourceNotFoundException", **keys, Name="other", Members=[stranger]
    )
    absent = {"NetworkId": keys["NetworkId"], "ChannelName": "absent"}
    refused(fabric.get_channel, "ResourceNotFoundException", **absent)
    refused(fabric.join_channel, "ResourceNotFoundException", **absent, NodeId=pair.first.node_id)
    refused(fabric.update_channel, "InvalidRequestException", **keys, ChannelName="trade")
    refused(fabric.get_operation, "ResourceNotFoundException", OperationId="op-" + "Z" * 26)


def test_the_aws_cli_watches_an_operation(pair: Pair, service: Installation) -> None:
    keys = pair.first.member_keys
    chosen = f"--network-id {keys['NetworkId']} --member-id {keys['MemberId']}"
    script = f"""
operation=$(aws hansafabric create-channel {chosen} --name shell --query OperationId --output text)
aws hansafabric wait operation-succeeded --operation-id "$operation"
aws hansafabric get-operation --operation-id "$operation" --output json
"""
    operation = json.loads(service.shell(script))["Operation"]
    assert operation["Status"] == "SUCCEEDED"
    cancel = pair.fabric.cancel_operation
    refused(cancel, "IllegalActionException", OperationId=operation["Id"])


def test_tags_decide_who_sees_a_channel(
    pair: Pair, trade: dict[str, Any], service: Installation
) -> None:
    """The aws CLI gives the tag, whose ARN has slashes in it; a user may look at that alone."""
    channel = f"--network-id {pair.first.network_id} --channel-name trade"
    policy = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "hansafabric:GetChannel",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/team": "blue"}},
        },
    }
    script = f"""
arn=$(aws hansafabric get-channel {channel} --query Channel.Arn --output text)
aws iam create-user --user-name looker > /dev/null
aws iam put-user-policy --user-name looker --policy-name own \\
    --policy-document '{json.dumps(policy)}'
looker() {{
    AWS_ACCESS_KEY_ID=$1 AWS_SECRET_ACCESS_KEY=$2 aws hansafabric get-channel {channel} \
        --query Channel.Tags --output json
}}
keys=$(aws iam create-access-key --user-name looker --output text \
    --query 'AccessKey.[AccessKeyId,SecretAccessKey]')
refusal=$(looker $keys 2>&1) || grep -o AccessDeniedException <<< "$refusal" | head -n 1
aws hansafabric tag-resource --resource-arn "$arn" --tags team=blue,cost=1
aws hansafabric untag-resource --resource-arn "$arn" --tag-keys cost
aws hansafabric list-tags-for-resource --resource-arn "$arn" --query Tags.team --output text
looker $keys
"""
    refusal, team, *seen = service.shell(script).split()
    assert (refusal, team) == ("AccessDeniedException", "blue")
    assert json.loads("".join(seen)) == {"team": "blue"}
