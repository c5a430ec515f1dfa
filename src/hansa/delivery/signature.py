"""Signatures of webhooks, as "Standard Webhooks" 1.0 (standardwebhooks.com) has them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

SECRET_PREFIX = "whsec_"  # noqa: S105  # the beginning of every secret, and none itself
SECRET_BYTES = 32


def new_secret(draw: Callable[[int], bytes]) -> str:
    """A secret in the form that the libraries of Standard Webhooks take."""
    return SECRET_PREFIX + base64.b64encode(draw(SECRET_BYTES)).decode()


def signed_headers(secret: str, event_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers that go with ``body``; the signature is over id, time (in Unix seconds), body."""
    timestamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    digest = hmac.new(key, f"{event_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
