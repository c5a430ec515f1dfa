from __future__ import annotations

import pytest

from hansa.chaincode.ranges import asks_for_major, satisfies


@pytest.mark.parametrize(
    "wanted",
    [
        "2.5.8",
        "=2.5.8",
        "v2.5.8",
        "^2.2.0",
        "^2.5.8",
        "~2.5.0",
        "~2.5",
        "2",
        "2.x",
        "2.5.x",
        "*",
        "",
        "latest",
        ">=2.0.0",
        ">=1",
        "~1.4.0 || ^2.0.0",
        "^2",
    ],
)
def test_it_is_one_that_is_asked_for(wanted: str) -> None:
    assert satisfies("2.5.8", wanted)


@pytest.mark.parametrize(
    "wanted",
    [
        "2.5.7",
        "^2.6.0",
        "^2.5.9",
        "~2.4.0",
        "~2.4",
        "1",
        "1.x",
        "3.x.x",
        ">=2.6",
        "^1.4.0",
        "^3.0.0",
        "unstable",
        "file:../shim",
        "https://example.com/shim.tgz",
        "<3",
        "2.0.0 - 3.0.0",
    ],
)
def test_it_is_none_that_is_asked_for(wanted: str) -> None:
    assert not satisfies("2.5.8", wanted)


def test_a_caret_keeps_the_first_number_that_is_not_zero() -> None:
    assert satisfies("0.3.4", "^0.3.1")
    assert not satisfies("0.4.0", "^0.3.1")


def test_a_version_that_is_none_satisfies_nothing() -> None:
    assert not satisfies("2.5.8-beta", "*")


def test_a_major_number_is_asked_for_by_every_alternative() -> None:
    assert asks_for_major("~1.4.0", 1)
    assert asks_for_major("^1.4.1 || 1.x", 1)
    assert not asks_for_major("~1.4.0 || ^2.0.0", 1)
    assert not asks_for_major("unstable", 1)
