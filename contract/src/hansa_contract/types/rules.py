"""Rules beyond the type: ``Annotated[int, Rule(minimum=0)]``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from typing import Any

from hansa_contract.canonical import InvalidValueError
from hansa_contract.types.base import Components, Schema, Type, wrong

Limit = int | float | Decimal | None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a value has to keep; all that is given must hold.

    ``above`` and ``below`` leave their limit out. Lengths are those of text, bytes, lists and
    mappings. ``pattern`` is a regular expression that must fit somewhere: use ``^`` and ``$``. The
    latter is the very end, as in JSON Schema, and not before a last newline.
    """

    minimum: Limit = None
    maximum: Limit = None
    above: Limit = None
    below: Limit = None
    multiple_of: Limit = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    description: str | None = None

    def broken(self, value: Any) -> Iterator[str]:
        """What the value has to be and is not."""
        if self.minimum is not None and not value >= self.minimum:
            yield f"at least {self.minimum}"
        if self.maximum is not None and not value <= self.maximum:
            yield f"at most {self.maximum}"
        if self.above is not None and not value > self.above:
            yield f"above {self.above}"
        if self.below is not None and not value < self.below:
            yield f"below {self.below}"
        if self.multiple_of is not None and value % self.multiple_of != 0:
            yield f"a multiple of {self.multiple_of}"
        if self.min_length is not None and len(value) < self.min_length:
            yield f"of length {self.min_length} or more"
        if self.max_length is not None and len(value) > self.max_length:
            yield f"of length {self.max_length} or less"
        if self.pattern is not None and not re.search(_at_the_end(self.pattern), value):
            yield f"text that matches {self.pattern}"

    def schema(self, kind: object) -> Schema:
        """Its part of a JSON schema (draft 4) for a value of this JSON type."""
        low, high = ("minItems", "maxItems") if kind == "array" else ("minLength", "maxLength")
        low, high = ("minProperties", "maxProperties") if kind == "object" else (low, high)
        found: Schema = {
            "minimum": self.minimum if self.above is None else self.above,
            "exclusiveMinimum": True if self.above is not None else None,
            "maximum": self.maximum if self.below is None else self.below,
            "exclusiveMaximum": True if self.below is not None else None,
            "multipleOf": self.multiple_of,
            low: self.min_length,
            high: self.max_length,
            "pattern": self.pattern,
            "description": self.description,
        }
        return {
            name: float(value) if isinstance(value, Decimal) else value
            for name, value in found.items()
            if value is not None
        }


@cache
def _at_the_end(pattern: str) -> str:
    """With ``$`` as JSON Schema has it. Python's also matches before a last newline."""
    written, in_class, escaped = [], False, False
    for letter in pattern:
        plain = not escaped and not in_class
        written.append(r"\Z" if plain and letter == "$" else letter)
        if not escaped and letter in "[]":
            in_class = letter == "["
        escaped = letter == "\\" and not escaped
    return "".join(written)


NAMES: Mapping[str, str] = {"ge": "minimum", "le": "maximum", "gt": "above", "lt": "below"}
"""The spelling of annotated-types and of pydantic, and ours."""


def rule_of(annotation: object) -> Rule | None:
    """A rule from what stands in ``Annotated``: a :class:`Rule`, a text that describes, or an
    object in the form of annotated-types, as pydantic's ``Field`` has it. None for all else.
    """
    if isinstance(annotation, Rule):
        return annotation
    if isinstance(annotation, str):
        return Rule(description=annotation)
    parts = [annotation, *_parts(annotation)]
    found: dict[str, Any] = {}
    for field in fields(Rule):
        theirs = next((name for name, ours in NAMES.items() if ours == field.name), field.name)
        values = (getattr(part, theirs, None) for part in parts)
        given = next((value for value in values if value is not None), None)
        if given is not None:
            found[field.name] = given
    return Rule(**found) if found else None


def _parts(annotation: object) -> Iterable[object]:
    metadata = getattr(annotation, "metadata", ())
    return metadata if isinstance(metadata, list | tuple) else ()


class RuledType(Type):
    """A type whose values keep a rule as well."""

    def __init__(self, inner: Type, rule: Rule) -> None:
        self._inner, self._rule = inner, rule
        self.optional = inner.optional

    def schema(self, components: Components) -> Schema:
        schema = self._inner.schema(components)
        if "$ref" in schema:
            return schema
        kind = schema.get("type")
        return schema | self._rule.schema(kind[0] if isinstance(kind, list) else kind)

    def from_wire(self, data: bytes, path: str) -> Any:
        return self._checked(self._inner.from_wire(data, path), path)

    def to_wire(self, value: Any, path: str) -> bytes:
        return self._inner.to_wire(self._checked(value, path), path)

    def from_json(self, value: object, path: str) -> Any:
        return self._checked(self._inner.from_json(value, path), path)

    def to_json(self, value: Any, path: str) -> object:
        return self._inner.to_json(self._checked(value, path), path)

    def _checked(self, value: Any, path: str) -> Any:
        if value is None:
            return None
        try:
            broken = next(self._rule.broken(value), None)
        except TypeError as fault:
            raise InvalidValueError(path, f"cannot be compared with its rule: {fault}") from fault
        if broken:
            raise wrong(path, broken, value)
        return value
