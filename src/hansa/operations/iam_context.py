"""What every operation of IAM and STS is given, and what they share."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from hansa.domain.caller import Caller
from hansa.domain.iam_errors import (
    LimitExceededError,
    MalformedPolicyDocumentError,
    NoSuchEntityError,
    ValidationError,
)
from hansa.domain.names import Choice
from hansa.iam.keys import Use
from hansa.iam.policy import PolicySyntaxError, parse_policy
from hansa.iam.policy_size import PolicyQuota, PolicySizeError, check_size
from hansa.store.database import Session, Store
from hansa.store.principals import get_principal
from hansa.store.tables import Principal
from hansa.store.tags import get_tags

Request = Mapping[str, Any]
ItemT = TypeVar("ItemT")

NAME_MEMBER = {"user": "UserName", "group": "GroupName", "role": "RoleName"}
"""The member of a request that names a principal, by its kind."""

PAGE_SIZE = 100
TAGS_MAX = 50


@dataclass(frozen=True)
class IamContext:
    """``changed`` makes the service forget the keys and policies that it keeps in memory.

    ``last_use`` tells of the uses of a key since the service started.
    """

    store: Store
    now: Callable[[], datetime]
    choice: Choice
    changed: Callable[[], None]
    last_use: Callable[[str], Use | None]

    @contextmanager
    def write(self) -> Iterator[Session]:
        """The writer's session; what it commits is in force before the block is left."""
        with self.store.write() as session:
            yield session
        self.changed()


def find_principal(session: Session, caller: Caller, kind: str, name: str) -> Principal:
    """The principal of the caller's account. Raises :class:`NoSuchEntityError`."""
    found = get_principal(session, caller.account_id, kind, name)
    if found is None:
        raise NoSuchEntityError(f"The {kind} with name {name} cannot be found.")
    return found


def named(session: Session, caller: Caller, kind: str, request: Request) -> Principal:
    """The principal that ``request`` names."""
    return find_principal(session, caller, kind, request[NAME_MEMBER[kind]])


def caller_user_name(caller: Caller) -> str:
    """The caller's own user name, where a request names no user."""
    kind, _, name = caller.principal_arn.rpartition(":")[2].partition("/")
    if kind != "user":
        raise ValidationError("Must specify userName when calling with non-User credentials")
    return name.rpartition("/")[2]


def check_document(
    text: str, quota: PolicyQuota, others: Iterable[str] = (), *, trust: bool = False
) -> str:
    """The policy document as it was given.

    Raises :class:`MalformedPolicyDocumentError`, and :class:`LimitExceededError` where it and the
    ``others``, which count with it, are too large.
    """
    try:
        check_size(quota, (text, *others))
        parse_policy(text, trust=trust)
    except PolicySizeError as fault:
        raise LimitExceededError(str(fault)) from fault
    except PolicySyntaxError as fault:
        raise MalformedPolicyDocumentError(str(fault)) from fault
    return text


def check_new_tags(given: Sequence[Mapping[str, str]], already: Sequence[str] = ()) -> None:
    """Raise unless a principal with tags of the keys ``already`` may be given these."""
    keys = [tag["Key"] for tag in given]
    if len({key.lower() for key in keys}) < len(keys):
        raise ValidationError("Duplicate tag keys found. A key can be given once only.")
    if any(key.lower().startswith("aws:") for key in keys):
        raise ValidationError("Tag keys that begin with 'aws:' are reserved; choose another key.")
    if len({*keys, *already}) > TAGS_MAX:
        raise LimitExceededError(f"A resource can have {TAGS_MAX} tags at most.")


def tag_list(session: Session, resource_id: str) -> list[dict[str, str]]:
    tags = get_tags(session, resource_id)
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def page(
    items: Sequence[ItemT], key: Callable[[ItemT], str], request: Request, member: str
) -> dict[str, Any]:
    """The part of ``items`` that ``request`` asks for, as ``member`` of an answer.

    In the order of ``key``, which has to tell them apart; the marker is the last one's.
    """
    after = _read_marker(request.get("Marker"))
    rows = sorted((item for item in items if after is None or key(item) > after), key=key)
    size = int(request.get("MaxItems", PAGE_SIZE))
    answer: dict[str, Any] = {member: rows[:size], "IsTruncated": len(rows) > size}
    if len(rows) > size:
        text = json.dumps(key(rows[size - 1]))
        answer["Marker"] = base64.urlsafe_b64encode(text.encode()).decode()
    return answer


def _read_marker(marker: str | None) -> str | None:
    if marker is None:
        return None
    try:
        after = json.loads(base64.urlsafe_b64decode(marker))
        if isinstance(after, str):
            return after
    except (ValueError, binascii.Error):
        pass
    raise ValidationError("Invalid Marker. Repeat the call without it to begin at the first page.")
