"""Both AWS CLIs, in a shell that has nothing but the exports of ``hansa env``."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from hansa.awsmodels.profile import user_files, write_profile

pytestmark = pytest.mark.clients

CREATE_NETWORK = """
aws managedblockchain create-network --output text --query NetworkId \
    --name "$NETWORK_NAME" --framework HYPERLEDGER_FABRIC --framework-version 2.2 \
    --framework-configuration '{"NetworkFabricConfiguration": {"Edition": "STARTER"}}' \
    --voting-policy '{"ApprovalThresholdPolicy": {"ThresholdPercentage": 50}}' \
    --member-configuration '{
        "Name": "member",
        "MemberFrameworkConfiguration": {
            "MemberFabricConfiguration": {
                "AdminUsername": "admin", "AdminPassword": "TempPassword123!"
            }
        }
    }'
"""

# The calls of a client machine's set-up and removal, as scripts around a network make them.
CLIENT_MACHINE = """
set -euo pipefail
REGION=$(aws configure get region)
SUFFIX=$(aws secretsmanager get-random-password --exclude-punctuation --exclude-uppercase \
    --password-length 6 --require-each-included-type --output text --query RandomPassword)

aws ec2 create-vpc --cidr-block 10.0.0.0/16 \
    --tag-specifications "ResourceType=vpc,Tags=[{Key=Name,Value=vpc-$SUFFIX}]"
VPC=$(aws ec2 describe-vpcs --filters "Name=tag:Name,Values=vpc-$SUFFIX" \
    --query 'Vpcs[0].VpcId' --output text)
aws ec2 create-subnet --vpc-id $VPC --cidr-block 10.0.1.0/24 --availability-zone ${REGION}a \
    --tag-specifications "ResourceType=subnet,Tags=[{Key=Name,Value=subnet-$SUFFIX}]"
SUBNET=$(aws ec2 describe-subnets --filters "Name=tag:Name,Values=subnet-$SUFFIX" \
    --query 'Subnets[0].SubnetId' --output text)

aws ec2 create-internet-gateway \
    --tag-specifications "ResourceType=internet-gateway,Tags=[{Key=Name,Value=igw-$SUFFIX}]"
IGW=$(aws ec2 describe-internet-gateways --filters "Name=tag:Name,Values=igw-$SUFFIX" \
    --query 'InternetGateways[0].InternetGatewayId' --output text)
aws ec2 attach-internet-gateway --internet-gateway-id $IGW --vpc-id $VPC
aws ec2 create-route-table --vpc-id $VPC \
    --tag-specifications "ResourceType=route-table,Tags=[{Key=Name,Value=rt-$SUFFIX}]"
RT=$(aws ec2 describe-route-tables --filters "Name=tag:Name,Values=rt-$SUFFIX" \
    --query 'RouteTables[0].RouteTableId' --output text)
aws ec2 create-route --route-table-id $RT --destination-cidr-block 0.0.0.0/0 --gateway-id $IGW
aws ec2 associate-route-table --route-table-id $RT --subnet-id $SUBNET

aws ec2 create-security-group --group-name sg-$SUFFIX --description client --vpc-id $VPC
SG=$(aws ec2 describe-security-groups --filters "Name=group-name,Values=sg-$SUFFIX" \
    --query 'SecurityGroups[0].GroupId' --output text)
aws ec2 authorize-security-group-ingress --group-id $SG --protocol tcp --port 443 \
    --cidr 10.0.0.0/16
AMI=$(aws ssm get-parameters \
    --names /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64 \
    --query 'Parameters[0].Value' --output text)
aws ec2 run-instances --image-id $AMI --count 1 --instance-type t3.medium \
    --security-group-ids $SG --subnet-id $SUBNET --user-data '#!/bin/bash
    echo started' \
    --tag-specifications "ResourceType=instance,Tags=[{Key=Name,Value=client-$SUFFIX}]"

INSTANCE=$(aws ec2 describe-instances --filters "Name=tag:Name,Values=client-$SUFFIX" \
    --query 'Reservations[0].Instances[0].InstanceId' --output text)
aws ec2 terminate-instances --instance-ids $INSTANCE
aws ec2 wait instance-terminated --instance-ids $INSTANCE
aws ec2 disassociate-route-table --association-id $(aws ec2 describe-route-tables \
    --route-table-ids $RT --output text \
    --query 'RouteTables[0].Associations[0].RouteTableAssociationId')
aws ec2 delete-route-table --route-table-id $RT
aws ec2 detach-internet-gateway --internet-gateway-id $IGW --vpc-id $VPC
aws ec2 delete-internet-gateway --internet-gateway-id $IGW
aws ec2 delete-security-group --group-id $SG
aws ec2 delete-subnet --subnet-id $SUBNET
aws ec2 delete-vpc --vpc-id $VPC
echo "left: $(aws ec2 describe-vpcs --filters "Name=tag:Name,Values=vpc-$SUFFIX" \
    --query 'length(Vpcs)')"
