from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import WaiterError
from botocore.loaders import ExtrasProcessor, Loader
from botocore.model import ServiceModel
from botocore.serialize import create_serializer
from botocore.stub import Stubber
from botocore.validate import ParamValidator

from hansa.awsmodels.install import install_overlay
from hansa.awsmodels.overlay import extras, overlay_model, waiters

CREATE = {
    "Name": "n",
    "Framework": "HYPERLEDGER_FABRIC",
    "FrameworkVersion": "2.2",
    "ClientRequestToken": "t",
    "FrameworkConfiguration": {"NetworkFabricConfiguration": {"Edition": "STARTER"}},
    "VotingPolicy": {},
    "MemberConfiguration": {
        "Name": "m",
        "MemberFrameworkConfiguration": {
            "MemberFabricConfiguration": {"AdminUsername": "admin", "AdminPassword": "Passw0rd!"}
        },
    },
}


@pytest.fixture(scope="module")
def base() -> dict[str, Any]:
    loader = Loader(include_default_search_paths=False, extra_search_paths=[_builtin()])
    loaded: dict[str, Any] = loader.load_service_model("managedblockchain", "service-2")
    return loaded


def _builtin() -> str:
    return Loader.BUILTIN_DATA_PATH


def _body(model: ServiceModel, operation: str, parameters: dict[str, Any]) -> Any:
    shape = model.operation_model(operation)
    report = ParamValidator().validate(parameters, shape.input_shape)
    assert not report.has_errors(), report.generate_report()
    request = create_serializer("rest-json").serialize_to_request(parameters, shape)
    return json.loads(request["body"]) if request["body"] else request


def test_cloudformations_names_become_the_apis_on_the_wire(base: dict[str, Any]) -> None:
    body = _body(ServiceModel(overlay_model(base)), "CreateNetwork", CREATE)
    assert body["FrameworkConfiguration"] == {"Fabric": {"Edition": "STARTER"}}
    assert body["MemberConfiguration"] == {
        "Name": "m",
        "FrameworkConfiguration": {
            "Fabric": {"AdminUsername": "admin", "AdminPassword": "Passw0rd!"}
        },
    }


def test_the_apis_own_names_stay_valid(base: dict[str, Any]) -> None:
    member = {
        "Name": "m",
        "FrameworkConfiguration": {"Fabric": {"AdminUsername": "a", "AdminPassword": "Passw0rd!"}},
    }
    own = {
        **CREATE,
        "FrameworkConfiguration": {"Fabric": {"Edition": "STARTER"}},
        "MemberConfiguration": member,
    }
    body = _body(ServiceModel(overlay_model(base)), "CreateNetwork", own)
    assert body["MemberConfiguration"] == member


def test_a_network_can_be_deleted(base: dict[str, Any]) -> None:
    request = _body(ServiceModel(overlay_model(base)), "DeleteNetwork", {"NetworkId": "n-1"})
    assert (request["method"], request["url_path"]) == ("DELETE", "/networks/n-1")


def test_nothing_else_of_the_model_changes(base: dict[str, Any]) -> None:
    before = json.dumps(base, sort_keys=True)
    merged = overlay_model(base)
    assert json.dumps(base, sort_keys=True) == before
    assert set(base["operations"]) == set(merged["operations"]) - {"DeleteNetwork"}
    changed = {name for name in base["shapes"] if base["shapes"][name] != merged["shapes"][name]}
    assert changed == {
        "Member",
        "MemberConfiguration",
        "MemberFrameworkConfiguration",
        "Network",
        "NetworkFrameworkConfiguration",
        "Node",
        "Proposal",
    }
    assert merged["shapes"]["String"]["type"] == "string"
    required = set(base["shapes"]["MemberConfiguration"]["required"])
    assert set(merged["shapes"]["MemberConfiguration"]["required"]) == (
        required - {"FrameworkConfiguration"}
    )


def test_merges_as_botocore_does(base: dict[str, Any]) -> None:
    expected = overlay_model(base)
    ExtrasProcessor().process(base, [extras()])
    assert base == expected


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    install_overlay(tmp_path)
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    session = botocore.session.get_session()
    return session.create_client(
        "managedblockchain",
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )


IDS = {
    "network": {"NetworkId": "n-1"},
    "member": {"NetworkId": "n-1", "MemberId": "m-1"},
    "node": {"NetworkId": "n-1", "MemberId": "m-1", "NodeId": "nd-1"},
}


@pytest.mark.parametrize("noun", ["network", "member", "node"])
def test_waits_until_available_and_until_deleted(client: Any, noun: str) -> None:
    operation, name = f"get_{noun}", noun.capitalize()
    options = {**IDS[noun], "WaiterConfig": {"Delay": 0}}
    with Stubber(client) as stub:
        stub.add_response(operation, {name: {"Status": "CREATING"}})
        stub.add_response(operation, {name: {"Status": "AVAILABLE"}})
        client.get_waiter(f"{noun}_available").wait(**options)
        stub.add_response(operation, {name: {"Status": "CREATE_FAILED"}})
        with pytest.raises(WaiterError, match="CREATE_FAILED"):
            client.get_waiter(f"{noun}_available").wait(**options)
        stub.add_response(operation, {name: {"Status": "DELETING"}})
        stub.add_response(operation, {name: {"Status": "DELETED"}})
        client.get_waiter(f"{noun}_deleted").wait(**options)
        stub.add_client_error(operation, "ResourceNotFoundException", http_status_code=404)
        client.get_waiter(f"{noun}_deleted").wait(**options)
        stub.add_client_error(operation, "ResourceNotFoundException", http_status_code=404)
        with pytest.raises(WaiterError, match="ResourceNotFound"):
            client.get_waiter(f"{noun}_available").wait(**options)
        stub.assert_no_pending_responses()


def test_waiters_are_fast_and_patient() -> None:
    for waiter in waiters()["waiters"].values():
        assert waiter["delay"] <= 2
        assert waiter["delay"] * waiter["maxAttempts"] >= 600


def test_boto3_finds_the_overlay_in_the_users_home(tmp_path: Path) -> None:
    install_overlay(tmp_path / ".aws" / "models")
    script = """
import boto3
client = boto3.client("managedblockchain", "us-east-1")
assert "node_available" in client.waiter_names
assert client.can_paginate("list_accessors")
client.delete_network
"""
    environment = {**os.environ, "HOME": str(tmp_path)}
    environment.pop("AWS_DATA_PATH", None)
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
