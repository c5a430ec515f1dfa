"""The managed policies that every account has.

Documents: AWS managed policy reference; for those of Managed Blockchain also "AWS Managed Policies"
of its management guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class ManagedPolicy:
    """A policy that AWS keeps, not the account."""

    name: str
    description: str
    actions: tuple[str, ...]

    @property
    def arn(self) -> str:
        """``arn:aws:iam::aws:policy/NAME``: of no account."""
        return f"arn:aws:iam::aws:policy/{self.name}"

    @property
    def document(self) -> dict[str, Any]:
        """The document of its only version, v1."""
        statement = {"Effect": "Allow", "Action": list(self.actions), "Resource": "*"}
        return {"Version": "2012-10-17", "Statement": [statement]}


_POLICIES = (
    ManagedPolicy("AdministratorAccess", "Full access to all services and resources.", ("*",)),
    ManagedPolicy(
        "AmazonManagedBlockchainFullAccess",
        "Full access to Amazon Managed Blockchain.",
        ("managedblockchain:*",),
    ),
    ManagedPolicy(
        "AmazonManagedBlockchainReadOnlyAccess",
        "Read-only access to Amazon Managed Blockchain.",
        ("managedblockchain:Get*", "managedblockchain:List*"),
    ),
    ManagedPolicy(
        "AmazonManagedBlockchainConsoleFullAccess",
        "Full access to Amazon Managed Blockchain by its console.",
        (
            "managedblockchain:*",
            "ec2:DescribeAvailabilityZones",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "ec2:CreateVpcEndpoint",
            "kms:ListAliases",
            "kms:DescribeKey",
        ),
    ),
)

MANAGED_POLICIES: Mapping[str, ManagedPolicy] = MappingProxyType({p.arn: p for p in _POLICIES})
"""The managed policies by their ARN."""
