"""Step 8 of AMB's guide of 2019: a second member, a joint channel, and endorsement by both.

The second member is invited into the same account, as the guide offers for a proof of concept. Then
it is removed by a vote, and the first goes on without it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from tests.e2e.installation import Installation, told, until
from tests.e2e.network import Network, create_network, join_network

pytestmark = [pytest.mark.fabric, pytest.mark.clients, pytest.mark.slow]

CONFIGTX = Path(__file__).parent / "guide" / "step-8" / "configtx.yaml"
EXAMPLE = Path(__file__).parents[2] / "examples" / "chaincode_example02"
CHANNEL = "ourchannel"


@pytest.fixture(scope="module")
def first(service: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    # Where the tools look for Go packages: the GOPATH of the user's home directory.
    samples = service.home / "go" / "src" / "github.com" / "chaincode_example02"
    shutil.copytree(EXAMPLE, samples, dirs_exist_ok=True)
    network = create_network(service, tmp_path_factory.mktemp("first"))
    yield network
    for member in network.api.list_members(NetworkId=network.network_id)["Members"]:
        network.api.delete_member(NetworkId=network.network_id, MemberId=member["Id"])
    network.api.get_waiter("network_deleted").wait(NetworkId=network.network_id)


@pytest.fixture(scope="module")
def second(first: Network, tmp_path_factory: pytest.TempPathFactory) -> Network:
    return join_network(first, "org2", tmp_path_factory.mktemp("second"))


def _vote(network: Network, proposal_id: str, *voters: Network) -> str:
    """Vote YES as ``voters``; the status of the proposal then."""
    ids = {"NetworkId": network.network_id, "ProposalId": proposal_id}
    for voter in voters:
        network.api.vote_on_proposal(**ids, VoterMemberId=voter.member_id, Vote="YES")
    return str(network.api.get_proposal(**ids)["Proposal"]["Status"])


def test_the_second_member_is_one_like_the_first(first: Network, second: Network) -> None:
    members = first.api.list_members(NetworkId=first.network_id)["Members"]
    assert [(m["Id"], m["Status"]) for m in members] == [
        (first.member_id, "AVAILABLE"),
        (second.member_id, "AVAILABLE"),
    ]
    (invitation,) = [
        found
        for found in first.api.list_invitations()["Invitations"]
        if found["NetworkSummary"]["Id"] == first.network_id
    ]
    assert invitation["Status"] == "ACCEPTED"


def test_a_joint_channel_and_endorsement_by_both(first: Network, second: Network) -> None:
    _share_artifacts(first, second)
    text = CONFIGTX.read_text().replace("Member1ID", first.member_id)
    (first.home / "configtx.yaml").write_text(text.replace("Member2ID", second.member_id))
    first.tool(
        *("configtxgen", "-outputCreateChannelTx", f"/opt/home/{CHANNEL}.pb"),
        *("-profile", "TwoOrgChannel", "-channelID", CHANNEL, "--configPath", "/opt/home/"),
    )
    create = ("peer", "channel", "create", "-c", CHANNEL, "-f", f"/opt/home/{CHANNEL}.pb")
    first.tool(*create, *first.orderer)
    for member in (first, second):
        block = str(member.home / f"{CHANNEL}.block")
        member.tool("peer", "channel", "fetch", "oldest", block, "-c", CHANNEL, *member.orderer)
        member.tool("peer", "channel", "join", "-b", block)
        chaincode = ("-n", "mycc", "-v", "v0", "-p", "github.com/chaincode_example02/go")
        member.tool("peer", "chaincode", "install", *chaincode)
    policy = f"AND ('{first.member_id}.member', '{second.member_id}.member')"
    first.tool(
        *("peer", "chaincode", "instantiate", "-C", CHANNEL, "-n", "mycc", "-v", "v0"),
        *("-c", '{"Args":["init","a","100","b","200"]}', "-P", policy, *first.orderer),
    )
    for member in (first, second):
        until(lambda member=member: _balance(member) == "100", "instantiated")

    done = _invoke(first, first, second)
    assert done.returncode == 0, told(done)
    assert _balance(first) == "90"
    until(lambda: _balance(second) == "90", "the second member's peer has the block")

    refused = _invoke(first, first)
    assert "ENDORSEMENT_POLICY_FAILURE" in refused.stderr, told(refused)
    assert _balance(first) == "90"


def test_a_vote_removes_the_second_member(first: Network, second: Network) -> None:
    proposal_id = first.api.create_proposal(
        **first.member_keys, Actions={"Removals": [{"MemberId": second.member_id}]}
    )["ProposalId"]
    # More than half of two members are two: also the one that it is about.
    assert _vote(first, proposal_id, first) == "IN_PROGRESS"
    with pytest.raises(ClientError, match="a vote is final"):
        _vote(first, proposal_id, first)
    assert _vote(first, proposal_id, second) == "APPROVED"
    first.api.get_waiter("member_deleted").wait(**second.member_keys)
    assert first.names[0] in first.service.processes()
    assert not set(second.names[1:]) & set(first.service.processes())
    fetched = second.attempt(
        "peer", "channel", "fetch", "newest", "newest.block", "-c", CHANNEL, *second.orderer
    )
    assert "FORBIDDEN" in fetched.stderr, told(fetched)
    # The first goes on: its channel takes an upgrade that it alone endorses.
    chaincode = ("-n", "mycc", "-v", "v1", "-p", "github.com/chaincode_example02/go")
    first.tool("peer", "chaincode", "install", *chaincode)
    first.tool(
        *("peer", "chaincode", "upgrade", "-C", CHANNEL, "-n", "mycc", "-v", "v1"),
        *("-c", '{"Args":["init","a","7","b","8"]}', "-P", f"OR ('{first.member_id}.member')"),
        *first.orderer,
    )
    until(lambda: _balance(first) == "7", "upgraded")


def _share_artifacts(first: Network, second: Network) -> None:
    """The guide's steps 8.4 and 8.5: the second member's certificates, for the first."""
    for folder in ("admincerts", "cacerts"):
        shutil.copytree(second.home / "admin-msp" / folder, first.home / "org2-msp" / folder)


def _balance(member: Network) -> str:
    return member.query(CHANNEL, "mycc", "query", "a").strip()


def _invoke(caller: Network, *endorsers: Network) -> subprocess.CompletedProcess[str]:
    chain = caller.environment["TLS_CHAIN"]
    peers = [
        part
        for endorser in endorsers
        for part in (
            "--peerAddresses",
            endorser.environment["PEER"],
            "--tlsRootCertFiles",
            chain,
        )
    ]
    arguments = json.dumps({"Args": ["invoke", "a", "b", "10"]})
    invoke = ("peer", "chaincode", "invoke", "-C", CHANNEL, "-n", "mycc", "-c", arguments)
    return caller.attempt(*invoke, *peers, *caller.orderer, "--waitForEvent")
