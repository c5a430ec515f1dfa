"""The condition keys that policies ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hansa.iam.policy import Policy
from hansa.iam.policy_conditions import values_of
from hansa.iam.policy_document import has_variables, statements_of, strings

_VARIABLE = re.compile(r"\$\{([^\s,'{}$*?]+)")


def context_keys(policies: Iterable[Policy]) -> list[str]:
    """The keys in conditions and in policy variables, each once, in alphabetical order.

    Names that differ in case only are one key; it is spelt as it is first.
    """
    found: dict[str, str] = {}
    for policy in policies:
        for statement in statements_of(policy.document):
            for name in _keys(statement, variables=has_variables(policy.document)):
                found.setdefault(name.lower(), name)
    return [found[name] for name in sorted(found)]


def _keys(statement: Mapping[str, Any], *, variables: bool) -> Iterator[str]:
    texts = strings(statement.get("Resource", [])) + strings(statement.get("NotResource", []))
    for keys in statement.get("Condition", {}).values():
        for name, values in keys.items():
            yield name
            texts = texts + values_of(values)
    if variables:
        for text in texts:
            yield from _VARIABLE.findall(text)
