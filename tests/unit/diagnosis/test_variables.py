"""Names of variables that were meant to be others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hansa.diagnosis.variables import (
    DISTANCE_MAX,
    closest,
    distance,
    known_variables,
    misspellings,
)

SOURCE = Path(__file__).parents[3] / "src" / "hansa"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("AWS_ACESS_KEY_ID", "AWS_ACCESS_KEY_ID"),
        ("AWS_ACCES_KEY_ID", "AWS_ACCESS_KEY_ID"),
        ("AWS_ACCESS_KEYID", "AWS_ACCESS_KEY_ID"),
        ("AWS_ACCESS_KEY_DI", "AWS_ACCESS_KEY_ID"),
        ("AMS_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID"),
        ("aws_access_key_id", "AWS_ACCESS_KEY_ID"),
        ("AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID"),
        ("AWS_SECERT_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"),
        ("AWS_SECRET_ACESS_KEY", "AWS_SECRET_ACCESS_KEY"),
        ("AWS_SECRET_KEY", "AWS_SECRET_ACCESS_KEY"),
        ("AWS_SESION_TOKEN", "AWS_SESSION_TOKEN"),
        ("AWS_DEFUALT_REGION", "AWS_DEFAULT_REGION"),
        ("AWS_REGOIN", "AWS_REGION"),
        ("AWS_PROFIL", "AWS_PROFILE"),
        ("AWS_ENDPOINT", "AWS_ENDPOINT_URL"),
        ("AWS_ENPOINT_URL", "AWS_ENDPOINT_URL"),
        ("AWS_CA_BUNDEL", "AWS_CA_BUNDLE"),
        ("HANSA_DATADIR", "HANSA_DATA_DIR"),
        ("HANSA_LISTN", "HANSA_LISTEN"),
        ("HANSA_REGIN", "HANSA_REGION"),
    ],
)
def test_what_was_meant(given: str, meant: str) -> None:
    (found,) = misspellings([given])
    assert (found.given, found.meant, found.meant_is_set) == (given, meant, False)
    (found,) = misspellings([given, meant])
    assert found.meant_is_set


@pytest.mark.parametrize(
    "name",
    ["AWS_ENDPOINT_URL_STS", "AWS_LAMBDA_FUNCTION_NAME", "PATH", "AWESOME", "ACCESS_LOG", "AWS_X"],
)
def test_what_means_something_else(name: str) -> None:
    assert misspellings([name]) == []


def test_no_known_name_is_taken_for_another() -> None:
    assert misspellings(known_variables()) == []


def test_every_variable_that_hansa_reads_is_known() -> None:
    texts = (path.read_text() for path in SOURCE.rglob("*.py"))
    read = {name for text in texts for name in re.findall(r'"(HANSA_[A-Z_]*[A-Z])"', text)}
    assert read - known_variables() == set()


names = st.text(alphabet="ABCD_", max_size=8)


def _slow(one: str, other: str) -> int:
    """Optimal string alignment by its definition, without a bound."""
    if not one or not other:
        return len(one) + len(other)
    options = [
        _slow(one[1:], other) + 1,
        _slow(one, other[1:]) + 1,
        _slow(one[1:], other[1:]) + (one[0] != other[0]),
    ]
    if one[:2] == other[1::-1] and len(one) > 1 and len(other) > 1:
        options.append(_slow(one[2:], other[2:]) + 1)
    return min(options)


@given(st.text(alphabet="AB_", max_size=5), st.text(alphabet="AB_", max_size=5))
def test_the_distance_is_that_of_the_definition(one: str, other: str) -> None:
    assert distance(one, other, 3) == min(_slow(one, other), 4)


@given(names, names)
def test_the_distance_is_the_same_from_both_ends(one: str, other: str) -> None:
    assert distance(one, other, 2) == distance(other, one, 2) == distance(one[::-1], other[::-1], 2)


@given(st.lists(names, min_size=1), names)
def test_the_closest_is_close(known: list[str], name: str) -> None:
    found = closest(name, known)
    edits = [distance(name, each, DISTANCE_MAX) for each in known]
    assert (found is None) == (min(edits) > DISTANCE_MAX)
    assert found is None or distance(name, found, DISTANCE_MAX) == min(edits)
