"""Identities for tests: a certificate authority in memory, as a member's fabric-ca would be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fabric_protos.msp import identities_pb2

from hansa_contract import canonical
from hansa_contract.identity import ATTRIBUTES

VALID_FROM = datetime(2020, 1, 1, tzinfo=UTC)
VALID_TO = datetime(2120, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Identity:
    """Who can sign proposals: a member's MSP id, a certificate in PEM, and its key."""

    mspid: str
    certificate: bytes
    key: ec.EllipticCurvePrivateKey

    @property
    def serialized(self) -> bytes:
        """Fabric's ``SerializedIdentity``."""
        identity = identities_pb2.SerializedIdentity(mspid=self.mspid, id_bytes=self.certificate)
        content: bytes = identity.SerializeToString()
        return content

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message, ec.ECDSA(hashes.SHA256()))


class CertificateAuthority:
    """Issues the identities of one member."""

    def __init__(self, mspid: str) -> None:
        self.mspid = mspid
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(f"ca.{mspid}", "")

    def enroll(
        self, name: str, *, role: str = "client", attributes: Mapping[str, str] | None = None
    ) -> Identity:
        """A new identity; ``role`` is the certificate's OU: client, admin or peer."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name, role))
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(VALID_FROM)
            .not_valid_after(VALID_TO)
        )
        if attributes is not None:
            content = canonical.write({"attrs": dict(attributes)})
            extension = x509.UnrecognizedExtension(ATTRIBUTES, content)
            builder = builder.add_extension(extension, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        return Identity(self.mspid, pem, key)


def _name(common: str, unit: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if unit:
        parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    return x509.Name(parts)
