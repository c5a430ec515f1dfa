"""Types of single values. All are read strictly: what is taken is taken on every peer alike."""

from __future__ import annotations

import base64
import binascii
import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hansa_contract.types.base import TextType, encoded, wrong

INTEGER = re.compile(r"[+-]?[0-9]{1,4000}", re.ASCII)
NUMBER = re.compile(r"[+-]?[0-9]{1,4000}(\.[0-9]{1,4000})?([eE][+-]?[0-9]{1,4})?", re.ASCII)
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class StringType(TextType):
    """Unicode text."""

    described = {"type": "string"}

    def from_text(self, text: str, path: str) -> str:
        return text

    def from_json(self, value: object, path: str) -> str:
        if not isinstance(value, str):
            raise wrong(path, "text", value)
        return value

    def to_json(self, value: Any, path: str) -> str:
        encoded(self.from_json(value, path), path)
        return str(value)


class IntegerType(TextType):
    """A whole number of any size; ``1.0``, ``1_000`` and blanks are refused."""

    described = {"type": "integer"}

    def from_text(self, text: str, path: str) -> int:
        if not INTEGER.fullmatch(text):
            raise wrong(path, "an integer", text)
        return int(text)

    def from_json(self, value: object, path: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong(path, "an integer", value)
        return value

    def to_json(self, value: Any, path: str) -> int:
        return self.from_json(value, path)


class FloatType(TextType):
    """A finite binary number; written in the shortest form that reads back the same."""

    described = {"type": "number", "format": "double"}

    def from_text(self, text: str, path: str) -> float:
        if not NUMBER.fullmatch(text):
            raise wrong(path, "a number", text)
        return self._finite(float(text), path)

    def from_json(self, value: object, path: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong(path, "a number", value)
        try:
            return self._finite(float(value), path)
        except OverflowError as fault:
            raise wrong(path, "a number below 1.8e308", value) from fault

    def to_json(self, value: Any, path: str) -> float:
        return self.from_json(value, path)

    def _finite(self, value: float, path: str) -> float:
        if not math.isfinite(value):
            raise wrong(path, "a finite number", str(value))
        return value


class BooleanType(TextType):
    """``true`` or ``false``, in capitals too."""

    described = {"type": "boolean"}

    def from_text(self, text: str, path: str) -> bool:
        found = {"true": True, "false": False}.get(text.lower())
        if found is None:
            raise wrong(path, "true or false", text)
        return found

    def from_json(self, value: object, path: str) -> bool:
        if not isinstance(value, bool):
            raise wrong(path, "true or false", value)
        return value

    def to_json(self, value: Any, path: str) -> bool:
        return self.from_json(value, path)


class BytesType(TextType):
    """Raw bytes as an argument and as a result; base64 inside JSON."""

    described = {"type": "string", "format": "byte"}

    def from_text(self, text: str, path: str) -> bytes:
        return encoded(text, path)

    def from_wire(self, data: bytes, path: str) -> bytes:
        return data

    def to_wire(self, value: Any, path: str) -> bytes:
        return self._bytes(value, path)

    def from_json(self, value: object, path: str) -> bytes:
        if not isinstance(value, str):
            raise wrong(path, "base64", value)
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError) as fault:
            raise wrong(path, "base64", value) from fault

    def to_json(self, value: Any, path: str) -> str:
        return base64.b64encode(self._bytes(value, path)).decode()

    def _bytes(self, value: object, path: str) -> bytes:
        if not isinstance(value, bytes | bytearray | memoryview):
            raise wrong(path, "bytes", value)
        return bytes(value)


class DecimalType(TextType):
    """A decimal number, as text everywhere, so that no digit is lost."""

    described = {"type": "string", "format": "decimal"}

    def from_text(self, text: str, path: str) -> Decimal:
        if not NUMBER.fullmatch(text):
            raise wrong(path, "a decimal number", text)
        return Decimal(text)

    def from_json(self, value: object, path: str) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise wrong(path, "a decimal number in quotes", value)
        return self.from_text(str(value), path)

    def to_json(self, value: Any, path: str) -> str:
        if not isinstance(value, Decimal) or not value.is_finite():
            raise wrong(path, "a finite Decimal", str(value))
        return str(value)


class DatetimeType(TextType):
    """A point in time (RFC 3339) with its offset; always UTC once it is read, and when written.

    What is finer than a microsecond is cut off.
    """

    RULE = "a time with its offset, such as 2026-07-31T12:00:00Z"

    described = {"type": "string", "format": "date-time"}

    def from_text(self, text: str, path: str) -> datetime:
        if not INSTANT.fullmatch(text):
            raise wrong(path, self.RULE, text)
        try:
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
        except (ValueError, OverflowError) as fault:
            raise wrong(path, self.RULE, text) from fault

    def from_json(self, value: object, path: str) -> datetime:
        if not isinstance(value, str):
            raise wrong(path, self.RULE, value)
        return self.from_text(value, path)

    def to_json(self, value: Any, path: str) -> str:
        if not isinstance(value, datetime) or value.utcoffset() is None:
            raise wrong(path, "a datetime with its time zone", str(value))
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class DateType(TextType):
    """A day, such as ``2026-07-31``."""

    described = {"type": "string", "format": "date"}

    def from_text(self, text: str, path: str) -> date:
        try:
            if not DAY.fullmatch(text):
                raise ValueError(text)
            return date.fromisoformat(text)
        except ValueError as fault:
            raise wrong(path, "a day such as 2026-07-31", text) from fault

    def from_json(self, value: object, path: str) -> date:
        if not isinstance(value, str):
            raise wrong(path, "a day such as 2026-07-31", value)
        return self.from_text(value, path)

    def to_json(self, value: Any, path: str) -> str:
        if not isinstance(value, date) or isinstance(value, datetime):
            raise wrong(path, "a date", str(value))
        return value.isoformat()
