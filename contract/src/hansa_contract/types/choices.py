"""Types that are one of several: literals, enumerations, unions, and what may be missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from hansa_contract import canonical
from hansa_contract.canonical import InvalidValueError, shown
from hansa_contract.types.base import Components, Schema, TextType, Type, wrong

JSON_TYPES: Mapping[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    type(None): "null",
}


class LiteralType(TextType):
    """Some constants; texts are sent without quotes, where all of them are texts."""

    def __init__(self, values: Sequence[object]) -> None:
        self._values = {(type(value), value): value for value in values}
        self._all_text = all(isinstance(value, str) for value in values)
        self._rule = "one of " + ", ".join(shown(value) for value in values)
        kinds = sorted({JSON_TYPES[type(value)] for value in values})
        kind = kinds[0] if len(kinds) == 1 else kinds
        self.described = {"type": kind, "enum": list(values)}

    def from_text(self, text: str, path: str) -> Any:
        if (str, text) in self._values:
            return self._values[str, text]
        if self._all_text:
            raise wrong(path, self._rule, text)
        return self.from_json(canonical.read(text, path), path)

    def from_json(self, value: object, path: str) -> Any:
        if isinstance(value, list | dict) or (type(value), value) not in self._values:
            raise wrong(path, self._rule, value)
        return self._values[type(value), value]

    def to_json(self, value: Any, path: str) -> object:
        return self.from_json(value, path)


class EnumType(TextType):
    """An enumeration, by its members' values."""

    def __init__(self, cls: type[Enum]) -> None:
        self._cls = cls
        values = [member.value for member in cls]
        if not all(type(value) in JSON_TYPES for value in values):
            raise TypeError(
                f"the values of the enumeration {cls.__name__} must be texts or numbers"
            )
        self._values = LiteralType(values)

    def schema(self, components: Components) -> Schema:
        return self._values.schema(components)

    def from_text(self, text: str, path: str) -> Enum:
        return self._cls(self._values.from_text(text, path))

    def from_json(self, value: object, path: str) -> Enum:
        return self._cls(self._values.from_json(value, path))

    def to_json(self, value: Any, path: str) -> object:
        if isinstance(value, self._cls):
            return value.value
        return self._values.to_json(value, path)


class OptionalType(Type):
    """A value or None.

    As an argument, None is ``null`` or nothing at all; an empty text stays one where texts are
    allowed, and None is then said by leaving the argument out.
    """

    optional = True

    def __init__(self, inner: Type) -> None:
        self._inner = inner

    def schema(self, components: Components) -> Schema:
        schema = dict(self._inner.schema(components))
        if isinstance(schema.get("type"), str):
            schema["type"] = [schema["type"], "null"]
            if "enum" in schema:
                schema["enum"] = [*schema["enum"], None]
        return schema

    def from_wire(self, data: bytes, path: str) -> Any:
        try:
            return self._inner.from_wire(data, path)
        except InvalidValueError:
            if data in (b"", b"null"):
                return None
            raise

    def to_wire(self, value: Any, path: str) -> bytes:
        return b"" if value is None else self._inner.to_wire(value, path)

    def from_json(self, value: object, path: str) -> Any:
        return None if value is None else self._inner.from_json(value, path)

    def to_json(self, value: Any, path: str) -> object:
        return None if value is None else self._inner.to_json(value, path)


class UnionType(Type):
    """The first of several types that fits."""

    def __init__(self, members: Sequence[Type]) -> None:
        self._members = members

    def schema(self, components: Components) -> Schema:
        schemas = [member.schema(components) for member in self._members]
        kinds = [schema.get("type") for schema in schemas]
        if all(
            isinstance(kind, str) and len(schema) == 1
            for kind, schema in zip(kinds, schemas, strict=True)
        ):
            return {"type": sorted(set(kinds), key=str)}
        return {"description": "one of several types"}

    def from_wire(self, data: bytes, path: str) -> Any:
        return self._first(path, lambda member: member.from_wire(data, path))

    def to_wire(self, value: Any, path: str) -> bytes:
        found: bytes = self._first(path, lambda member: member.to_wire(value, path))
        return found

    def from_json(self, value: object, path: str) -> Any:
        return self._first(path, lambda member: member.from_json(value, path))

    def to_json(self, value: Any, path: str) -> object:
        return self._first(path, lambda member: member.to_json(value, path))

    def _first(self, path: str, attempt: Any) -> Any:
        rules = []
        for member in self._members:
            try:
                return attempt(member)
            except InvalidValueError as fault:
                rules.append(str(fault))
        raise InvalidValueError(path, "fits none of its types: " + "; ".join(rules))


class NoneType(Type):
    """A function that returns nothing."""

    optional = True

    described = {"type": "null"}

    def from_wire(self, data: bytes, path: str) -> None:
        if data not in (b"", b"null"):
            raise wrong(path, "empty", data.decode(errors="replace"))

    def to_wire(self, value: Any, path: str) -> bytes:
        self.to_json(value, path)
        return b""

    def from_json(self, value: object, path: str) -> None:
        if value is not None:
            raise wrong(path, "null", value)

    def to_json(self, value: Any, path: str) -> None:
        if value is not None:
            raise InvalidValueError(path, f"must be None, not {type(value).__name__}")
