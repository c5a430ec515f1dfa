"""What each edition of a network allows: the one table of limits.

Sources: AMB's pricing and quotas pages (STARTER: 5 members, 2 peer nodes a member, bc.t3.small and
bc.t3.medium; STANDARD: 14 members, 3 peer nodes a member, bc.t3, bc.m5 and bc.c5; 6 networks of
each edition an account; 8 channels a network). Instance types: the list that CloudFormation's
linter knows, with the vCPUs and memory of the EC2 types of the same name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class InstanceType:
    """``cpus`` in cores, ``memory_mib`` in MiB: the upper limits of one peer node."""

    name: str
    cpus: float
    memory_mib: int


@dataclass(frozen=True)
class Edition:
    """Limits of a network of this edition; ``orderers`` is the size of its ordering service."""

    name: str
    members_max: int
    nodes_per_member_max: int
    instance_types: frozenset[str]
    networks_per_account_max: int
    channels_max: int
    orderers: int


def _types() -> Mapping[str, InstanceType]:
    gib = 1024
    rows = [
        ("bc.t3.small", 2, 2),
        ("bc.t3.medium", 2, 4),
        ("bc.t3.large", 2, 8),
        ("bc.t3.xlarge", 4, 16),
        ("bc.m5.large", 2, 8),
        ("bc.m5.xlarge", 4, 16),
        ("bc.m5.2xlarge", 8, 32),
        ("bc.m5.4xlarge", 16, 64),
        ("bc.c5.large", 2, 4),
        ("bc.c5.xlarge", 4, 8),
        ("bc.c5.2xlarge", 8, 16),
        ("bc.c5.4xlarge", 16, 32),
    ]
    return {name: InstanceType(name, cpus, memory * gib) for name, cpus, memory in rows}


INSTANCE_TYPES: Mapping[str, InstanceType] = _types()

EDITIONS: Mapping[str, Edition] = {
    "STARTER": Edition(
        name="STARTER",
        members_max=5,
        nodes_per_member_max=2,
        instance_types=frozenset({"bc.t3.small", "bc.t3.medium"}),
        networks_per_account_max=6,
        channels_max=8,
        orderers=1,
    ),
    "STANDARD": Edition(
        name="STANDARD",
        members_max=14,
        nodes_per_member_max=3,
        instance_types=frozenset(INSTANCE_TYPES),
        networks_per_account_max=6,
        channels_max=8,
        orderers=3,
    ),
}

FRAMEWORK = "HYPERLEDGER_FABRIC"
FRAMEWORK_VERSIONS = ("1.2", "1.4", "2.2", "2.5")
"""Accepted and stored; the engine that runs is Fabric 2.5, which serves channels of all of them."""

TAGS_MAX = 50
