"""What can go wrong in a transaction, for its author to catch."""

from __future__ import annotations


class ChaincodeError(Exception):
    """A transaction fails with this message; the client sees it as the response's message."""


class PeerError(ChaincodeError):
    """The peer refused a request of the stub; the text is the peer's."""


class DisconnectedError(ChaincodeError):
    """The stream to the peer has ended, so the transaction can neither read nor write."""


class KeyFormError(ChaincodeError, ValueError):
    """A key, a collection's name or an event's name that Fabric does not take."""
