"""What is known of a request so far: for its answer, for the log, and for the record of calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hansa.domain.audit import Told
from hansa.domain.caller import Caller
from hansa.domain.errors import ServiceError
from hansa.wire.http import Head


@dataclass
class Exchange:
    """One request and its answer.

    ``access_key_id``, ``service`` and ``region`` are what the request claims until there is a
    ``caller``. ``request`` and ``output`` are those of the operation, ``arns`` what it acts on;
    ``told`` is what the fallback says of them. ``is_call`` is not set for public documents.
    """

    request_id: str
    head: Head
    at: datetime
    source_ip: str = ""
    access_key_id: str = ""
    service: str = ""
    region: str = ""
    operation: str = ""
    caller: Caller | None = None
    request: Mapping[str, Any] | None = None
    output: Mapping[str, Any] | None = None
    arns: Sequence[str] = ()
    secret_names: frozenset[str] = frozenset()
    told: Told = field(default_factory=Told)
    status: int = 0
    error: ServiceError | None = None
    is_call: bool = True
    is_gone: bool = False
    """The client went away before it had sent its request."""

    @property
    def title(self) -> str:
        """The operation's name, or method and path where it is none that is known."""
        named = self.operation or self.told.operation
        return named or f"{self.head.method} {self.head.path[:200]}"
