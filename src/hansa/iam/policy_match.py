"""Whether an action or a resource is one of those that a policy's statement names.

Rules: IAM User Guide, "Action", "Resource" and their Not… forms. Actions are compared without
regard to case, resources with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hansa.iam.policy_text import ARN_SEGMENTS, Lookup, arn_segments, matches, tokens


def action_matches(patterns: Iterable[str], action: str) -> bool:
    """Whether ``action`` (``managedblockchain:GetNetwork``) is one of ``patterns``."""
    return any(_matches_text(pattern.lower(), action.lower(), None) for pattern in patterns)


def resource_matches(patterns: Iterable[str], resource: str, lookup: Lookup | None) -> bool:
    """Whether ``resource``, an ARN or ``*`` where an action has none, is one of ``patterns``.

    Wildcards stay within a segment of the ARN, but for the last. Segments that a pattern lacks at
    its end stand for all.
    """
    return any(_resource_matches(pattern, resource, lookup) for pattern in patterns)


def arn_matches(pattern: Sequence[str], arn: str, lookup: Lookup | None) -> bool:
    """Whether every segment of ``arn`` is what the same segment of ``pattern`` describes."""
    segments = arn.split(":", ARN_SEGMENTS - 1)
    return len(segments) == len(pattern) and all(
        _matches_text(wanted, segment, lookup)
        for wanted, segment in zip(pattern, segments, strict=True)
    )


def _resource_matches(pattern: str, resource: str, lookup: Lookup | None) -> bool:
    if pattern == "*":
        return True
    segments = arn_segments(pattern)
    return arn_matches(segments + ["*"] * (ARN_SEGMENTS - len(segments)), resource, lookup)


def _matches_text(pattern: str, value: str, lookup: Lookup | None) -> bool:
    found = tokens(pattern, lookup)
    return found is not None and matches(found, value)
