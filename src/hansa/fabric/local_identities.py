"""Identities in the certificate authorities that this installation runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import httpx2

from hansa.domain.workload import Place
from hansa.fabric.base import MemberFacts, NetworkFacts
from hansa.fabric.ca_client import CaClient, CaError, CaIdentity, Registrar, Registration
from hansa.fabric.ca_config import REGISTRAR_NAME
from hansa.fabric.identities import Enrollment, NameTakenError, SecretRefusedError
from hansa.fabric.local import ca_workload
from hansa.fabric.local_revocations import LocalRevocations
from hansa.fabric.materials import Materials
from hansa.fabric.registrar import open_registrar


class LocalIdentities:
    """Implements :class:`hansa.fabric.identities.Identities`. Safe for several threads.

    ``place`` says where a workload runs; ``tls_chain`` verifies the authorities' servers.
    """

    def __init__(
        self,
        materials: Materials,
        place: Callable[[str], Place],
        tls_chain: bytes,
        now: Callable[[], datetime],
        revocations: LocalRevocations,
    ) -> None:
        self._materials = materials
        self._place = place
        self._tls_chain = tls_chain
        self._now = now
        self._revocations = revocations

    def register(self, member: MemberFacts, registration: Registration) -> None:
        with self._registrar(member) as registrar:
            try:
                registrar.register(registration)
            except CaError as refusal:
                if refusal.status == httpx2.codes.CONFLICT:
                    raise NameTakenError(str(refusal)) from refusal
                raise

    def enroll(self, member: MemberFacts, name: str, secret: str, request_pem: str) -> Enrollment:
        with self._client(member) as client:
            try:
                certificate, chain = client.sign_request(name, secret, request_pem.encode())
            except CaError as refusal:
                if refusal.status == httpx2.codes.UNAUTHORIZED:
                    raise SecretRefusedError(str(refusal)) from refusal
                raise
        return Enrollment(certificate.decode(), chain.decode())

    def find(self, member: MemberFacts, name: str) -> CaIdentity | None:
        if name == REGISTRAR_NAME:
            return None
        with self._registrar(member) as registrar:
            return registrar.identity(name)

    def identities(self, member: MemberFacts) -> list[CaIdentity]:
        with self._registrar(member) as registrar:
            found = [one for one in registrar.identities() if one.name != REGISTRAR_NAME]
        return sorted(found, key=lambda one: one.name)

    def revoke(self, member: MemberFacts, name: str) -> None:
        with self._registrar(member) as registrar:
            registrar.revoke(name)

    def publish(self, network: NetworkFacts, member: MemberFacts, channel: str) -> bool:
        with self._registrar(member) as registrar:
            revoked = registrar.revocation_list()
        return self._revocations.publish(network, channel, member.member_id, revoked)

    def _client(self, member: MemberFacts) -> CaClient:
        host = self._place(ca_workload(member.member_id)).internal_host
        return CaClient(f"https://{host}:{member.ca_port}", self._tls_chain)

    @contextmanager
    def _registrar(self, member: MemberFacts) -> Iterator[Registrar]:
        file = self._materials.directory("member", member.member_id) / "registrar.pem"
        with self._client(member) as client:
            yield open_registrar(client, file, member.registrar_secret, self._now())
