"""Certificate authorities without Fabric, for speed and for faults: the same promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hansa.fabric.base import MemberFacts, NetworkFacts
from hansa.fabric.ca_client import CaIdentity, Registration
from hansa.fabric.identities import Enrollment, NameTakenError, SecretRefusedError


@dataclass
class FakeAuthorities:
    """What the authorities' databases would hold; it outlives the service. By member and name.

    ``published`` is what channels refuse, by channel; ``acts`` are the revocations, in order.
    """

    registered: dict[tuple[str, str], Registration] = field(default_factory=dict)
    enrollments: dict[tuple[str, str], int] = field(default_factory=dict)
    revoked: set[tuple[str, str]] = field(default_factory=set)
    published: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    acts: list[str] = field(default_factory=list)


class FakeIdentities:
    """Implements :class:`hansa.fabric.identities.Identities` on :class:`FakeAuthorities`.

    ``faults`` is called with the name of each point that is passed, and raises what is to go wrong.
    """

    def __init__(
        self, authorities: FakeAuthorities, faults: Callable[[str], None] = lambda _point: None
    ) -> None:
        self._authorities = authorities
        self._faults = faults

    def register(self, member: MemberFacts, registration: Registration) -> None:
        self._faults(f"register {registration.name}")
        key = member.member_id, registration.name
        if key in self._authorities.registered:
            raise NameTakenError(f"{registration.name} is registered")
        self._authorities.registered[key] = registration

    def enroll(self, member: MemberFacts, name: str, secret: str, request_pem: str) -> Enrollment:
        self._faults(f"enroll {name}")
        key = member.member_id, name
        registration = self._authorities.registered[key]
        used = self._authorities.enrollments.get(key, 0)
        refused = secret != registration.secret or key in self._authorities.revoked
        if refused or used >= (registration.max_enrollments or used + 1):
            raise SecretRefusedError("Authentication failure")
        self._authorities.enrollments[key] = used + 1
        return Enrollment(f"certificate of {request_pem}", f"chain of {member.member_id}")

    def find(self, member: MemberFacts, name: str) -> CaIdentity | None:
        self._faults(f"read {member.member_id}")
        registration = self._authorities.registered.get((member.member_id, name))
        return None if registration is None else _identity(registration)

    def identities(self, member: MemberFacts) -> list[CaIdentity]:
        self._faults(f"read {member.member_id}")
        return [
            _identity(registration)
            for (of, _), registration in sorted(self._authorities.registered.items())
            if of == member.member_id
        ]

    def revoke(self, member: MemberFacts, name: str) -> None:
        self._faults(f"revoke {name}")
        if (member.member_id, name) not in self._authorities.revoked:
            self._authorities.revoked.add((member.member_id, name))
            self._done(f"revoke {name}")

    def publish(self, network: NetworkFacts, member: MemberFacts, channel: str) -> bool:
        self._faults(f"publish in {network.network_id}")
        known = self._authorities.published.setdefault(channel, set())
        new = {key for key in self._authorities.revoked if key[0] == member.member_id} - known
        if not new:
            return False
        known |= new
        self._done(f"publish in {channel}")
        return True

    def _done(self, act: str) -> None:
        self._authorities.acts.append(act)
        self._faults(f"done {act}")


def _identity(registration: Registration) -> CaIdentity:
    return CaIdentity(
        name=registration.name,
        type=registration.type,
        affiliation=registration.affiliation,
        attributes={**registration.attributes, "hf.Type": registration.type},
        max_enrollments=registration.max_enrollments or -1,
        enrolled=registration.enrolled,
    )
