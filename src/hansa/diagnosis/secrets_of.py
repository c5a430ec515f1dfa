"""The secrets that a diagnosis meets, and how they are kept out of what it says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from hansa.diagnosis.findings import Finding

HIDDEN = "(hidden)"
_LENGTH_MIN = 4
_USER = re.compile(r"^((?:[A-Za-z][A-Za-z0-9+.-]*://)?)[^/]*@")
_ID = re.compile(r"(?:AKIA|ASIA)[A-Z0-9]{0,124}\Z")


@dataclass(frozen=True)
class Keys:
    """An access key as it was found; any of its parts may hold what belongs into another."""

    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown: everything but what has the form of an access key id."""
        parts = (self.access_key_id, self.secret_access_key, self.session_token)
        return tuple(part for part in parts if part and not is_key_id(part))


def is_key_id(text: str) -> bool:
    """Whether a text has the form of an access key id, which is no secret."""
    return _ID.match(text) is not None


def without_secrets(finding: Finding, secrets: Iterable[str]) -> Finding:
    """The finding with every secret hidden, should the service or a tool have repeated one."""
    known = tuple(secrets)
    return replace(
        finding,
        what=hide(finding.what, known),
        evidence=hide(finding.evidence, known),
        command=hide(finding.command, known),
        advice=hide(finding.advice, known),
    )


def hide(text: str, secrets: Iterable[str]) -> str:
    """``text`` with every secret hidden, also as it stands without white space around it."""
    every = {form for secret in secrets for form in (secret, secret.strip(" \t\r\n\"'"))}
    for secret in sorted(every, key=len, reverse=True):
        if len(secret) >= _LENGTH_MIN:
            text = text.replace(secret, HIDDEN)
    return text


def plain_url(url: str) -> str:
    """A URL without the user and the password that it may have."""
    return _USER.sub(r"\1", url)