"""


def test_the_shell_knows_region_and_account(shell: Any) -> None:
    assert shell.succeed("aws configure get region") == "us-east-1"
    account = shell.succeed("aws sts get-caller-identity --query Account --output text")
    assert account == "111122223333"


def test_a_network_from_creation_to_deletion(shell: Any, server: Any) -> None:
    network_id = shell.succeed(CREATE_NETWORK, NETWORK_NAME="from-the-cli")
    sent = server.memory.requests[-1]
    assert sent["FrameworkConfiguration"] == {"Fabric": {"Edition": "STARTER"}}
    assert sent["MemberConfiguration"]["FrameworkConfiguration"] == {
        "Fabric": {"AdminUsername": "admin", "AdminPassword": "TempPassword123!"}
    }
    by_name = "aws managedblockchain list-networks --output text --query"
    listed = shell.succeed(f"{by_name} \"Networks[?Name=='from-the-cli'].Status\"")
    assert listed == "AVAILABLE"
    shell.succeed(f"aws managedblockchain wait network-available --network-id {network_id}")
    shell.succeed(f"aws managedblockchain delete-network --network-id {network_id}")
    shell.succeed(f"aws managedblockchain wait network-deleted --network-id {network_id}")
    again = shell.run(f"aws managedblockchain delete-network --network-id {network_id}")
    assert again.returncode != 0
    assert "ResourceNotFoundException" in again.stderr


def test_tags_by_an_arn_with_a_slash(shell: Any) -> None:
    arn = "arn:aws:managedblockchain:us-east-1:111122223333:members/m-CLI"
    name = f"aws managedblockchain %s --resource-arn {arn}"
    shell.succeed(name % "tag-resource" + """ --tags '{"a b": "1", "c": "d/e"}'""")
    tags = shell.json(name % "list-tags-for-resource" + " --query Tags --output json")
    assert tags == {"a b": "1", "c": "d/e"}
    shell.succeed(name % "untag-resource" + " --tag-keys 'a b' c")


def test_a_wrong_secret_is_refused(shell: Any) -> None:
    for command, code in [
        ("managedblockchain list-networks", "InvalidSignatureException"),
        ("sts get-caller-identity", "SignatureDoesNotMatch"),
        ("ec2 describe-vpcs", "AuthFailure"),
    ]:
        done = shell.run(f"aws {command}", AWS_SECRET_ACCESS_KEY="wrong")
        assert done.returncode != 0
        assert code in done.stderr


def test_sets_up_and_removes_a_client_machine(shell: Any) -> None:
    assert shell.succeed(CLIENT_MACHINE).endswith("left: 0")


def test_copies_the_tls_chain_as_the_guide_prints_it(shell: Any, tmp_path: Path) -> None:
    chain = tmp_path / "managedblockchain-tls-chain.pem"
    published = "s3://us-east-1.managedblockchain/etc/managedblockchain-tls-chain.pem"
    shell.succeed(f"aws s3 cp {published} {chain}")
    assert chain.read_text().startswith("-----BEGIN CERTIFICATE-----")
    refused = shell.run(f"aws s3 cp {chain} {published}")
    assert refused.returncode != 0
    assert "can only be read" in refused.stderr


def test_copies_files_to_a_bucket_and_back(shell: Any, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(bytes(range(256)) * 40_000)  # more than the CLI sends in one part
    shell.succeed(
        f"bucket=s3://copies-$$ && aws s3 mb $bucket && aws s3 cp --no-progress {file} $bucket/f "
        f"&& aws s3 cp --no-progress $bucket/f {tmp_path}/copy && aws s3 rb --force $bucket"
    )
    assert (tmp_path / "copy").read_bytes() == file.read_bytes()


def test_a_service_that_is_not_there_says_so(shell: Any) -> None:
    done = shell.run("aws sns list-topics")
    assert "The AWS service 'sns' is not part of this installation" in done.stderr


def test_the_home_directory_is_left_alone(shell: Any) -> None:
    shell.succeed("aws managedblockchain list-networks")
    home = Path(shell.environment["HOME"])
    assert [path.name for path in home.iterdir()] == ["data"]


def test_a_profile_is_enough_for_a_current_cli(
    shell: Any, server: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    home = tmp_path / "home"
    write_profile(user_files({}, home, tmp_path / "data"), server.access)
    path = shell.environment["PATH"].partition(":")[2]  # without the wrapper
    endpoint = f"--endpoint-url {server.url}" if "cli-v2" in request.node.name else ""
    done = subprocess.run(
        ["bash", "-c", f"aws --profile hansa {endpoint} managedblockchain list-networks"],
        env={"HOME": str(home), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
