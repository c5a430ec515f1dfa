"""Who submits a transaction, and what the member's CA has said of them."""

from __future__ import annotations

import base64
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import NameOID, ObjectIdentifier

from hansa_contract import canonical
from hansa_contract.canonical import InvalidValueError
from hansa_contract.errors import ChaincodeError
from hansa_contract.proposal import Creator

ATTRIBUTES = ObjectIdentifier("1.2.3.4.5.6.7.8.1")
"""The extension in which fabric-ca writes an identity's attributes."""
GO_ORDER = (
    (NameOID.COUNTRY_NAME, "C"),
    (NameOID.STATE_OR_PROVINCE_NAME, "ST"),
    (NameOID.LOCALITY_NAME, "L"),
    (NameOID.STREET_ADDRESS, "STREET"),
    (NameOID.POSTAL_CODE, "POSTALCODE"),
    (NameOID.ORGANIZATION_NAME, "O"),
    (NameOID.ORGANIZATIONAL_UNIT_NAME, "OU"),
    (NameOID.COMMON_NAME, "CN"),
    (NameOID.SERIAL_NUMBER, "SERIALNUMBER"),
)
"""What Go keeps of a name, in its order (crypto/x509/pkix), which contracts in Go see."""
SINGLE = frozenset({"CN", "SERIALNUMBER"})
"""Of these, Go keeps the last only."""
SPECIAL = frozenset(',+"\\<>;')


class ClientIdentity:
    """The creator of a transaction: member, certificate, attributes.

    Fabric has checked the certificate and the signature before a contract sees them.
    """

    def __init__(self, creator: Creator) -> None:
        self._creator = creator

    @property
    def mspid(self) -> str:
        """The MSP id of the member."""
        return self._creator.mspid

    @property
    def id_bytes(self) -> bytes:
        """The certificate in PEM."""
        return self._creator.id_bytes

    @cached_property
    def cert(self) -> x509.Certificate:
        """Raises :class:`ChaincodeError` where the identity is not an X.509 certificate."""
        try:
            return x509.load_pem_x509_certificate(self.id_bytes)
        except ValueError as fault:
            raise ChaincodeError(
                f"the transaction's creator has no X.509 certificate: {fault}"
            ) from fault

    @property
    def public_key(self) -> CertificatePublicKeyTypes:
        return self.cert.public_key()

    @property
    def subject(self) -> str:
        """The certificate's subject as one text, such as ``CN=alice,OU=client``."""
        return distinguished_name(self.cert.subject)

    @cached_property
    def id(self) -> str:
        """One text for one identity of a member, the same that a contract in Go gets.

        Base64 of ``x509::SUBJECT::ISSUER``: it stays the same when the certificate is renewed.
        """
        issuer = distinguished_name(self.cert.issuer)
        return base64.b64encode(f"x509::{self.subject}::{issuer}".encode()).decode()

    @cached_property
    def attributes(self) -> dict[str, str]:
        """The attributes that the CA has put into the certificate."""
        try:
            extension = self.cert.extensions.get_extension_for_oid(ATTRIBUTES)
            content: x509.UnrecognizedExtension = extension.value  # type: ignore[assignment]
            found = canonical.read(content.value, "the extension of attributes")["attrs"]
            return {str(name): str(value) for name, value in found.items()}
        except x509.ExtensionNotFound:
            return {}
        except (InvalidValueError, KeyError, TypeError, AttributeError, ValueError) as fault:
            raise ChaincodeError(
                "the attributes in the creator's certificate cannot be read; enroll it anew"
            ) from fault

    def get_attribute_value(self, name: str) -> str | None:
        """None where the certificate has no such attribute."""
        return self.attributes.get(name)

    def assert_attribute_value(self, name: str, value: str) -> None:
        """Raises :class:`ChaincodeError` unless the attribute is there with this value."""
        if self.get_attribute_value(name) != value:
            raise ChaincodeError(
                f"the creator's certificate does not have the attribute {name} = {value}; "
                "it comes from the member's CA, at registration and enrollment"
            )

    def has_attribute_value(self, name: str, value: str) -> bool:
        return self.get_attribute_value(name) == value

    def get_mspid(self) -> str:
        return self.mspid

    def get_msp_id(self) -> str:
        return self.mspid

    def get_id(self) -> str:
        return self.id

    def get_id_bytes(self) -> bytes:
        return self.id_bytes

    def __repr__(self) -> str:
        return f"<ClientIdentity of {self.mspid}>"


def distinguished_name(name: x509.Name) -> str:
    """As contracts in Go see it: its order turned round, values of one kind joined by ``+``."""
    parts = []
    for oid, short in GO_ORDER:
        values = [str(part.value) for part in name.get_attributes_for_oid(oid)]
        kept = values[-1:] if short in SINGLE else values
        if kept:
            parts.append("+".join(f"{short}={_escaped(value)}" for value in kept))
    return ",".join(reversed(parts))


def _escaped(value: str) -> str:
    escaped = "".join(f"\\{letter}" if letter in SPECIAL else letter for letter in value)
    if escaped.startswith((" ", "#")):
        escaped = f"\\{escaped}"
    if value.endswith(" ") and len(value) > 1:
        escaped = f"{escaped[:-1]}\\ "
    return escaped
