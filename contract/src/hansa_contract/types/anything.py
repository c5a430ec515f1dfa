"""The type of what has no type hint, or the hint ``Any``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hansa_contract import canonical
from hansa_contract.canonical import InvalidValueError
from hansa_contract.types.base import Type, decoded, encoded
from hansa_contract.types.scalars import FloatType


class AnyType(Type):
    """JSON where it is JSON, text where it is not; written by what the value is."""

    def __init__(self, resolve: Callable[[type], Type]) -> None:
        self._resolve = resolve

    def from_wire(self, data: bytes, path: str) -> Any:
        try:
            return canonical.read(data, path)
        except InvalidValueError:
            return decoded(data, path)

    def to_wire(self, value: Any, path: str) -> bytes:
        if value is None:
            return b""
        if isinstance(value, bytes | bytearray | memoryview):
            return bytes(value)
        written = self.to_json(value, path)
        return encoded(written, path) if isinstance(written, str) else canonical.write(written)

    def from_json(self, value: object, path: str) -> Any:
        return value

    def to_json(self, value: Any, path: str) -> object:
        if value is None or type(value) in (str, int, bool):
            return value
        if isinstance(value, float):
            return FloatType().to_json(value, path)
        if isinstance(value, Mapping):
            return {
                self._key(key, path): self.to_json(item, f"{path}[{key!r}]")
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.to_json(item, f"{path}[{i}]") for i, item in enumerate(value)]
        try:
            kind = self._resolve(type(value))
        except TypeError as fault:
            raise InvalidValueError(path, f"cannot be written as JSON: {fault}") from fault
        if kind is self:
            raise InvalidValueError(path, "cannot be written as JSON: it is a plain object")
        return kind.to_json(value, path)

    def _key(self, key: object, path: str) -> str:
        if not isinstance(key, str):
            raise InvalidValueError(path, f"has the key {key!r}, which must be text")
        return key
