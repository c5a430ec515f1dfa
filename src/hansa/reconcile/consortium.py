"""Taking members into a network's consortium, and out of it."""

from __future__ import annotations

from hansa.domain.lifecycle import Admission, Kind
from hansa.fabric.base import Fabric, NetworkFacts
from hansa.operations.facts import network_facts
from hansa.store.database import Session, Store
from hansa.store.members import present_members
from hansa.store.networks import require_network
from hansa.store.resources import get_resource
from hansa.store.tables import Member


class Consortium:
    """The acts that change who belongs to a network."""

    def __init__(self, store: Store, fabric: Fabric) -> None:
        self._store = store
        self._fabric = fabric

    def admit(self, member_id: str) -> None:
        """Add the member. Raises :class:`hansa.fabric.base.FabricError`."""
        # Before the act: a crash after it must not leave a member that nobody would expel.
        self._set_admission(member_id, Admission.ADMITTING)
        network, _ = self._network_of(member_id)
        self._fabric.admit_member(network, member_id)
        self._set_admission(member_id, Admission.ADMITTED)

    def expel(self, member_id: str) -> None:
        """Take the member out. Raises :class:`hansa.fabric.base.FabricError`."""
        network, remaining = self._network_of(member_id)
        self._fabric.expel_member(network, member_id, remaining)
        self._set_admission(member_id, Admission.NONE)

    def _network_of(self, member_id: str) -> tuple[NetworkFacts, tuple[str, ...]]:
        """The member's network, and its other members that are in the consortium."""
        with self._store.read() as session:
            member = _member(session, member_id)
            network = require_network(session, member.network_id)
            others = tuple(
                other.id
                for other in present_members(session, network.id)
                if other.id != member_id and other.admission != Admission.NONE
            )
            return network_facts(session, network), others

    def _set_admission(self, member_id: str, admission: Admission) -> None:
        with self._store.write() as session:
            _member(session, member_id).admission = admission


def _member(session: Session, member_id: str) -> Member:
    member = get_resource(session, Kind.MEMBER, member_id)
    if not isinstance(member, Member):
        raise LookupError(f"member {member_id} is not in the store")  # noqa: TRY004
    return member
