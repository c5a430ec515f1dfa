"""`hansa channel`, `hansa operation` and `hansa chaincode` over clients that answer from memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hansa.cli.main import run
from hansa.client import api as client_api
from hansa.client import development
from hansa.fabric.packages import read_package


@dataclass(frozen=True)
class Result:
    """How a command ended, and what it wrote."""

    code: int
    stdout: str
    stderr: str


Hansa = Callable[..., Result]
NETWORK, MEMBER, OTHER = "n-1", "m-1", "m-2"


class Client:
    """A client whose operations answer what ``answers`` has, and which keeps what it was sent."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = dict(answers)
        self.sent: dict[str, list[dict[str, Any]]] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            self.sent.setdefault(name, []).append(parameters)
            return self.answers[name]

        return call


def operation(action: str, subject: str, *steps: str) -> dict[str, Any]:
    return {
        "Operation": {
            "Id": "op-1",
            "Action": action,
            "Subject": subject,
            "Status": "SUCCEEDED",
            "Steps": [{"Name": step, "Status": "DONE", "Detail": ""} for step in steps],
            "CreationDate": "2026-11-21",
        }
    }


CHANNEL = {
    "Name": "trade",
    "NetworkId": NETWORK,
    "Height": 3,
    "Capability": "V2_0",
    "Batches": {"Timeout": "20ms"},
    "Policies": {"Endorsement": "MAJORITY Endorsement"},
    "Members": [{"MemberId": MEMBER, "AnchorPeers": ["peer:1"]}, {"MemberId": OTHER}],
    "Nodes": [{"NodeId": "nd-1", "MemberId": MEMBER, "Height": 3}],
}
CHAINCODE = {
    "Definition": {"Name": "asset", "Version": "1", "Sequence": 1},
    "Approvals": {MEMBER: True, OTHER: False},
}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Client:
    orderer = {"Fabric": {"OrderingServiceEndpoint": "o:1"}}
    made = Client(
        {
            "list_networks": {"Networks": [{"Id": NETWORK, "Name": "net"}]},
            "get_network": {
                "Network": {"Id": NETWORK, "Status": "AVAILABLE", "FrameworkAttributes": orderer}
            },
            "list_members": {"Members": [{"Id": MEMBER, "Name": "org1", "Status": "AVAILABLE"}]},
            "get_member": {
                "Member": {
                    "Id": MEMBER,
                    "Status": "AVAILABLE",
                    "FrameworkAttributes": {"Fabric": {"CaEndpoint": "c:1"}},
                }
            },
            "list_nodes": {
                "Nodes": [{"Id": f"nd-{n}", "Status": "AVAILABLE"} for n in (1, 2)]
                + [{"Id": "nd-3", "Status": "CREATING"}]
            },
            "get_node": {"Node": {"Id": "nd-1"}},
        }
    )
    monkeypatch.setattr(client_api, "managedblockchain", lambda _: made)
    return made


@pytest.fixture
def fabric(monkeypatch: pytest.MonkeyPatch) -> Client:
    started = {"OperationId": "op-1"}
    made = Client(
        {
            "create_channel": started,
            "join_channel": started,
            "deploy_chaincode": started,
            "upgrade_chaincode": {**started, "ProposalId": "p-1"},
            "get_package": {"Package": {"Label": "asset"}, "Content": b"content"},
            "cancel_operation": {},
            "get_operation": operation("CreateChannel", "trade", "Create it", "Join node nd-1"),
            "list_operations": {"Operations": [operation("CreateChannel", "trade")["Operation"]]},
            "list_channels": {
                "Channels": [{"Name": "trade", "Height": 3, "Members": [MEMBER, OTHER]}]
            },
            "get_channel": {"Channel": CHANNEL},
            "package_chaincode": {"PackageId": "asset:1"},
            "invoke_chaincode": {
                "TransactionId": "ab12",
                "Result": b"7",
                "ResultText": "7",
                "BlockNumber": 4,
                "ValidationCode": "VALID",
                "ResponseMetadata": {},
            },
            "query_chaincode": {"Result": b"\xff"},
            "list_chaincodes": {"Chaincodes": [CHAINCODE]},
        }
    )
    monkeypatch.setattr(client_api, "hansafabric", lambda _: made)
    return made


