"""Values against the shapes of the service model: every fault of a request is found.

Words of a fault: as AWS's services print them. A fault names its member from the root, in the
API's camel case (``memberConfiguration.frameworkConfiguration.fabric.adminPassword``), and never
repeats the value, which may be a secret.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hansa.domain.errors import InvalidRequestError

Faults = list[str]
Check = Callable[[Any, str, Faults], Any]
"""Returns a value as the operations take it; adds what is wrong with it, at a path, to the faults.
"""

# Beyond this many, a fault tells nobody anything new.
FAULTS_MAX = 100
_INTEGERS = {"integer": 2**31, "long": 2**63, "short": 2**15, "byte": 2**7}


def field_name(member: str) -> str:
    """A member's name as faults spell it."""
    return member[:1].lower() + member[1:]


def fault(path: str, constraint: str) -> str:
    return f"Value at '{path}' failed to satisfy constraint: {constraint}"


def missing(path: str) -> str:
    return f"Value null at '{path}' failed to satisfy constraint: Member must not be null"


def refuse_if_any(faults: Faults) -> None:
    """Raise one :class:`InvalidRequestError` that reports all of ``faults``, if there are any."""
    if not faults:
        return
    count = len(faults)
    words = "1 validation error" if count == 1 else f"{count} validation errors"
    told = "; ".join(faults[:FAULTS_MAX])
    rest = f"; and {count - FAULTS_MAX} more" if count > FAULTS_MAX else ""
    raise InvalidRequestError(f"{words} detected: {told}{rest}")


def compile_input(shape: Any) -> Check:
    """The check of an operation's input, given as a dictionary by member name.

    Members nested in it are read by the names they have in JSON.
    """
    return _Compiler().structure(shape, by_member_name=True)


class _Compiler:
    """Makes checks of shapes; a shape's check is made once, so shapes may contain themselves."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}

    def check(self, shape: Any) -> Check:
        name = shape.name
        if name not in self._checks:
            # Until it is made, a shape that contains itself finds it by name.
            self._checks[name] = lambda *given: self._checks[name](*given)  # noqa: PLW0108
            self._checks[name] = self._make(shape)
        return self._checks[name]

    def _make(self, shape: Any) -> Check:
        if shape.type_name == "structure":
            return self.structure(shape, by_member_name=False)
        if shape.type_name == "list":
            return _list_check(shape, self.check(shape.member))
        if shape.type_name == "map":
            return _map_check(shape, self.check(shape.key), self.check(shape.value))
        if shape.type_name == "string":
            return _string_check(shape)
        if shape.type_name in _INTEGERS:
            return _integer_check(shape)
        return _SCALARS[shape.type_name]

    def structure(self, shape: Any, *, by_member_name: bool) -> Check:
        members = [
            (
                name,
                name if by_member_name else member.serialization.get("name", name),
                field_name(name),
                self.check(member),
                name in shape.required_members,
            )
            for name, member in shape.members.items()
        ]

        def check(value: Any, path: str, faults: Faults) -> Any:
            if not isinstance(value, dict):
                faults.append(fault(path, "Member must be an object"))
                return value
            prefix = f"{path}." if path else ""
            checked = {}
            for name, key, field, check_member, required in members:
                given = value.get(key)
                if given is not None:
                    checked[name] = check_member(given, prefix + field, faults)
                elif required:
                    faults.append(missing(prefix + field))
            return checked

        return check


def _size_check(shape: Any, what: str) -> Callable[[int, str, Faults], bool]:
    """Whether a length or value is within the shape's ``min`` and ``max``."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")

    def check(size: int, path: str, faults: Faults) -> bool:
        if least is not None and size < least:
            faults.append(fault(path, f"Member must have {what} greater than or equal to {least}"))
            return False
        if most is not None and size > most:
            faults.append(fault(path, f"Member must have {what} less than or equal to {most}"))
            return False
        return True

    return check


def _string_check(shape: Any) -> Check:
    check_length = _size_check(shape, "length")
    pattern, longest = shape.metadata.get("pattern"), shape.metadata.get("max", math.inf)
    expression = re.compile(pattern) if pattern else None
    values = frozenset(shape.enum)
    enum_text = f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
    pattern_text = f"Member must satisfy regular expression pattern: {pattern}"

    def check(value: Any, path: str, faults: Faults) -> Any:
        if not isinstance(value, str):
            faults.append(fault(path, "Member must be a string"))
            return value
        if not value.isascii() and not _is_unicode(value):
            faults.append(fault(path, "Member must be valid Unicode text"))
            return value
        # A pattern may take long on a long string, so it is tried only within the length allowed.
        check_length(len(value), path, faults)
        if expression and len(value) <= longest and expression.fullmatch(value) is None:
            faults.append(fault(path, pattern_text))
        if values and value not in values:
            faults.append(fault(path, enum_text))
        return value

    return check


def _is_unicode(value: str) -> bool:
    """Whether there is no lone surrogate in it, which JSON can spell and UTF-8 cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _integer_check(shape: Any) -> Check:
    check_value = _size_check(shape, "value")
    bound = _INTEGERS[shape.type_name]

    def check(value: Any, path: str, faults: Faults) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            faults.append(fault(path, "Member must be an integer"))
        elif check_value(value, path, faults) and not -bound <= value < bound:
            faults.append(fault(path, f"Member must be between {-bound} and {bound - 1}"))
        return value

    return check


def _list_check(shape: Any, check_member: Check) -> Check:
    check_length = _size_check(shape, "length")

    def check(value: Any, path: str, faults: Faults) -> Any:
        if not isinstance(value, list):
            faults.append(fault(path, "Member must be a list"))
            return value
        if not check_length(len(value), path, faults):
            return value
        checked = []
        for number, item in enumerate(value, 1):
            place = f"{path}.{number}.member"
            if item is None:
                faults.append(missing(place))
            else:
                checked.append(check_member(item, place, faults))
        return checked

    return check


def _map_check(shape: Any, check_key: Check, check_value: Check) -> Check:
    check_length = _size_check(shape, "length")

    def check(value: Any, path: str, faults: Faults) -> Any:
        if not isinstance(value, dict):
            faults.append(fault(path, "Member must be an object"))
            return value
        if not check_length(len(value), path, faults):
            return value
        checked = {}
        for number, (key, item) in enumerate(value.items(), 1):
            check_key(key, f"{path}.{number}.key", faults)
            place = f"{path}.{number}.value"
            if item is None:
                faults.append(missing(place))
            else:
                checked[key] = check_value(item, place, faults)
        return checked

    return check


def _boolean(value: Any, path: str, faults: Faults) -> Any:
    if not isinstance(value, bool):
        faults.append(fault(path, "Member must be true or false"))
    return value


def _number(value: Any, path: str, faults: Faults) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        faults.append(fault(path, "Member must be a number"))
    return value


def _timestamp(value: Any, path: str, faults: Faults) -> Any:
    """Seconds since 1970, or ISO 8601 with a zone."""
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value).astimezone(UTC)
        if not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        pass
    faults.append(fault(path, "Member must be a timestamp"))
    return value


def _blob(value: Any, path: str, faults: Faults) -> Any:
    try:
        return base64.b64decode(value, validate=True)
    except (ValueError, TypeError):
        faults.append(fault(path, "Member must be base64"))
        return value


_SCALARS: dict[str, Check] = {
    "boolean": _boolean,
    "float": _number,
    "double": _number,
    "timestamp": _timestamp,
    "blob": _blob,
}
