"""The service and peers killed with -9 while a contract is deployed: it comes to its end."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.loaders import Loader
from botocore.session import Session
from tests.fabric.packages import archive
from tests.fabric.running import RunningService, until

from hansa.awsmodels.install import install_overlay

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

ASSET = Path(__file__).parents[2] / "examples" / "asset-contract" / "javascript"
KILLS = 5


def client(service: RunningService, models: Path) -> Any:
    """A client of hansafabric, which tries again while the service is away."""
    install_overlay(models)
    session = Session()
    session.register_component("data_loader", Loader(extra_search_paths=[str(models)]))
    return boto3.session.Session(
        botocore_session=session,
        aws_access_key_id=service.administrator["AccessKeyId"],
        aws_secret_access_key=service.administrator["SecretAccessKey"],
        region_name="us-east-1",
    ).client(
        "hansafabric",
        endpoint_url=service.url,
        config=Config(retries={"total_max_attempts": 1}, read_timeout=30),
    )


def test_a_deployment_outlives_kills(
    make_service: Callable[..., RunningService], tmp_path: Path
) -> None:
    service = make_service().start()
    network_id, member_id = service.network()
    node_id = service.node(network_id, member_id)
    keys = {"NetworkId": network_id, "MemberId": member_id}
    fabric = client(service, tmp_path / "models")
    files = {
        str(path.relative_to(ASSET)): path.read_bytes()
        for path in ASSET.rglob("*")
        if path.is_file() and "node_modules" not in path.parts
    }
    package_id = fabric.package_chaincode(Code=archive(files), Language="node", Label="asset_1")[
        "PackageId"
    ]
    fabric.create_channel(**keys, Name="trade")
    chance = random.Random(20260401)
    operation_id = ""
    for number in range(KILLS):
        threading.Event().wait(chance.uniform(0.05, 0.8))
        if operation_id == "" and _status(service, "CreateChannel") == "SUCCEEDED":
            operation_id = client(service, tmp_path / "models").deploy_chaincode(
                **keys,
                ChannelName="trade",
                Definition={"Name": "asset"},
                PackageId=package_id,
            )["OperationId"]
            threading.Event().wait(chance.uniform(0.05, 0.8))
        if number % 2:
            os.kill(service.pid(f"{node_id}-peer"), signal.SIGKILL)
        service.restart()
    until(lambda: _status(service, "CreateChannel") == "SUCCEEDED", "the channel is there")
    fabric = client(service, tmp_path / "models")
    if operation_id == "":
        fabric.deploy_chaincode(
            **keys, ChannelName="trade", Definition={"Name": "asset"}, PackageId=package_id
        )
    until(lambda: _status(service, "DeployChaincode") == "SUCCEEDED", "the contract is deployed")
    (chaincode,) = until(
        lambda: fabric.list_chaincodes(NetworkId=network_id, ChannelName="trade")["Chaincodes"],
        "it is in force",
    )
    assert chaincode["Definition"]["Sequence"] == 1
    answer = fabric.invoke_chaincode(
        **keys,
        ChannelName="trade",
        ChaincodeName="asset",
        Function="createAsset",
        Arguments=["a1", "Ann", "7"],
    )
    assert answer["ValidationCode"] == "VALID"


def _status(service: RunningService, action: str) -> str:
    """Of the one operation of that action, as the store has it."""
    rows = service.query(f"SELECT status, status_reason FROM operations WHERE action = '{action}'")
    assert len(rows) <= 1
    if not rows:
        return ""
    status, reason = rows[0]
    assert status not in ("FAILED", "CANCELLED"), reason
    return str(status)


def test_leaving_a_channel_outlives_kills(
    make_service: Callable[..., RunningService], tmp_path: Path
) -> None:
    service = make_service().start()
    network_id, member_id = service.network()
    node_id = service.node(network_id, member_id)
    fabric = client(service, tmp_path / "models")
    for name in ("kept", "left"):
        fabric.create_channel(NetworkId=network_id, MemberId=member_id, Name=name)
    until(lambda: _ended(service, 2), "the channels are there")
    chance = random.Random(20261121)
    for number in range(3):
        # Within the end of the peer, the deletion of its ledger, or its start.
        fabric.leave_channel(NetworkId=network_id, ChannelName="left", NodeId=node_id)
        threading.Event().wait(chance.uniform(0.02, 0.9))
        service.restart()
        until(lambda done=3 + 2 * number: _ended(service, done), "the node has left")
        fabric = client(service, tmp_path / "models")
        nodes = {
            name: fabric.get_channel(NetworkId=network_id, ChannelName=name)["Channel"]["Nodes"]
            for name in ("kept", "left")
        }
        assert [len(nodes[name]) for name in ("kept", "left")] == [1, 0]
        fabric.join_channel(NetworkId=network_id, ChannelName="left", NodeId=node_id)
        until(lambda done=4 + 2 * number: _ended(service, done), "the node has joined again")


def _ended(service: RunningService, number: int) -> bool:
    """Whether so many operations have succeeded; none may have failed."""
    rows = service.query("SELECT status, status_reason FROM operations")
    assert not [reason for status, reason in rows if status in ("FAILED", "CANCELLED")], rows
    return [status for status, _ in rows].count("SUCCEEDED") == number
