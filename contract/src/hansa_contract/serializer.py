"""How arguments and results are written: JSON and plain text, or what a chaincode brings."""

from __future__ import annotations

from typing import Any, Protocol

from hansa_contract.types import Type


class Serializer(Protocol):
    """Between the bytes of a transaction and Python's values.

    ``kind.from_json`` and ``kind.to_json`` check and convert once another format has been made
    into JSON's types. Both raise :class:`~hansa_contract.canonical.InvalidValueError`.
    """

    def from_bytes(self, data: bytes, kind: Type, path: str) -> Any:
        """An argument; ``path`` is the parameter's name."""

    def to_bytes(self, value: Any, kind: Type, path: str) -> bytes:
        """A result."""


class JSONSerializer:
    """As the other contract APIs do it: texts, numbers and booleans plain, all else as JSON."""

    def from_bytes(self, data: bytes, kind: Type, path: str) -> Any:
        return kind.from_wire(data, path)

    def to_bytes(self, value: Any, kind: Type, path: str) -> bytes:
        return kind.to_wire(value, path)
