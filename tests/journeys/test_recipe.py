"""A published recipe for Amazon Managed Blockchain: its AWS commands, in its order and spelling.

What matters is how it speaks: CloudFormation's names in ``create-network``, waiting by loops over
``list-…``, ``delete-network`` at the end, and the EC2 calls around it.
"""

from __future__ import annotations

import pytest

from .conftest import User

pytestmark = [pytest.mark.fabric, pytest.mark.clients]

PREPARE = """
export AWS_REGION=$(aws configure get region)
export AWS_ACCOUNT_ID=$(aws sts get-caller-identity --query Account --output text)
SUFFIX=$(aws secretsmanager get-random-password --exclude-punctuation --exclude-uppercase \
    --password-length 6 --require-each-included-type --output text --query RandomPassword)
aws ec2 create-vpc --cidr-block 10.0.0.0/16 \
    --tag-specifications "ResourceType=vpc,Tags=[{Key=Name,Value=vpc-${SUFFIX}}]"
VPC_ID=$(aws ec2 describe-vpcs --filters "Name=tag:Name,Values=vpc-${SUFFIX}" \
    --query 'Vpcs[0].VpcId' --output text)
"""

CREATE = """
aws managedblockchain create-network --name network-${SUFFIX} --description "A network" \
    --framework HYPERLEDGER_FABRIC --framework-version 2.2 \
    --framework-configuration '{"NetworkFabricConfiguration": {"Edition": "STARTER"}}' \
    --voting-policy '{"ApprovalThresholdPolicy": {"ThresholdPercentage": 50,
        "ProposalDurationInHours": 24, "ThresholdComparator": "GREATER_THAN"}}' \
    --member-configuration '{"Name": "member-'${SUFFIX}'", "Description": "The founder",
        "MemberFrameworkConfiguration": {"MemberFabricConfiguration":
            {"AdminUsername": "admin", "AdminPassword": "TempPassword123!"}}}'
until [ "$(aws managedblockchain list-networks \
    --query "Networks[?Name=='network-${SUFFIX}'].Status" --output text)" = AVAILABLE ]; do
    sleep 1
done
NETWORK_ID=$(aws managedblockchain list-networks \
    --query "Networks[?Name=='network-${SUFFIX}'].Id" --output text)
MEMBER_ID=$(aws managedblockchain list-members --network-id ${NETWORK_ID} \
    --query "Members[?Name=='member-${SUFFIX}'].Id" --output text)
aws managedblockchain create-node --network-id ${NETWORK_ID} --member-id ${MEMBER_ID} \
    --node-configuration '{"InstanceType": "bc.t3.small",
        "AvailabilityZone": "'${AWS_REGION}a'"}'
until [ "$(aws managedblockchain list-nodes --network-id ${NETWORK_ID} --member-id ${MEMBER_ID} \
    --query "Nodes[0].Status" --output text)" = AVAILABLE ]; do
    sleep 1
done
NODE_ID=$(aws managedblockchain list-nodes --network-id ${NETWORK_ID} --member-id ${MEMBER_ID} \
    --query "Nodes[0].Id" --output text)
aws managedblockchain get-network --network-id ${NETWORK_ID} --query 'Network.Status' >network
aws managedblockchain get-node --network-id ${NETWORK_ID} --member-id ${MEMBER_ID} \
    --node-id ${NODE_ID} --query 'Node.[Status,FrameworkAttributes.Fabric.PeerEndpoint]' \
    --output text >node
"""

CLEAN_UP = """
aws managedblockchain delete-node --network-id ${NETWORK_ID} --member-id ${MEMBER_ID} \
    --node-id ${NODE_ID}
until [ "$(aws managedblockchain list-nodes --network-id ${NETWORK_ID} --member-id ${MEMBER_ID} \
    --query 'length(Nodes)' --output text 2>/dev/null || echo 0)" = 0 ]; do
    sleep 1
done
aws managedblockchain delete-member --network-id ${NETWORK_ID} --member-id ${MEMBER_ID}
aws managedblockchain wait network-deleted --network-id ${NETWORK_ID}
aws managedblockchain delete-network --network-id ${NETWORK_ID} 2>gone || true
aws ec2 delete-vpc --vpc-id ${VPC_ID}
aws managedblockchain list-networks --query 'length(Networks)' >networks
"""


def test_from_creation_to_clean_up(user: User, aws_directory: str) -> None:
    user.hansa("up")
    user.shell(PREPARE + CREATE + CLEAN_UP, path_first=aws_directory)
    home = user.home
    assert (home / "network").read_text() == '"AVAILABLE"\n'
    status, endpoint = (home / "node").read_text().split()
    assert status == "AVAILABLE"
    assert 30001 <= int(endpoint.rpartition(":")[2]) <= 34000
    assert (home / "networks").read_text() == "0\n"
    told = (home / "gone").read_text()
    assert told == "" or "ResourceNotFoundException" in told
    assert user.hansa_json("status")["processes"] == []
