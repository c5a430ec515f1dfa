"""Lists, tuples and mappings, as JSON's arrays and objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hansa_contract.types.base import Components, Schema, Type, wrong


class ListType(Type):
    """Any number of items of one type."""

    def __init__(self, item: Type) -> None:
        self._item = item

    def schema(self, components: Components) -> Schema:
        return {"type": "array", "items": self._item.schema(components)}

    def from_json(self, value: object, path: str) -> list[Any]:
        if not isinstance(value, list):
            raise wrong(path, "an array", value)
        return [self._item.from_json(item, f"{path}[{i}]") for i, item in enumerate(value)]

    def to_json(self, value: Any, path: str) -> list[object]:
        if not isinstance(value, Sequence) or isinstance(value, str | bytes | bytearray):
            raise wrong(path, "a list", type(value).__name__)
        return [self._item.to_json(item, f"{path}[{i}]") for i, item in enumerate(value)]


class TupleType(Type):
    """A fixed number of items, each of its own type; with ``repeated``, any number of one type."""

    def __init__(self, items: Sequence[Type], *, repeated: bool) -> None:
        self._items = items
        self._repeated = ListType(items[0]) if repeated else None

    def schema(self, components: Components) -> Schema:
        if self._repeated:
            return self._repeated.schema(components)
        size = len(self._items)
        items = [item.schema(components) for item in self._items]
        return {"type": "array", "items": items, "minItems": size, "maxItems": size}

    def from_json(self, value: object, path: str) -> tuple[Any, ...]:
        if self._repeated:
            return tuple(self._repeated.from_json(value, path))
        if not isinstance(value, list) or len(value) != len(self._items):
            raise wrong(path, f"an array of {len(self._items)}", value)
        pairs = enumerate(zip(self._items, value, strict=True))
        return tuple(kind.from_json(item, f"{path}[{i}]") for i, (kind, item) in pairs)

    def to_json(self, value: Any, path: str) -> list[object]:
        if self._repeated:
            return self._repeated.to_json(value, path)
        if not isinstance(value, tuple) or len(value) != len(self._items):
            raise wrong(path, f"a tuple of {len(self._items)}", type(value).__name__)
        pairs = enumerate(zip(self._items, value, strict=True))
        return [kind.to_json(item, f"{path}[{i}]") for i, (kind, item) in pairs]


class MappingType(Type):
    """Keys that are text, or written as text, and values of one type."""

    def __init__(self, key: Type, value: Type) -> None:
        self._key, self._value = key, value

    def schema(self, components: Components) -> Schema:
        return {"type": "object", "additionalProperties": self._value.schema(components)}

    def from_json(self, value: object, path: str) -> dict[Any, Any]:
        if not isinstance(value, dict):
            raise wrong(path, "an object", value)
        return {
            self._key.from_json(key, f"{path}, its key"): self._value.from_json(
                item, f"{path}[{key!r}]"
            )
            for key, item in value.items()
        }

    def to_json(self, value: Any, path: str) -> dict[str, object]:
        if not isinstance(value, Mapping):
            raise wrong(path, "a mapping", type(value).__name__)
        written = {}
        for key, item in value.items():
            name = self._key.to_json(key, f"{path}, its key")
            if not isinstance(name, str):
                raise wrong(f"{path}, its key,", "text", name)
            written[name] = self._value.to_json(item, f"{path}[{key!r}]")
        return written
