"""Access keys, as the request chain needs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Credential:
    """An access key and whom it stands for.

    ``session_token`` and ``expires_at`` belong to temporary credentials; a key that is not
    ``active`` authenticates nobody.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    account_id: str
    principal_arn: str
    session_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None
    active: bool = True


class CredentialSource(Protocol):
    """Where access keys are looked up; called for every request, so it has to be fast."""

    def find(self, access_key_id: str) -> Credential | None:
        """The key with this id, or ``None``; never raises for an unknown or odd id."""
        ...
