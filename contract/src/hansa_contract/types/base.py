"""What a type can do: read and write its values, and describe itself as a JSON schema."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from hansa_contract import canonical
from hansa_contract.canonical import InvalidValueError, shown

Schema = dict[str, Any]


class Components:
    """The object types that a chaincode's metadata describes, each once and by its name."""

    def __init__(self) -> None:
        self.schemas: dict[str, Schema] = {}
        self._owners: dict[str, object] = {}

    def refer(self, name: str, owner: object, describe: Callable[[], Schema]) -> Schema:
        """A reference to the schema of ``owner``, described if that was not done yet.

        Raises :class:`TypeError` where another type has this name.
        """
        if self._owners.setdefault(name, owner) is not owner:
            raise TypeError(
                f"two types are named {name}: {owner!r} and {self._owners[name]!r}. "
                "Metadata knows types by name only: rename one"
            )
        if name not in self.schemas:
            self.schemas[name] = {"$id": name}
            self.schemas[name].update(describe())
        return {"$ref": f"#/components/schemas/{name}"}


class Type(ABC):
    """One type. ``path`` names the value in errors, such as ``asset.owner.age``.

    Reading and writing raise :class:`InvalidValueError`.
    """

    optional = False
    """Whether the value may be left out."""
    described: Mapping[str, Any] = {}
    """The schema, where it is the same for all values of the class."""

    def schema(self, components: Components) -> Schema:
        """In the dialect of Fabric's contract metadata."""
        return dict(self.described)

    @abstractmethod
    def from_json(self, value: object, path: str) -> Any:
        """From JSON's types to Python's."""

    @abstractmethod
    def to_json(self, value: Any, path: str) -> object:
        """From Python's types to JSON's."""

    def from_wire(self, data: bytes, path: str) -> Any:
        """From the bytes of an argument."""
        return self.from_json(canonical.read(data, path), path)

    def to_wire(self, value: Any, path: str) -> bytes:
        """To the bytes of a response."""
        return canonical.write(self.to_json(value, path), path)


class TextType(Type):
    """A type whose values are sent as plain text, without JSON's quotes."""

    @abstractmethod
    def from_text(self, text: str, path: str) -> Any:
        """From the text of an argument."""

    def to_text(self, value: Any, path: str) -> str:
        """To the text of a response."""
        written = self.to_json(value, path)
        return written if isinstance(written, str) else canonical.write(written, path).decode()

    def from_wire(self, data: bytes, path: str) -> Any:
        return self.from_text(decoded(data, path), path)

    def to_wire(self, value: Any, path: str) -> bytes:
        return encoded(self.to_text(value, path), path)


def decoded(data: bytes, path: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as fault:
        raise InvalidValueError(path, "must be text in UTF-8") from fault


def encoded(text: str, path: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as fault:
        raise InvalidValueError(path, "must be text that UTF-8 can hold") from fault


def wrong(path: str, rule: str, value: object) -> InvalidValueError:
    """``rule`` completes the sentence: must be …"""
    return InvalidValueError(path, f"must be {rule}, not {shown(value)}")
