"""JSON with one form for one value: what goes into the ledger must be the same on every peer."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar, overload

from hansa_contract.errors import ChaincodeError

T = TypeVar("T")


class InvalidValueError(ChaincodeError, ValueError):
    """A value breaks a rule of its type: ``path`` says which value, ``rule`` what it has to be."""

    def __init__(self, path: str, rule: str) -> None:
        super().__init__(f"{path} {rule}")
        self.path, self.rule = path, rule


def write(value: object, path: str = "value") -> bytes:
    """Keys sorted, no blanks, UTF-8. ``value`` has JSON's types only.

    Raises :class:`InvalidValueError` for NaN, infinity, and text that is no Unicode.
    """
    try:
        text = json.dumps(
            value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
        return text.encode()
    except (TypeError, ValueError, RecursionError) as fault:
        raise InvalidValueError(path, f"cannot be written as JSON: {fault}") from fault


def read(data: bytes | str, path: str = "value") -> Any:
    """Raises :class:`InvalidValueError` for what is no JSON, NaN, or one key twice in an object."""
    try:
        return json.loads(
            data,
            object_pairs_hook=_unique(path),
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except InvalidValueError:
        raise
    except (ValueError, RecursionError) as fault:
        raise InvalidValueError(path, f"must be JSON: {fault}") from fault


def shown(value: object) -> str:
    """A value for a message: short, on one line."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=lambda item: type(item).__name__)
    except (TypeError, ValueError, RecursionError):
        text = type(value).__name__
    return text if len(text) <= 60 else text[:57] + "..."


def _unique(path: str) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise InvalidValueError(path, "must not have the same key twice in an object")
        return found

    return collect


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _finite(text: str) -> float:
    if math.isinf(number := float(text)):
        raise ValueError(f"{text} is more than a number can be")
    return number


def to_json(value: object) -> bytes:
    """A value for the ledger: dataclasses, models, enums, times and all that JSON has.

    The same value gives the same bytes on every peer. Raises :class:`InvalidValueError` for what
    has no such form: a set, NaN, an object of an unknown kind.
    """
    from hansa_contract.types import ANY  # noqa: PLC0415  types are built upon this module

    return write(ANY.to_json(value, "value"))


@overload
def from_json(data: bytes) -> Any: ...
@overload
def from_json(data: bytes, hint: type[T]) -> T: ...
@overload
def from_json(data: bytes, hint: object) -> Any: ...


def from_json(data: bytes, hint: object = Any) -> Any:
    """What :func:`to_json` has written, checked and made into the type ``hint``.

    Raises :class:`InvalidValueError` where it is none, as for the empty bytes of a missing key.
    """
    from hansa_contract.types import resolve  # noqa: PLC0415  types are built upon this module

    return resolve(hint).from_json(read(data), "value")
