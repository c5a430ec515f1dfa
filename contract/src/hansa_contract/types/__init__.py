"""Arguments and results by their type hints: how they are read, checked, written, described."""

from __future__ import annotations

from hansa_contract.types.base import Components, Schema, TextType, Type
from hansa_contract.types.resolve import ANY, hints_of, resolve
from hansa_contract.types.rules import Rule

__all__ = ["ANY", "Components", "Rule", "Schema", "TextType", "Type", "hints_of", "resolve"]
