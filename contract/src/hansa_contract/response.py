"""What a transaction answers."""

from __future__ import annotations

from dataclasses import dataclass

OK = 200
ERROR_THRESHOLD = 400
"""From this status on, a peer does not endorse."""
ERROR = 500


@dataclass(frozen=True)
class Response:
    """``message`` is for people and explains an error; ``payload`` is the result."""

    status: int = OK
    message: str = ""
    payload: bytes = b""

    @property
    def ok(self) -> bool:
        return self.status < ERROR_THRESHOLD


def success(payload: bytes | str | None = None) -> Response:
    """The transaction did its work; text is sent as UTF-8."""
    content = payload.encode() if isinstance(payload, str) else bytes(payload or b"")
    return Response(OK, "", content)


def error(message: str) -> Response:
    """The transaction is to be refused, for this reason."""
    return Response(ERROR, message)
