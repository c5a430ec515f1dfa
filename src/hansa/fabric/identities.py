"""The seam between the service and the certificate authorities of members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from hansa.fabric.base import FabricError, MemberFacts, NetworkFacts
from hansa.fabric.ca_client import CaIdentity, Registration


class NameTakenError(FabricError):
    """The authority has an identity of this name."""


class SecretRefusedError(FabricError):
    """The authority gives no certificate for this name and secret; it never says why."""


@dataclass(frozen=True)
class Enrollment:
    """A certificate, and the certificates of the authority that signed it, both PEM."""

    certificate: str
    ca_chain: str


class Identities(Protocol):
    """Every method raises :class:`~hansa.fabric.base.FabricError`.

    :class:`~hansa.fabric.rpc.connections.UnreachableError` means that it may succeed a moment
    later. The service's own identity in each authority is never among them.
    """

    def register(self, member: MemberFacts, registration: Registration) -> None:
        """Raises :class:`NameTakenError`."""
        ...

    def enroll(self, member: MemberFacts, name: str, secret: str, request_pem: str) -> Enrollment:
        """Have a certificate signed. Raises :class:`SecretRefusedError`."""
        ...

    def find(self, member: MemberFacts, name: str) -> CaIdentity | None: ...

    def identities(self, member: MemberFacts) -> list[CaIdentity]:
        """All of them, by name."""
        ...

    def revoke(self, member: MemberFacts, name: str) -> None:
        """Have the authority revoke the identity with all of its certificates. May be repeated."""
        ...

    def publish(self, network: NetworkFacts, member: MemberFacts, channel: str) -> bool:
        """Have a channel, or the ordering service's own, refuse all that the authority has revoked.

        Returns False where it does already, or where the member takes no part. May be repeated.
        """
        ...
