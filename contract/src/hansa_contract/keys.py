"""The rules for keys: plain ones, composite ones, and the ranges that they span.

A composite key is U+0000, then the object type and each attribute followed by U+0000. Plain keys
must not start with that character, so that a range of plain keys never meets a composite one.
"""

from __future__ import annotations

from collections.abc import Sequence

from hansa_contract.errors import KeyFormError

NAMESPACE = "\x00"
SEPARATOR = "\x00"
LAST_CHARACTER = "\U0010ffff"
FIRST_PLAIN_KEY = "\x01"
"""Stands for an empty start of a range: everything but the composite keys."""


def create_composite_key(object_type: str, attributes: Sequence[str]) -> str:
    """Raises :class:`KeyFormError` where a part holds U+0000 or U+10FFFF, or is no text."""
    parts = [object_type, *attributes]
    for part in parts:
        _check_part(part)
    return NAMESPACE + "".join(part + SEPARATOR for part in parts)


def split_composite_key(composite_key: str) -> tuple[str, list[str]]:
    """The object type and the attributes. Raises :class:`KeyFormError` for another kind of key."""
    if not composite_key.startswith(NAMESPACE) or not composite_key[1:].endswith(SEPARATOR):
        raise KeyFormError(f"{composite_key!r} is no composite key")
    object_type, *attributes = composite_key[1:-1].split(SEPARATOR)
    return object_type, attributes


def composite_range(object_type: str, attributes: Sequence[str]) -> tuple[str, str]:
    """Start and end of the keys that begin with these parts."""
    start = create_composite_key(object_type, attributes)
    return start, start + LAST_CHARACTER


def plain_range(start_key: str, end_key: str) -> tuple[str, str]:
    """Raises :class:`KeyFormError` for a bound among the composite keys; empty means unbounded."""
    for key in (start_key, end_key):
        if key.startswith(NAMESPACE):
            raise KeyFormError(
                f"the key {key!r} starts with U+0000, which only composite keys do: "
                "use get_state_by_partial_composite_key"
            )
    return start_key or FIRST_PLAIN_KEY, end_key


def require_key(key: str) -> None:
    if not key:
        raise KeyFormError("a key must not be an empty string")


def require_collection(collection: str) -> None:
    if not collection:
        raise KeyFormError("the name of a private data collection must not be an empty string")


def _check_part(part: str) -> None:
    if not isinstance(part, str):
        raise KeyFormError(f"a part of a composite key must be text, not {type(part).__name__}")
    for forbidden in (SEPARATOR, LAST_CHARACTER):
        if forbidden in part:
            raise KeyFormError(
                f"{part!r} holds U+{ord(forbidden):04X}, "
                "which is not allowed in a part of a composite key"
            )
    try:
        part.encode()
    except UnicodeEncodeError as fault:
        raise KeyFormError(f"{part!r} cannot be written as UTF-8") from fault
