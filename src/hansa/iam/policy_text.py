"""The text of policies: wildcards and policy variables.

Rules: IAM User Guide, "IAM policy elements: Variables and tags" and "Resource". ``*`` stands for
any characters, ``?`` for one; ``${aws:username}`` for a condition key's value,
``${key, 'default'}`` for that or a default; ``${*}``, ``${?}`` and ``${$}`` for the characters
themselves. The value of a variable is never read as a pattern, so a tag ``*`` opens nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import Enum

Lookup = Callable[[str], tuple[str, ...]]
"""The values that the request has for a condition key; none if it does not have the key."""


class Wildcard(Enum):
    """What matches more than itself."""

    ANY = "*"
    ONE = "?"


Token = str | Wildcard

ARN_SEGMENTS = 6
_ESCAPES = frozenset("*?$")
_TOKEN = re.compile(r"\$\{([^}]*)\}|([*?])|([^$*?]+|\$)", re.DOTALL)
# The first group, of variables, never takes part.
_PLAIN_TOKEN = re.compile(r"(\A(?!))?([*?])|([^*?]+)", re.DOTALL)
_VARIABLE = re.compile(r"([^\s,'{}$]+)(?:, *'([^']*)')?")


def tokens(text: str, lookup: Lookup | None, *, wildcards: bool = True) -> list[Token] | None:
    """``text`` with its variables replaced; ``None`` if one has no value, so nothing matches.

    ``lookup`` is ``None`` for a policy of a version that has no variables. Without ``wildcards``,
    ``*`` and ``?`` are characters like any other.
    """
    found: list[Token] = []
    for match in (_PLAIN_TOKEN if lookup is None else _TOKEN).finditer(text):
        variable, wildcard, literal = match.groups()
        if literal is not None:
            found.append(literal)
        elif wildcard is not None:
            found.append(Wildcard(wildcard) if wildcards else wildcard)
        else:
            value = _value(variable, lookup) if lookup is not None else None
            if value is None:
                return None
            found.append(value)
    return found


def variable_fault(text: str) -> str | None:
    """What is wrong with the policy variables of ``text``; ``None`` if nothing is."""
    for match in re.finditer(r"\$\{([^}]*)(\}?)", text, re.DOTALL):
        inside, brace = match.groups()
        if not brace:
            return f"the policy variable {match.group()!r} has no closing brace"
        if not inside.strip():
            return "a policy variable ${} is empty"
        if inside not in _ESCAPES and _VARIABLE.fullmatch(inside) is None:
            return (
                f"{match.group()!r} is no policy variable; write ${{key}} or "
                "${key, 'default value'}, without further spaces"
            )
    return None


def has_variable(text: str) -> bool:
    """Whether ``text`` has a policy variable or one of their escapes."""
    return "${" in text


def arn_segments(text: str) -> list[str]:
    """The up to six segments of an ARN; colons within policy variables do not separate."""
    segments = [""]
    for part in re.findall(r"\$\{[^}]*\}|:|[^:$]+|\$", text):
        if part == ":" and len(segments) < ARN_SEGMENTS:
            segments.append("")
        else:
            segments[-1] += part
    return segments


def literal(found: Sequence[Token]) -> str:
    """Tokens without wildcards as the text that they are."""
    return "".join(token.value if isinstance(token, Wildcard) else token for token in found)


def matches(found: Sequence[Token], value: str) -> bool:
    """Whether ``value`` as a whole is what the tokens describe, with regard to case.

    Each run between two ``*`` is sought once, from the left and for good: the time is bounded by
    the product of the lengths, whatever the pattern.
    """
    chunks = [""]
    for token in found:
        if token is Wildcard.ANY:
            chunks.append("")
        else:
            chunks[-1] += "." if token is Wildcard.ONE else re.escape(literal([token]))
    if len(chunks) == 1:
        pattern = chunks[0]
    else:
        first, *middle, last = chunks
        sought = "".join(f"(?>.*?{chunk})" for chunk in middle if chunk)
        pattern = f"{first}{sought}.*{last}"
    return re.fullmatch(pattern, value, re.DOTALL) is not None


def _value(variable: str, lookup: Lookup) -> str | None:
    if variable in _ESCAPES:
        return variable
    match = _VARIABLE.fullmatch(variable)
    if match is None:
        return None
    key, default = match.groups()
    values = lookup(key)
    if not values:
        return default
    # A key with several values has no one value to put here.
    return values[0] if len(values) == 1 else None
