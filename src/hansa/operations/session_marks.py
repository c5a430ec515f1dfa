"""What a session of a role is marked with: tags, and a source identity.

Rules: IAM User Guide, "Pass session tags in AWS STS" and "Monitor and control actions taken with
assumed roles". Keys of tags are compared without regard to case.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hansa.domain.errors import AccessDeniedError
from hansa.domain.iam_errors import (
    InvalidParameterValueError,
    PackedPolicyTooLargeError,
    ValidationError,
)
from hansa.iam.policy_size import PolicyQuota, policy_size
from hansa.store.tables import AccessKey

# AWS does not say how it packs; this is zlib, and what a session token of AWS has room for.
PACKED_BYTES_MAX = 2_048


@dataclass(frozen=True)
class Marks:
    """``tags`` has those that were inherited; ``given`` only those of this request."""

    given: Mapping[str, str]
    tags: Mapping[str, str]
    transitive: Sequence[str]
    source_identity: str | None

    def actions(self) -> list[str]:
        """What somebody has to be allowed who assumes a role with these marks."""
        found = ["sts:AssumeRole"]
        if self.tags:
            found.append("sts:TagSession")
        if self.source_identity is not None:
            found.append("sts:SetSourceIdentity")
        return found

    def context(self) -> dict[str, tuple[str, ...]]:
        """The condition keys of the request that come of them."""
        found: dict[str, tuple[str, ...]] = {
            f"aws:RequestTag/{key}": (value,) for key, value in self.given.items()
        }
        if self.given:
            found["aws:TagKeys"] = tuple(self.given)
        if self.transitive:
            found["sts:TransitiveTagKeys"] = tuple(self.transitive)
        if self.source_identity is not None:
            found["sts:SourceIdentity"] = (self.source_identity,)
        return found


def marks_of(key: AccessKey | None, request: Mapping[str, Any]) -> Marks:
    """The marks of the session that ``request`` asks for with the credentials of ``key``.

    Raises :class:`InvalidParameterValueError`, :class:`ValidationError`, and
    :class:`AccessDeniedError` for another source identity than the caller's own.
    """
    given = _given(request.get("Tags") or [])
    handed_on = {name.lower() for name in (key and key.transitive_tag_keys) or ()}
    calling = (key and key.session_tags) or {}
    inherited = {name: value for name, value in calling.items() if name.lower() in handed_on}
    if {name.lower() for name in given} & handed_on:
        raise InvalidParameterValueError(
            "One of the specified transitive tag keys can't be set because it conflicts with a "
            "transitive tag key from the calling session."
        )
    transitive = request.get("TransitiveTagKeys") or []
    if not {name.lower() for name in transitive} <= {name.lower() for name in given}:
        raise InvalidParameterValueError(
            "The specified transitive tag key must be included in the requested tags."
        )
    return Marks(
        given,
        {**inherited, **given},
        [*inherited, *transitive],
        _source_identity(key, request.get("SourceIdentity")),
    )


def _given(tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
    found = {tag["Key"]: tag["Value"] for tag in tags}
    if len({name.lower() for name in found}) < len(tags):
        raise InvalidParameterValueError(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    if any(name.lower().startswith("aws:") for name in found):
        raise ValidationError("Tag keys that begin with 'aws:' are reserved; choose another key.")
    return found


def _source_identity(key: AccessKey | None, given: str | None) -> str | None:
    present = key.source_identity if key is not None else None
    if given is not None and given.lower().startswith("aws:"):
        raise ValidationError("A SourceIdentity cannot begin with 'aws:'; choose another.")
    if present is not None and given not in (None, present):
        raise AccessDeniedError(
            f"The calling session has the source identity {present}, which cannot be changed. "
            "Leave out SourceIdentity, or give the same."
        )
    return given if present is None else present


def packed_percent(policies: Sequence[str], arns: Sequence[str], marks: Marks) -> int | None:
    """How full the session is, in percent; ``None`` where it has neither policy nor tag.

    Raises :class:`PackedPolicyTooLargeError` beyond 100.
    """
    if not policies and not arns and not marks.tags:
        return None
    content = json.dumps([list(policies), list(arns), dict(marks.tags), list(marks.transitive)])
    packed = -(-100 * len(zlib.compress(content.encode(), 9)) // PACKED_BYTES_MAX)
    plain = -(-100 * sum(map(policy_size, policies)) // PolicyQuota.SESSION.characters)
    percent = max(packed, plain)
    if percent > 100 and (policies or arns):
        raise PackedPolicyTooLargeError(
            f"Packed policy consumes {percent}% of allotted space, please use smaller policy."
        )
    if percent > 100:
        raise PackedPolicyTooLargeError(
            f"Packed size of session tags consumes {percent}% of allotted space."
        )
    return percent
