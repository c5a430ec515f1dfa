"""Signatures are those of Standard Webhooks, and the recipe of the documentation verifies them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hansa.delivery.signature import new_secret, signed_headers

PAGE = Path(__file__).parents[3] / "docs" / "events.md"
AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
BODY = b'{"id": "abcd"}'


def test_the_reference_vector_of_standard_webhooks() -> None:
    headers = signed_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.fixture
def verified() -> Callable[..., dict[str, Any]]:
    """The recipe, taken from the page."""
    (recipe,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(recipe, names)
    found: Callable[..., dict[str, Any]] = names["verified"]
    return found


def test_the_recipe_takes_what_was_signed(verified: Callable[..., dict[str, Any]]) -> None:
    secret = new_secret(lambda count: bytes(range(count)))
    headers = signed_headers(secret, "abcd", AT, BODY)
    assert verified(headers, BODY, secret, AT.timestamp() + 299) == {"id": "abcd"}


@pytest.mark.parametrize(
    ("changed", "body", "seconds"),
    [
        ({}, b'{"id": "abce"}', 0),
        ({"webhook-id": "abce"}, BODY, 0),
        ({"webhook-timestamp": str(int(AT.timestamp()) + 1)}, BODY, 0),
        ({"webhook-signature": "v1,AAAA"}, BODY, 0),
        ({"webhook-signature": ""}, BODY, 0),
        ({}, BODY, 301),
        ({}, BODY, -301),
    ],
)
def test_the_recipe_refuses_all_else(
    verified: Callable[..., dict[str, Any]], changed: dict[str, str], body: bytes, seconds: int
) -> None:
    secret = new_secret(lambda count: bytes(range(count)))
    headers = {**signed_headers(secret, "abcd", AT, BODY), **changed}
    with pytest.raises(ValueError, match="not"):
        verified(headers, body, secret, AT.timestamp() + seconds)


def test_another_secret_is_refused(verified: Callable[..., dict[str, Any]]) -> None:
    headers = signed_headers(new_secret(bytes), "abcd", AT, BODY)
    with pytest.raises(ValueError, match="not signed with this secret"):
        verified(headers, BODY, new_secret(lambda count: b"x" * count), AT.timestamp())
