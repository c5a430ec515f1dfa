"""An operation's output as AMB writes it.

Compact JSON in the model's order; a member without a value is ``null`` (``NextToken`` of the last
page, ``Ethereum`` of a Fabric network); timestamps are UTC with milliseconds. Source: the lengths
of the real service's answers, which public captures show.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

Write = Callable[[Any], Any]
"""Returns a value as JSON has it."""


def timestamp_text(value: datetime) -> str:
    """``2018-09-24T14:42:41.455Z``; ``value`` has a time zone."""
    if value.tzinfo is not UTC:
        if value.tzinfo is None:
            raise ValueError(f"the timestamp {value} has no time zone")
        value = value.astimezone(UTC)
    return value.isoformat(timespec="milliseconds")[:-6] + "Z"


class OutputSerializer:
    """Writes the output of one operation.

    Members named in ``sparse`` are left out where they have no value. A member that the model does
    not know raises ``ValueError``: it would be lost.
    """

    def __init__(
        self,
        operation: Any,
        sparse: frozenset[str] = frozenset(),
        write_timestamp: Write = timestamp_text,
    ) -> None:
        self._sparse = sparse
        self._scalars = {**_SCALARS, "timestamp": write_timestamp}
        self._writes: dict[str, Write] = {}
        shape = operation.output_shape
        self._write: Write = self._writer(shape) if shape is not None else lambda _value: {}

    def serialize(self, output: Any) -> bytes:
        return compact_json(self._write(output))

    def _writer(self, shape: Any) -> Write:
        name = shape.name
        if name not in self._writes:
            # Until it is made, a shape that contains itself finds it by name.
            self._writes[name] = lambda value: self._writes[name](value)  # noqa: PLW0108
            self._writes[name] = self._make(shape)
        return self._writes[name]

    def _make(self, shape: Any) -> Write:
        if shape.type_name == "structure":
            return self._structure(shape)
        if shape.type_name == "list":
            write_member = self._writer(shape.member)
            return lambda value: [write_member(item) for item in value]
        if shape.type_name == "map":
            write_value = self._writer(shape.value)
            return lambda value: {key: write_value(item) for key, item in value.items()}
        return self._scalars.get(shape.type_name, _as_it_is)

    def _structure(self, shape: Any) -> Write:
        members = [
            (name, member.serialization.get("name", name), self._writer(member))
            for name, member in shape.members.items()
        ]
        known, sparse = frozenset(shape.members), self._sparse

        def write(value: Any) -> Any:
            written = {}
            for name, key, write_member in members:
                item = value.get(name)
                if item is not None:
                    written[key] = write_member(item)
                elif name not in sparse:
                    written[key] = None
            if not known.issuperset(value):
                raise ValueError(f"{shape.name} has no member {sorted(set(value) - known)}")
            return written

        return write


def _as_it_is(value: Any) -> Any:
    return value


_SCALARS: dict[str, Write] = {
    "blob": lambda value: base64.b64encode(value).decode(),
}
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def compact_json(value: Any) -> bytes:
    return _encoder.encode(value).encode("utf-8", "replace")
