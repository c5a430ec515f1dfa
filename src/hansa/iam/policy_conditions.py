"""The conditions of a policy's statement.

Rules: IAM User Guide, "Condition", "Condition operators" and "Multivalued context keys": all
operators and all keys have to hold; of several values one has to match, and for a negated operator
none may. A key that the request lacks fails every operator but the negated, ``…IfExists``,
``ForAllValues:…`` and ``Null``. A key with several values needs ``ForAllValues`` or
``ForAnyValue``: compared without, it does not match.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hansa.iam.policy_match import arn_matches
from hansa.iam.policy_text import (
    ARN_SEGMENTS,
    Lookup,
    arn_segments,
    has_variable,
    literal,
    matches,
    tokens,
)
from hansa.iam.policy_values import address, moment, network, number, octets, text_of, truth

Test = Callable[[str, str, Lookup | None], bool]
"""Whether the request's value (first) fits the policy's (second)."""


@dataclass(frozen=True)
class Operator:
    """A kind of comparison. ``form`` says how values are written; ``well_formed`` tries one."""

    test: Test
    form: str
    well_formed: Callable[[str], bool]
    negated: bool = False
    has_variables: bool = False


@dataclass(frozen=True)
class Comparison:
    """An operator as written in a policy: ``ForAllValues:StringLikeIfExists``."""

    operator: Operator
    quantifier: str = ""
    if_exists: bool = False


def comparison(name: str) -> Comparison | None:
    """What the operator's name in a policy means; ``None`` if there is none of this name."""
    quantifier, colon, base = name.rpartition(":")
    if colon and quantifier not in _QUANTIFIERS:
        return None
    stem = base.removesuffix("IfExists")
    if stem == NULL and (colon or base != NULL):
        return None
    found = OPERATORS.get(stem)
    return None if found is None else Comparison(found, quantifier, stem != base)


def holds(condition: Mapping[str, Any], lookup: Lookup, *, variables: bool) -> bool:
    """Whether a request fulfils a statement's ``Condition``.

    ``condition`` has been checked by ``parse_policy``. ``variables`` says whether the policy's
    version has policy variables.
    """
    return all(
        _key_holds(name, lookup(key), values_of(values), lookup if variables else None)
        for name, keys in condition.items()
        for key, values in keys.items()
    )


def values_of(values: Any) -> list[str]:
    """The values of a condition key: one or a list of several."""
    return [text_of(value) for value in (values if isinstance(values, list) else [values])]


def _key_holds(
    name: str, given: tuple[str, ...], wanted: Sequence[str], lookup: Lookup | None
) -> bool:
    found = comparison(name)
    if found is None:
        return False
    if name == NULL:
        return any(truth(value) is (not given) for value in wanted)
    if not given and found.if_exists:
        return True

    def fits(value: str) -> bool:
        hit = any(found.operator.test(value, text, lookup) for text in wanted)
        return hit is not found.operator.negated

    if found.quantifier:
        # Nothing but empty values is a set without values, as no value at all is.
        among = given if any(given) else ()
        return (all if found.quantifier == _FOR_ALL else any)(map(fits, among))
    return fits(given[0]) if len(given) == 1 else not given and found.operator.negated


def _string(*, wildcards: bool = False, fold: bool = False) -> Test:
    def test(value: str, wanted: str, lookup: Lookup | None) -> bool:
        found = tokens(wanted, lookup, wildcards=wildcards)
        if found is None:
            return False
        if wildcards:
            return matches(found, value)
        text = literal(found)
        return text.lower() == value.lower() if fold else text == value

    return test


def _arn(value: str, wanted: str, lookup: Lookup | None) -> bool:
    segments = arn_segments(wanted)
    if len(segments) < ARN_SEGMENTS and lookup is not None and has_variable(wanted):
        # A variable that holds a whole ARN: its characters stand for themselves.
        found = tokens(wanted, lookup)
        return found is not None and value.count(":") >= ARN_SEGMENTS - 1 and matches(found, value)
    return len(segments) == ARN_SEGMENTS and arn_matches(segments, value, lookup)