@pytest.fixture
def hansa(api: Client, fabric: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Hansa:
    def call(*arguments: str) -> Result:
        code = run(["--data-dir", str(tmp_path / "data"), *arguments])
        return Result(code, *capsys.readouterr())

    return call


@pytest.fixture
def folder(tmp_path: Path) -> str:
    made = tmp_path / "contract"
    made.mkdir()
    (made / "package.json").write_text('{"name": "asset"}')
    return str(made)


def test_a_channel_is_created_with_its_steps_told(
    hansa: Hansa, api: Client, fabric: Client
) -> None:
    api.answers["list_members"]["Members"].append({"Id": OTHER, "Name": "org2", "Status": "X"})
    chosen = ("--member", "org1", "--with", "org2", "--capability", "V2_5")
    done = hansa("channel", "create", "trade", *chosen)
    assert done.code == 0
    assert "✓ Create it" in done.stderr
    assert "✓ Join node nd-1" in done.stderr
    assert "hansa chaincode deploy FOLDER --channel trade" in done.stdout
    sent = {"NetworkId": NETWORK, "MemberId": MEMBER, "Name": "trade"}
    assert fabric.sent["create_channel"] == [{**sent, "Members": [OTHER], "Capability": "V2_5"}]


def test_a_creation_is_previewed_as_a_table(hansa: Hansa, fabric: Client) -> None:
    quorum = {"Consenters": 3, "Needed": 2, "Running": 3, "ToleratesLoss": True, "Refusal": ""}
    preview = {
        "Outcome": "AT_ONCE",
        "Differences": [{"Path": "/Channel/Orderer/BatchTimeout", "Before": "", "After": "20ms"}],
        "Agreement": {"Members": [MEMBER, OTHER], "Indispensable": [], "Needed": 1},
        "Quorum": quorum,
    }
    fabric.answers["create_channel"] = {"Preview": preview}
    done = hansa("channel", "create", "trade", "--with", "org1", "--dry-run")
    assert fabric.sent["create_channel"][0]["DryRun"] is True
    assert ["/Channel/Orderer/BatchTimeout", "-", "20ms"] in [
        line.split() for line in done.stdout.splitlines()
    ]
    for words in (
        "2 of its 3 orderers have to run, and 3 run now: the channel goes on",
        f"It takes 1 of 2 members: {MEMBER}, {OTHER}.",
        "It would be done at once.",
    ):
        assert words in done.stdout


def test_what_is_not_named_is_the_only_one(hansa: Hansa, fabric: Client) -> None:
    done = hansa("--json", "channel", "create", "trade")
    assert json.loads(done.stdout)["Id"] == "op-1"
    (sent,) = fabric.sent["create_channel"]
    assert sent == {"NetworkId": NETWORK, "MemberId": MEMBER, "Name": "trade"}


def test_where_there_are_several_it_says_how_to_choose(
    hansa: Hansa, api: Client, fabric: Client, folder: str
) -> None:
    fabric.answers["list_channels"]["Channels"].append({"Name": "goods"})
    done = hansa("chaincode", "deploy", folder)
    assert done.code == 1
    assert "several channels: trade, goods. Say which with --channel" in done.stderr
    fabric.answers["list_channels"] = {"Channels": []}
    assert "hansa channel create" in hansa("chaincode", "list").stderr
    assert "no member strange" in (hansa("channel", "create", "x", "--with", "strange").stderr)
    api.answers["list_networks"]["Networks"].append({"Id": "n-2", "Name": "other"})
    assert "Say which with --network" in hansa("channel", "list").stderr


def test_channels_are_listed_and_shown(hansa: Hansa) -> None:
    assert hansa("channel", "list").stdout.split("\n")[1].split() == ["trade", "3", MEMBER, OTHER]
    text = hansa("channel", "show", "trade").stdout
    for part in ("Timeout 20ms", "MAJORITY Endorsement", "peer:1", "no anchor peer", "nd-1"):
        assert part in text
    assert json.loads(hansa("channel", "show", "trade", "--json").stdout) == CHANNEL


def test_the_nodes_that_have_not_joined_do(hansa: Hansa, api: Client, fabric: Client) -> None:
    assert "nd-2: joined to channel trade" in hansa("channel", "join", "trade").stdout
    hansa("channel", "join", "trade", "--node", "nd-9")
    assert [sent["NodeId"] for sent in fabric.sent["join_channel"]] == ["nd-2", "nd-9"]
    api.answers["list_nodes"] = {"Nodes": []}
    assert "create-node" in hansa("channel", "join", "trade").stderr


def test_operations_are_listed_shown_and_cancelled(hansa: Hansa, fabric: Client) -> None:
    assert "CreateChannel" in hansa("operation", "list", "--status", "FAILED").stdout
    assert fabric.sent["list_operations"] == [{"NetworkId": NETWORK, "Status": "FAILED"}]
    shown = hansa("operation", "show", "op-1")
    assert "CreateChannel of trade is SUCCEEDED" in shown.stdout
    assert "Join node nd-1" in shown.stdout
    assert "✓ Join node nd-1" in hansa("operation", "show", "op-1", "--wait").stderr
    assert json.loads(hansa("operation", "cancel", "op-1", "--json").stdout)["Cancelled"]
    assert fabric.sent["cancel_operation"] == [{"OperationId": "op-1"}]


def test_a_folder_is_packed_uploaded_and_deployed(
    hansa: Hansa, fabric: Client, folder: str, tmp_path: Path
) -> None:
    collections = tmp_path / "collections.json"
    collections.write_text('[{"Name": "secret", "MemberPolicy": "OR(\'m-1.member\')"}]')
    policy = "OR('m-1.member')"
    options = ("--policy", policy, "--collections", str(collections), "--init")
    done = hansa("chaincode", "deploy", folder, *options)
    assert done.code == 0
    package = read_package(fabric.sent["package_chaincode"][0]["Package"])
    assert (package.label, package.language) == ("asset", "node")
    assert fabric.sent["deploy_chaincode"] == [
        {
            "NetworkId": NETWORK,
            "MemberId": MEMBER,
            "ChannelName": "trade",
            "PackageId": package.package_id,
            "Definition": {
                "Name": "asset",
                "EndorsementPolicy": policy,
                "Collections": [{"Name": "secret", "MemberPolicy": policy}],
                "InitRequired": True,
            },
        }
    ]
    assert "is in force on channel trade, version 1, sequence 1" in done.stdout
    assert "# the initialization" in done.stdout
    done = hansa("chaincode", "deploy", folder, "--init-argument", "begin", "--init-argument", "7")
    (*_, sent) = fabric.sent["deploy_chaincode"]
    assert (sent["InitArguments"], sent["Definition"]["InitRequired"]) == (("begin", "7"), True)
    assert "# the initialization" not in done.stdout


def test_a_package_is_written_and_deployed_by_others(
    hansa: Hansa, fabric: Client, folder: str, tmp_path: Path
) -> None:
    file = tmp_path / "asset.tar.gz"
    made = json.loads(hansa("chaincode", "package", folder, "-o", str(file), "--json").stdout)
    assert read_package(file.read_bytes()).package_id == made["PackageId"]
    assert hansa("chaincode", "deploy", str(file)).code == 0
    (sent,) = fabric.sent["deploy_chaincode"]
    assert (sent["PackageId"], sent["Definition"]) == (made["PackageId"], {"Name": "asset"})


def test_what_takes_votes_says_how_to_vote(hansa: Hansa, fabric: Client, folder: str) -> None:
    done = hansa("chaincode", "upgrade", folder, "--propose")
    assert done.code == 0
    assert "vote-on-proposal --network-id n-1 --proposal-id p-1" in done.stdout
    assert "hansa operation show op-1 --wait" in done.stdout
    (sent,) = fabric.sent["upgrade_chaincode"]
    assert (sent["Propose"], sent["MemberId"]) == (True, MEMBER)
    told = json.loads(hansa("chaincode", "upgrade", folder, "--json").stdout)
    assert told == {"OperationId": "op-1", "ProposalId": "p-1"}


def test_a_package_is_fetched_to_be_looked_at(hansa: Hansa, fabric: Client, tmp_path: Path) -> None:
    file = tmp_path / "seen.tar.gz"
    assert hansa("chaincode", "download", "asset:1", "-o", str(file)).code == 0
    assert (file.read_bytes(), fabric.sent["get_package"]) == (
        b"content",
        [{"PackageId": "asset:1"}],
    )


def test_chaincode_is_listed(hansa: Hansa) -> None:
    row = hansa("chaincode", "list").stdout.split("\n")[1]
    assert row.split()[:6] == ["asset", "1", "1", "1", "of", "2"]
    assert json.loads(hansa("chaincode", "list", "--json").stdout) == [CHAINCODE]


def test_a_transaction_is_submitted_with_its_private_values(
    hansa: Hansa, fabric: Client, tmp_path: Path
) -> None:
    transient = tmp_path / "transient.json"
    transient.write_text('{"salt": "x", "price": {"amount": 9}}')
    options = ("--transient", str(transient), "--endorser", "org1", "--init")
    done = hansa("chaincode", "invoke", *options, "--", "asset", "move", "-5", "b c")
    assert (done.code, done.stdout) == (0, "7\n")
    assert "block 4, ab12" in done.stderr
    assert fabric.sent["invoke_chaincode"] == [
        {
            "NetworkId": NETWORK,
            "MemberId": MEMBER,
            "ChannelName": "trade",
            "ChaincodeName": "asset",
            "Function": "move",
            "Arguments": ["-5", "b c"],
            "Transient": {"salt": b"x", "price": b'{"amount": 9}'},
            "EndorsingMembers": [MEMBER],
            "IsInit": True,
        }
    ]
    assert json.loads(hansa("chaincode", "invoke", "asset", "move", "--json").stdout) == {
        "TransactionId": "ab12",
        "Result": "Nw==",
        "ResultText": "7",
        "BlockNumber": 4,
        "ValidationCode": "VALID",
    }


def test_a_result_that_is_no_text_is_told_in_base64(hansa: Hansa, fabric: Client) -> None:
    assert hansa("chaincode", "query", "asset", "read").stdout == "/w==\n"
    (sent,) = fabric.sent["query_chaincode"]
    assert (sent["Function"], sent["Arguments"]) == ("read", [])


@pytest.mark.parametrize("text", ["{", "[]"])
def test_transient_values_that_are_none_are_refused(
    hansa: Hansa, fabric: Client, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "transient.json"
    file.write_text(text)
    done = hansa("chaincode", "invoke", "asset", "move", "--transient", str(file))
    assert done.code == 1
    assert "the file of transient values" in done.stderr
    assert "invoke_chaincode" not in fabric.sent


def test_a_contract_is_begun_with_the_next_commands_told(hansa: Hansa, tmp_path: Path) -> None:
    folder = tmp_path / "my shelf"
    text = hansa("chaincode", "new", "node", "shelf", str(folder)).stdout
    assert f"hansa chaincode test '{folder}'" in text
    assert "hansa chaincode invoke shelf create i1 Ann" in text
    assert hansa("chaincode", "new", "node", "shelf", str(folder)).code == 1


def test_a_contract_is_developed_on_a_channel_that_is_made(
    hansa: Hansa, fabric: Client, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(development, "changes_of", lambda _folder: [set(), set()])
    fabric.answers["list_channels"] = {"Channels": []}
    fabric.answers["get_chaincode_logs"] = {"Lines": ["hello"], "NextPosition": "1-6-9"}
    done = hansa("chaincode", "dev", folder)
    assert done.code == 0, done.stderr
    sent = {"NetworkId": NETWORK, "MemberId": MEMBER, "Name": "dev"}
    assert fabric.sent["create_channel"] == [sent]
    (deployed,) = fabric.sent["deploy_chaincode"]
    assert (deployed["ChannelName"], deployed["Definition"]) == ("dev", {"Name": "asset"})
    assert "==> output on nd-1 <==\nhello\n" in done.stdout
    assert "asset stays deployed on channel dev" in done.stderr


def test_a_mistake_does_not_end_the_development(
    hansa: Hansa, fabric: Client, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = operation("DeployChaincode", "asset")
    failed["Operation"] |= {"Status": "FAILED", "StatusReason": "main.go:3: undefined: x"}
    fabric.answers |= {"get_operation": failed, "get_chaincode_logs": {"NextPosition": "0-0-0"}}
    fabric.answers["get_chaincode_logs"]["Lines"] = []
    monkeypatch.setattr(development, "changes_of", lambda _folder: [set(), {"a change"}])
    done = hansa("chaincode", "dev", folder, "--channel", "trade")
    assert done.code == 0
    assert done.stderr.count("main.go:3: undefined: x") == 2
    assert "create_channel" not in fabric.sent
    assert "stays deployed" not in done.stderr
