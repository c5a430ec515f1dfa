"""Every condition operator, over values that are there, absent, several and malformed."""

from __future__ import annotations

from typing import Any

import pytest

from hansa.iam.policy_conditions import OPERATORS, comparison, holds

ARN = "arn:aws:managedblockchain:us-east-1:111122223333:nodes/nd-A"


def _holds(
    operator: str, wanted: Any, *given: str, variables: bool = True, **more: tuple[str, ...]
) -> bool:
    context = {"aws:x": given, **{f"aws:{key}": values for key, values in more.items()}}
    return holds(
        {operator: {"aws:X": wanted}},
        lambda key: context.get(key.lower(), ()),
        variables=variables,
    )


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "expected"),
    [
        ("StringEquals", "Blue", "Blue", True),
        ("StringEquals", "Blue", "blue", False),
        ("StringEquals", "b*", "blue", False),
        ("StringEquals", "b*", "b*", True),
        ("StringEquals", "${*}${?}${$}", "*?$", True),
        ("StringEquals", "", "", True),
        ("StringEquals", 10, "10", True),
        ("StringEquals", True, "true", True),
        ("StringEqualsIgnoreCase", "Blue", "bLUE", True),
        ("StringEqualsIgnoreCase", "Blue", "Blu", False),
        ("StringLike", "b*e", "be", True),
        ("StringLike", "b*e", "Blue", False),
        ("StringLike", "b?ue", "blue", True),
        ("StringLike", "b?ue", "bue", False),
        ("StringLike", "*", "", True),
        ("StringLike", "${*}*", "*a", True),
        ("StringLike", "${*}*", "aa", False),
        ("StringLike", "a.c", "abc", False),
        ("StringLike", "a*b*b", "a\nb", False),
        ("StringLike", "a*b", "a\nb", True),
        ("ArnEquals", ARN, ARN, True),
        ("ArnEquals", "arn:aws:managedblockchain:*:*:nodes/*", ARN, True),
        ("ArnLike", "arn:aws:managedblockchain:*:nodes/*", ARN, False),
        ("ArnLike", "arn:*:*:*:*:*", ARN, True),
        ("ArnLike", "arn:*:*:*:*:*", "not an arn", False),
        ("ArnLike", ARN.upper(), ARN, False),
        ("ArnLike", "arn:aws:logs:*:*:group:*", "arn:aws:logs:r:1:group:a:b", True),
        ("NumericEquals", "10", "10.0", True),
        ("NumericEquals", 10, "10", True),
        ("NumericEquals", 2.5, "2.50", True),
        ("NumericEquals", "10", "ten", False),
        ("NumericLessThan", "10", "9", True),
        ("NumericLessThan", "10", "10", False),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericGreaterThan", "-1", "0", True),
        ("NumericGreaterThan", "10", "9", False),
        ("NumericGreaterThanEquals", "10", "10", True),
        ("NumericGreaterThanEquals", "10", "", False),
        ("DateEquals", "2024-01-01", "2024-01-01T00:00:00Z", True),
        ("DateEquals", "2024-01-01T02:00:00+02:00", "2024-01-01T00:00:00Z", True),
        ("DateEquals", "1704067200", "2024-01-01T00:00Z", True),
        ("DateEquals", "2024-01-01T00:00:00.25Z", "2024-01-01T00:00:00.250Z", True),
        ("DateEquals", "2024", "2024-01", True),
        ("DateLessThan", "2024-01-01T00:00:00Z", "2023-12-31T23:59:59Z", True),
        ("DateLessThan", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z", False),
        ("DateLessThanEquals", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z", True),
        ("DateGreaterThan", "2024-01-01T00:00:00Z", "1704067201", True),
        ("DateGreaterThanEquals", "2024-01-01T00:00:00Z", "yesterday", False),
        ("Bool", "true", "True", True),
        ("Bool", True, "true", True),
        ("Bool", "false", "true", False),
        ("Bool", "false", "no", False),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ6", False),
        ("BinaryEquals", "QmluYXJ5", "%", False),
        ("IpAddress", "203.0.113.0/24", "203.0.113.255", True),
        ("IpAddress", "203.0.113.7/24", "203.0.113.9", True),
        ("IpAddress", "203.0.113.0/24", "203.0.114.0", False),
        ("IpAddress", "203.0.113.9", "203.0.113.9", True),
        ("IpAddress", "0.0.0.0/0", "10.0.0.1", True),
        ("IpAddress", "0.0.0.0/0", "2001:db8::1", False),
        ("IpAddress", "2001:db8::/32", "2001:0DB8::1", True),
        ("IpAddress", "10.0.0.0/8", "10.0.0", False),
    ],
)
def test_one_value(operator: str, wanted: Any, value: str, expected: bool) -> None:  # noqa: FBT001
    assert _holds(operator, wanted, value) is expected
    assert _holds(f"{operator}IfExists", wanted, value) is expected
    negated = next((name for name in _negations(operator) if name in OPERATORS), None)
    if negated is not None:
        assert _holds(negated, wanted, value) is not expected


def _negations(operator: str) -> list[str]:
    for kind in ("String", "Arn", "Numeric", "Date"):
        if operator.startswith((f"{kind}Equals", f"{kind}Like")):
            return [f"{kind}Not{operator.removeprefix(kind)}"]
    return [f"Not{operator}"]


_POSITIVE = sorted(name for name in OPERATORS if name != "Null" and not OPERATORS[name].negated)
_NEGATED = sorted(name for name in OPERATORS if OPERATORS[name].negated)
_SAMPLE = {"String": "a", "Arn": ARN, "Numeric": "1", "Date": "2024", "Bool": "true"}


def _sample(operator: str) -> str:
    kinds = (value for kind, value in _SAMPLE.items() if operator.startswith(kind))
    return next(kinds, "QQ==" if operator == "BinaryEquals" else "10.0.0.1")


def test_there_is_an_operator_of_every_kind() -> None:
    assert len(_POSITIVE) == 18
    assert len(_NEGATED) == 8


@pytest.mark.parametrize("operator", _POSITIVE)
def test_an_absent_key_fails(operator: str) -> None:
    assert not _holds(operator, _sample(operator))
    assert _holds(f"{operator}IfExists", _sample(operator))
    assert _holds(f"ForAllValues:{operator}", _sample(operator))
    assert not _holds(f"ForAnyValue:{operator}", _sample(operator))
    assert _holds(f"ForAnyValue:{operator}IfExists", _sample(operator))


@pytest.mark.parametrize("operator", _NEGATED)
def test_an_absent_key_passes_what_is_negated(operator: str) -> None:
    assert _holds(operator, _sample(operator))
    assert _holds(f"ForAllValues:{operator}", _sample(operator))
    assert not _holds(f"ForAnyValue:{operator}", _sample(operator))


@pytest.mark.parametrize("operator", [*_POSITIVE, *_NEGATED])
def test_no_values_in_the_policy_match_nothing(operator: str) -> None:
    assert _holds(operator, [], "a") is (operator in _NEGATED)


@pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals", "StringNotLikeIfExists"])
def test_several_values_need_a_quantifier(operator: str) -> None:
    assert not _holds(operator, ["a", "b"], "a", "c")


def test_one_of_several_policy_values_is_enough_and_for_negated_ones_too_much() -> None:
    assert _holds("StringEquals", ["a", "b"], "b")
    assert not _holds("StringNotEquals", ["a", "b"], "b")
    assert _holds("StringNotEquals", ["a", "b"], "c")
    assert _holds("NotIpAddress", ["10.0.0.0/8", "192.0.2.0/24"], "203.0.113.1")
    assert not _holds("NotIpAddress", ["10.0.0.0/8", "192.0.2.0/24"], "192.0.2.1")


@pytest.mark.parametrize(
    ("operator", "given", "expected"),
    [
        ("ForAllValues:StringEquals", ("team", "stage"), True),
        ("ForAllValues:StringEquals", ("team",), True),
        ("ForAllValues:StringEquals", ("team", "cost"), False),
        ("ForAllValues:StringEquals", ("",), True),
        ("ForAllValues:StringNotEquals", ("cost", "owner"), True),
        ("ForAllValues:StringNotEquals", ("cost", "team"), False),
        ("ForAnyValue:StringEquals", ("team", "cost"), True),
        ("ForAnyValue:StringEquals", ("cost", "owner"), False),
        ("ForAnyValue:StringEquals", ("",), False),
        ("ForAnyValue:StringNotEquals", ("team", "cost"), True),
        ("ForAnyValue:StringNotEquals", ("team", "stage"), False),
        ("ForAnyValue:StringLike", ("cost", "stage"), True),
    ],
)
def test_quantifiers(operator: str, given: tuple[str, ...], expected: bool) -> None:  # noqa: FBT001
    assert _holds(operator, ["team", "stage"], *given) is expected


def test_null_asks_whether_a_key_is_there() -> None:
    assert _holds("Null", "true")
    assert not _holds("Null", "false")
    assert _holds("Null", False, "a")
    assert not _holds("Null", "TRUE", "a", "b")
    assert _holds("Null", ["true", "false"], "a")


def test_all_operators_and_all_keys_have_to_hold() -> None:
    condition: dict[str, Any] = {
        "StringEquals": {"aws:a": "1", "aws:b": "2"},
        "NumericLessThan": {"aws:a": "5"},
    }
    for values in ({"aws:a": "1", "aws:b": "2"}, {"aws:a": "1", "aws:b": "3"}, {"aws:b": "2"}):

        def lookup(key: str, values: dict[str, str] = values) -> tuple[str, ...]:
            return (values[key],) if key in values else ()

        expected = values == {"aws:a": "1", "aws:b": "2"}
        assert holds(condition, lookup, variables=True) is expected
    assert holds({}, lambda _: (), variables=True)
    assert holds({"Bool": {}}, lambda _: (), variables=True)


def test_variables_stand_for_their_values_and_never_for_patterns() -> None:
    assert _holds("StringEquals", "home/${aws:user}", "home/alice", user=("alice",))
    assert _holds("StringLike", "${AWS:USER}/*", "alice/a", user=("alice",))
    assert not _holds("StringLike", "${aws:user}", "alice", user=("*",))
    assert _holds("StringLike", "${aws:user}", "*", user=("*",))
    assert _holds("ArnLike", "${aws:source}", ARN, source=(ARN,))
    assert not _holds("ArnLike", "${aws:source}", "a", source=("a",))
    assert _holds("StringEquals", "${aws:user, 'nobody'}", "nobody")
    assert not _holds("StringEquals", "${aws:user, 'nobody'}", "nobody", user=("alice",))
    assert not _holds("StringEquals", "${aws:user}", "a", user=("a", "b"))


def test_a_variable_without_value_matches_nothing() -> None:
    assert not _holds("StringEquals", "${aws:user}", "${aws:user}")
    assert not _holds("StringLike", "*${aws:user}*", "anything")
    assert _holds("StringNotEquals", "${aws:user}", "alice")
    assert _holds("StringNotLike", "${aws:user}", "alice")


def test_an_older_version_has_no_variables() -> None:
    assert _holds("StringEquals", "${aws:user}", "${aws:user}", variables=False, user=("alice",))
    assert _holds("StringLike", "${*}", "${all}", variables=False)


@pytest.mark.parametrize(
    "name", ["", "Null:Bool", "IfExists", "ForAllValues:", "Bool:", "stringequals", "BoolIfExist"]
)
def test_no_such_operator(name: str) -> None:
    assert comparison(name) is None


def test_a_pattern_of_many_wildcards_takes_no_exponential_time() -> None:
    assert not _holds("StringLike", "*a" * 1_000 + "b", "a" * 4_000)
    assert not _holds("StringLike", "*a?" * 500 + "b", "a" * 4_000)
