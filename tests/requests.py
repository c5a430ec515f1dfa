"""What managedblockchain is asked with where a test does not care."""

from __future__ import annotations

from typing import Any


def starter_network(name: str, **changed: Any) -> dict[str, Any]:
    """What CreateNetwork is sent."""
    return {
        "Name": name,
        "Framework": "HYPERLEDGER_FABRIC",
        "FrameworkVersion": "2.2",
        "FrameworkConfiguration": fabric_edition("STARTER"),
        "VotingPolicy": voting_policy(),
        "MemberConfiguration": member_configuration("org1"),
        **changed,
    }


def fabric_edition(edition: str) -> dict[str, Any]:
    return {"Fabric": {"Edition": edition}}


def voting_policy(threshold: int = 50, comparator: str = "GREATER_THAN") -> dict[str, Any]:
    return {
        "ApprovalThresholdPolicy": {
            "ThresholdPercentage": threshold,
            "ProposalDurationInHours": 24,
            "ThresholdComparator": comparator,
        }
    }


def member_configuration(
    name: str, username: str = "admin", password: str = "Password123"
) -> dict[str, Any]:
    fabric = {"AdminUsername": username, "AdminPassword": password}
    return {"Name": name, "FrameworkConfiguration": {"Fabric": fabric}}
