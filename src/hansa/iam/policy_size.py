"""How large policies may be.

Source: "IAM and AWS STS quotas, name requirements, and character limits". White space does not
count.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class PolicyQuota(Enum):
    """What is limited: its name in messages, and the characters that it may have."""

    MANAGED = ("PolicySize", 6_144)
    USER_INLINE = ("UserPolicySize", 2_048)
    GROUP_INLINE = ("GroupPolicySize", 5_120)
    ROLE_INLINE = ("RolePolicySize", 10_240)
    TRUST = ("ACLSizePerRole", 2_048)
    SESSION = ("PackedPolicySize", 2_048)

    @property
    def label(self) -> str:
        """The quota's name in the API."""
        return self.value[0]

    @property
    def characters(self) -> int:
        """How many characters there may be, white space apart."""
        return self.value[1]


class PolicySizeError(ValueError):
    """Policies are larger than their quota; the message is for the user."""


def policy_size(text: str) -> int:
    """The characters of a policy that count."""
    return sum(not character.isspace() for character in text)


def check_size(quota: PolicyQuota, texts: Iterable[str]) -> None:
    """Return if the documents together keep the quota; else raise :class:`PolicySizeError`.

    Inline policies of one principal count together, a managed policy counts alone.
    """
    size = sum(map(policy_size, texts))
    if size > quota.characters:
        raise PolicySizeError(
            f"Cannot exceed quota for {quota.label}: {quota.characters}. The policy has {size} "
            "characters without white space; shorten it, or split it into several."
        )
