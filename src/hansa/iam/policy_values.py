"""The values that conditions compare: numbers, dates, truths, networks and bytes.

Each function reads a text and returns ``None`` if it is none of its kind.
Rules: IAM User Guide, "IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T([0-9]{2}:[0-9]{2})(:[0-9]{2})?(?:\.([0-9]+))?(Z|[-+][0-9]{2}:[0-9]{2}))?)?)?"
)
_EPOCH_DIGITS_MIN = 5
_DIGITS_MAX = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def text_of(value: Any) -> str:
    """A condition's value as text: JSON's numbers and truths may stand without quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    return str(value)


def number(text: str) -> Fraction | None:
    """An integer or a decimal."""
    if len(text) > _DIGITS_MAX or _NUMBER.fullmatch(text) is None:
        return None
    return Fraction(text)


def moment(text: str) -> Fraction | None:
    """Seconds since 1970 of a date: a W3C profile of ISO 8601, or these seconds themselves."""
    match = _DATE.fullmatch(text)
    if match is None:
        seconds = number(text)
        digits = len(text.lstrip("-+"))
        return seconds if "." not in text and digits >= _EPOCH_DIGITS_MIN else None
    year, month, day, clock, seconds_text, fraction, zone = match.groups()
    date = f"{year}-{month or '01'}-{day or '01'}"
    try:
        whole = datetime.fromisoformat(f"{date}T{clock or '00:00'}{seconds_text or ':00'}+00:00")
        offset = datetime.fromisoformat(
            f"1970-01-01T00:00:00{(zone or 'Z').replace('Z', '+00:00')}"
        )
    except ValueError:
        return None
    since = (whole - _EPOCH) + (offset - _EPOCH)
    part = Fraction(int(fraction[:9]), 10 ** len(fraction[:9])) if fraction else Fraction(0)
    return Fraction(since.days * 86_400 + since.seconds) + part


def truth(text: str) -> bool | None:
    """``true`` or ``false``, in any case."""
    return {"true": True, "false": False}.get(text.lower())


def address(text: str) -> IPv4Address | IPv6Address | None:
    """An IP address."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def network(text: str) -> IPv4Network | IPv6Network | None:
    """A block of addresses in CIDR notation; an address alone is a block of one."""
    _, slash, length = text.partition("/")
    if slash and not (length.isascii() and length.isdigit()):
        return None
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def octets(text: str) -> bytes | None:
    """Bytes in Base64."""
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        return None
