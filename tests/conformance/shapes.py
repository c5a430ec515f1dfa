"""Values of the service model's shapes, as hypothesis strategies."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from hansa.wire.model import load_managedblockchain

MODEL = load_managedblockchain()
OPERATIONS = sorted(MODEL.operation_names)

# Text that meets a pattern, by shape; the others are drawn within their length.
PATTERNS = {
    "ArnString": r"\Aarn:aws:managedblockchain:us-east-1:[0-9]{0,9}:[a-z]{3,9}/[A-Z2 +%é:-]{1,9}\Z",
    "NetworkMemberNameString": r"\A[a-zA-Z][a-zA-Z0-9]{0,30}(-[a-zA-Z0-9]{1,20})?\Z",
    "UsernameString": r"\A[a-zA-Z][a-zA-Z0-9]{0,15}\Z",
    "PasswordString": r"\A[a-z][A-Z][0-9][a-zA-Z0-9!#$%&()*+,.:;<=>?^_{|}~-]{5,29}\Z",
    "NameString": r"\A[ -~é]{0,20}[!-~]\Z",
}
ANY_TEXT = st.characters(exclude_categories=["Cs"])
LABEL_TEXT = st.characters(exclude_categories=["Cs", "Cc"])


def values(shape: Any, *, in_path: bool = False) -> st.SearchStrategy[Any]:
    """Values that meet every constraint of ``shape``."""
    kind, limits = shape.type_name, shape.metadata
    if kind == "structure":
        return structures(shape)
    if kind == "list":
        most = min(limits.get("max", 5), 5)
        return st.lists(values(shape.member), min_size=limits.get("min", 0), max_size=most)
    if kind == "map":
        return st.dictionaries(values(shape.key), values(shape.value), max_size=4)
    if kind == "string":
        return texts(shape, in_path=in_path)
    return {
        "integer": lambda: st.integers(limits.get("min", -(2**31)), limits.get("max", 2**31 - 1)),
        "boolean": st.booleans,
        "timestamp": lambda: st.datetimes(
            datetime(1990, 1, 1),  # noqa: DTZ001 - the zone is drawn
            datetime(2090, 1, 1),  # noqa: DTZ001
            timezones=st.just(UTC),
        ).map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)),
    }[kind]()


def texts(shape: Any, *, in_path: bool) -> st.SearchStrategy[str]:
    if shape.enum:
        return st.sampled_from(shape.enum)
    if shape.name in PATTERNS:
        return st.from_regex(PATTERNS[shape.name])
    least, most = shape.metadata.get("min", 0), min(shape.metadata.get("max", 40), 40)
    alphabet = LABEL_TEXT if in_path else ANY_TEXT
    text = st.text(alphabet, min_size=least, max_size=max(least, most))
    return text.filter(lambda value: value not in (".", "..")) if in_path else text


def structures(shape: Any, *, complete: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """Structures with all required members, and others; with ``complete``, with all members."""
    members = {
        name: values(member, in_path=member.serialization.get("location") == "uri")
        for name, member in shape.members.items()
    }
    needed = set(members) if complete else set(shape.required_members)
    required = {name: member for name, member in members.items() if name in needed}
    optional = {name: member for name, member in members.items() if name not in needed}
    return st.fixed_dictionaries(required, optional=optional)
