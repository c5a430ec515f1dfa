"""Taking secrets out of what is recorded, and bounding its size.

A value is secret by the name of its member, in whatever spelling: passwords, secrets, tokens,
private keys, user data. What a service model marks as sensitive comes on top.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from hansa.domain.audit import plain

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
"""What CloudTrail puts in place of a secret."""

TEXT_MAX = 10_240
"""Characters of one text: the longest policy document fits."""

ITEMS_MAX = 100
DEPTH_MAX = 8
TOTAL_MAX = 16_384
"""Characters of all the texts of one value; what comes after them is left out."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET_WORDS = frozenset(
    {
        "authorization", "credential", "credentials", "passphrase", "passwd", "password",
        "passwords", "plaintext", "secret", "secrets", "signature", "token", "tokens",
    }
)  # fmt: skip
_SECRET_PAIRS = frozenset(
    {
        ("api", "key"), ("customer", "key"), ("encryption", "key"), ("key", "material"),
        ("private", "key"), ("user", "data"),
    }
)  # fmt: skip
# What only sounds like a secret: names of secrets, tokens of pages and of idempotency.
_PUBLIC = frozenset(
    {
        "clientrequesttoken", "clienttoken", "continuationtoken", "nexttoken", "requesttoken",
        "secretarn", "secretid", "secretidlist",
    }
)  # fmt: skip
# What may be told of credentials.
_TOLD = frozenset({"accesskeyid", "createdate", "expiration", "status", "username"})


def is_secret_name(name: str) -> bool:
    """Whether a member of this name holds a secret."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if "".join(words) in _PUBLIC:
        return False
    return not _SECRET_WORDS.isdisjoint(words) or any(
        pair in _SECRET_PAIRS for pair in pairwise(words)
    )


@dataclass
class Redaction:
    """Redacts the parts of one call; ``secrets`` are the texts that it took out.

    ``names`` are further members that hold secrets; of a dotted name the last part counts.
    """

    names: Collection[str] = frozenset()
    secrets: set[str] = field(default_factory=set)
    _room: int = TOTAL_MAX

    def value(self, value: Any) -> Any:
        """``value`` as JSON, without secrets and bounded; other types become texts."""
        self._room = TOTAL_MAX
        return self._copy(value, 0, hidden=False)

    def text(self, text: str) -> str:
        """``text`` without the secrets that were taken out so far, and bounded."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return _cut(plain(text), TEXT_MAX)

    def _copy(self, value: Any, depth: int, *, hidden: bool) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if depth > DEPTH_MAX or self._room <= 0:
            return "(left out)"
        if isinstance(value, Mapping):
            return self._mapping(value, depth, hidden=hidden)
        if isinstance(value, list | tuple):
            copied = [self._copy(item, depth + 1, hidden=hidden) for item in value[:ITEMS_MAX]]
            rest = len(value) - ITEMS_MAX
            return [*copied, f"({rest} more)"] if rest > 0 else copied
        return self._hide(value) if hidden else self._scalar(value)

    def _scalar(self, value: Any) -> Any:
        self._room -= 8
        if isinstance(value, int):
            return value
        text = _cut(_as_text(value), min(TEXT_MAX, max(self._room, 0)))
        self._room -= len(text)
        return text

    def _mapping(self, value: Mapping[Any, Any], depth: int, *, hidden: bool) -> Any:
        copied = {}
        pair_is_secret = is_secret_name(str(value.get("Key", ""))) and "Value" in value
        for name, item in list(value.items())[:ITEMS_MAX]:
            key = _cut(plain(str(name)), 256)
            self._room -= len(key)
            inside = (
                (hidden and key.lower() not in _TOLD)
                or key.rpartition(".")[2] in self.names
                or is_secret_name(key)
                or (pair_is_secret and key == "Value")
            )
            copied[key] = self._copy(item, depth + 1, hidden=inside)
        if len(value) > ITEMS_MAX:
            copied["(left out)"] = f"({len(value) - ITEMS_MAX} more)"
        return copied

    def _hide(self, value: Any) -> str:
        text = value.decode(errors="replace") if isinstance(value, bytes) else _as_text(value)
        if len(text) >= 4:  # a shorter one is found in too many words
            self.secrets.add(text)
        return HIDDEN


def _as_text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    return plain(str(value))


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…({len(text) - longest} more)"
