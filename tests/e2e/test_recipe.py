"""A published recipe for an enterprise network on AMB: preparation, steps, validation, clean-up.

``recipe/`` holds its commands, a file per block. Two things differ from what is printed: the
version of ``fabric-client`` that was never published, and npm runs no install scripts, since one of
them compiles an old gRPC for minutes; what is shown here is that the packages resolve and install.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from tests.e2e.installation import Installation, until
from tests.e2e.steps import run_steps

pytestmark = [pytest.mark.fabric, pytest.mark.clients, pytest.mark.slow]

RECIPE = sorted((Path(__file__).parent / "recipe").glob("*.sh"))


def test_recipe_runs_as_printed(
    service: Installation, programs: Path, npm_cache: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    npm = {"npm_config_cache": str(npm_cache), "npm_config_ignore_scripts": "true"}
    before = set(service.processes())

    outcome = run_steps(service, RECIPE, home, programs, npm)

    network, member, node = (
        outcome.variable(name) for name in ("NETWORK_ID", "MEMBER_ID", "NODE_ID")
    )
    assert re.fullmatch(r"n-[A-Z0-9]{26}", network), str(outcome)
    assert json.loads(outcome.out["01-create-network"]) == {
        "NetworkId": network,
        "MemberId": member,
    }
    assert json.loads(outcome.out["03-create-node"]) == {"NodeId": node}
    assert outcome.out["02-wait-for-network"].endswith("available\n")
    assert outcome.out["04-wait-for-node"].endswith("available\n")
    assert outcome.variable("AWS_REGION") == "us-east-1"
    assert re.fullmatch(r"\d{12}", outcome.variable("AWS_ACCOUNT_ID"))

    assert json.loads(outcome.out["11-network-status"]) == "AVAILABLE"
    status, endpoint = json.loads(outcome.out["12-node-status"])
    assert status == "AVAILABLE"
    assert re.fullmatch(rf"(localhost|{node.lower()}\.{member.lower()}\..*):\d+", endpoint.lower())
    # EC2 tells the state of an attachment, not of a gateway: on AWS this is null, too.
    assert json.loads(outcome.out["13-internet-connectivity"]) is None
    assert re.match(r"v\d+\.", outcome.out["14-client-application"])
    assert "fabric-network@2.2.20" in outcome.out["14-client-application"]
    contract = home / "fabric-client-app" / "chaincode" / "asset-contract.js"
    assert "class AssetContract" in contract.read_text()

    assert outcome.out["21-delete-node"].endswith("deleted\n")
    _assert_all_is_gone(service, network, outcome.variable("VPC_ID"))
    until(lambda: set(service.processes()) <= before, "the recipe's processes are gone")


def _assert_all_is_gone(service: Installation, network: str, vpc: str) -> None:
    api, ec2 = service.client(), service.client("ec2")
    until(
        lambda: network not in [item["Id"] for item in api.list_networks()["Networks"]],
        "the network left the list",
    )
    with pytest.raises(ClientError, match="not found"):
        api.get_network(NetworkId=network)
    of_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
    assert ec2.describe_subnets(Filters=of_vpc)["Subnets"] == []
    assert ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"] == []
    assert ec2.describe_route_tables(Filters=of_vpc)["RouteTables"] == []
    assert vpc not in [item["VpcId"] for item in ec2.describe_vpcs()["Vpcs"]]
    gateways = ec2.describe_internet_gateways(
        Filters=[{"Name": "attachment.vpc-id", "Values": [vpc]}]
    )
    assert gateways["InternetGateways"] == []
    instances = ec2.describe_instances(Filters=of_vpc)["Reservations"]
    states = {each["State"]["Name"] for found in instances for each in found["Instances"]}
    assert states <= {"terminated"}
