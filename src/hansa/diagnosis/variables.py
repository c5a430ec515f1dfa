"""Names of environment variables that look like a known one and are not.

Sources: botocore's configuration variables; the AWS CLI's user guide, "Environment variables"; the
SDKs' reference guide; Hansa's own settings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from functools import cache

from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES

from hansa.settings import Settings

DISTANCE_MAX = 2
"""Edits between a name and the one that was meant; more would meet names that mean other things."""

_AWS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_REGION",
    "AWS_PROFILE",
    "AWS_PAGER",
    "AWS_ACCOUNT_ID",
    "AWS_CLI_AUTO_PROMPT",
    "AWS_CLI_FILE_ENCODING",
    "AWS_CLI_HISTORY_FILE",
    "AWS_CLI_S3_MV_VALIDATE_SAME_S3_PATHS",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_OUTPUT",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ENDPOINT_URL",
    "AWS_EXECUTION_ENV",
    "AWS_MAX_ATTEMPTS",
    "AWS_NODEJS_CONNECTION_REUSE_ENABLED",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE",
    "AWS_SDK_LOAD_CONFIG",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)
_HANSA = (
    "HANSA_ACCOUNT",
    "HANSA_ADMIN_PASSWORD",
    "HANSA_CACHE_DIR",
    "HANSA_CLIENT_HOME",
    "HANSA_COMPLETE",
    "HANSA_DATA_DIR",
    "HANSA_ATTEMPT",
    "HANSA_ENGINE",
    "HANSA_EVENT_ID",
    "HANSA_IDENTITY_SECRET",
    "HANSA_WORKLOAD",
    "HANSA_WORKLOAD_DIGEST",
)
# Names that other tools read, or that people expect, too far from the right one to count edits.
_ALIASES = {
    "AWS_ACCESS_KEY": "AWS_ACCESS_KEY_ID",
    "AWS_KEY_ID": "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_KEY": "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_ACCESS_KEY_ID": "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET": "AWS_SECRET_ACCESS_KEY",
    "AWS_TOKEN": "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT": "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URI": "AWS_ENDPOINT_URL",
}


@dataclass(frozen=True)
class Misspelling:
    """A variable that is set as ``given`` and was meant as ``meant``; ``meant`` may be set too."""

    given: str
    meant: str
    meant_is_set: bool


@cache
def known_variables() -> frozenset[str]:
    """All the names that AWS's tools and Hansa read."""
    known = {*_AWS, *_HANSA}
    for _, names, *_ in BOTOCORE_DEFAUT_SESSION_VARIABLES.values():
        known |= {names} if isinstance(names, str) else set(names or ())
    settings = (field.name for field in fields(Settings) if field.name != "data_dir")
    return frozenset(known | {f"HANSA_{name.upper()}" for name in settings})


def misspellings(names: Collection[str]) -> list[Misspelling]:
    """What of the variables ``names`` was meant to be a known one."""
    found = []
    for name in sorted(names):
        meant = _meant(name, known_variables())
        if meant is not None:
            found.append(Misspelling(name, meant, meant in names))
    return found


def _meant(name: str, known: frozenset[str]) -> str | None:
    if name in known or name.startswith("AWS_ENDPOINT_URL_"):
        return None
    if name.upper() in known:
        return name.upper()
    if name in _ALIASES:
        return _ALIASES[name]
    if "AWS" not in name[:5].upper() and "HANSA" not in name[:8].upper():
        # Without a prefix alike, only what cannot be anything else: AMS_ACCESS_KEY_ID.
        known = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"})
    return closest(name.upper(), known)


def closest(name: str, known: Iterable[str], most: int = DISTANCE_MAX) -> str | None:
    """The one of ``known`` that is at most ``most`` edits from ``name``, the nearest first."""
    distances = {each: distance(name, each, most) for each in known}
    near = [each for each, edits in distances.items() if edits <= most]
    return min(near, key=lambda each: (distances[each], each)) if near else None


def distance(one: str, other: str, most: int) -> int:
    """Letters to add, leave out, exchange or swap with their neighbour; ``most + 1`` for more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, right in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                best = min(best, earlier[j - 2] + 1)
            row.append(best)
    return min(row[-1], most + 1)