def _arn_well_formed(text: str) -> bool:
    segments = arn_segments(text)
    return has_variable(text) or (len(segments) == ARN_SEGMENTS and segments[0] == "arn")


def _ordered(
    read: Callable[[str], Fraction | None], compare: Callable[[Fraction, Fraction], bool]
) -> Test:
    def test(value: str, wanted: str, _lookup: Lookup | None) -> bool:
        left, right = read(value), read(wanted)
        return left is not None and right is not None and compare(left, right)

    return test


def _same(read: Callable[[str], Any]) -> Test:
    def test(value: str, wanted: str, _lookup: Lookup | None) -> bool:
        left = read(value)
        return left is not None and left == read(wanted)

    return test


def _within(value: str, wanted: str, _lookup: Lookup | None) -> bool:
    one, block = address(value), network(wanted)
    return one is not None and block is not None and one in block


def _anything(_text: str) -> bool:
    return True


def _readable(read: Callable[[str], Any]) -> Callable[[str], bool]:
    return lambda text: read(text) is not None


def _comparisons(
    kind: str, read: Callable[[str], Fraction | None], form: str
) -> dict[str, Operator]:
    well_formed = _readable(read)
    tests = {
        "LessThan": operator.lt,
        "LessThanEquals": operator.le,
        "GreaterThan": operator.gt,
        "GreaterThanEquals": operator.ge,
    }
    found = {
        kind + name: Operator(_ordered(read, compare), form, well_formed)
        for name, compare in tests.items()
    }
    equal = _ordered(read, operator.eq)
    found[f"{kind}Equals"] = Operator(equal, form, well_formed)
    found[f"{kind}NotEquals"] = Operator(equal, form, well_formed, negated=True)
    return found


def _both(
    name: str, opposite: str, test: Test, form: str, well_formed: Callable[[str], bool]
) -> dict[str, Operator]:
    """An operator whose values may have policy variables, and its negation."""
    return {
        name: Operator(test, form, well_formed, has_variables=True),
        opposite: Operator(test, form, well_formed, negated=True, has_variables=True),
    }


NULL = "Null"
_FOR_ALL = "ForAllValues"
_QUANTIFIERS = frozenset({_FOR_ALL, "ForAnyValue"})
_TEXT = "a text"
_ARN_FORM = "an ARN of six parts, arn:partition:service:region:account:resource"
_DATE_FORM = "a date such as 2024-01-31T23:59:59Z, or seconds since 1970"
_BLOCK_FORM = "an IP address or a block such as 203.0.113.0/24"
_TRUTH_FORM = "true or false"

OPERATORS: dict[str, Operator] = {
    **_both("StringEquals", "StringNotEquals", _string(), _TEXT, _anything),
    **_both(
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        _string(fold=True),
        _TEXT,
        _anything,
    ),
    **_both("StringLike", "StringNotLike", _string(wildcards=True), _TEXT, _anything),
    **_both("ArnEquals", "ArnNotEquals", _arn, _ARN_FORM, _arn_well_formed),
    **_both("ArnLike", "ArnNotLike", _arn, _ARN_FORM, _arn_well_formed),
    **_comparisons("Numeric", number, "a number such as 10 or 2.5"),
    **_comparisons("Date", moment, _DATE_FORM),
    "Bool": Operator(_same(truth), _TRUTH_FORM, _readable(truth)),
    "BinaryEquals": Operator(_same(octets), "bytes in Base64", _readable(octets)),
    "IpAddress": Operator(_within, _BLOCK_FORM, _readable(network)),
    "NotIpAddress": Operator(_within, _BLOCK_FORM, _readable(network), negated=True),
    NULL: Operator(_same(truth), _TRUTH_FORM, _readable(truth)),
}
"""Every condition operator by its name, without quantifier and ``IfExists``."""
