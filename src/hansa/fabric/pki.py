"""X.509 as Fabric wants it: P-256 keys, one level of authorities, organizational units as roles.

An authority lives ten years, a certificate it issues two (never longer than the authority). Both
begin a little in the past, so that machines whose clocks differ accept them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFETIME = timedelta(days=3650)
CERTIFICATE_LIFETIME = timedelta(days=730)
BACKDATE = timedelta(minutes=10)
# X.520's upper bound of a common name; Go's and OpenSSL's verifiers refuse longer ones.
COMMON_NAME_MAX = 64


@dataclass(frozen=True)
class Credential:
    """A certificate and its private key (PKCS #8), both PEM."""

    certificate: bytes
    key: bytes = field(repr=False)


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def load_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """The elliptic-curve key in ``pem``. Raises ``TypeError`` for any other kind."""
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the key is not an elliptic-curve key")
    return key


def make_authority(common_name: str, now: datetime) -> Credential:
    """A self-signed authority: the TLS root, or the root of an organization's identities."""
    key = new_key()
    name = _name(common_name, "")
    builder = _builder(name, name, key, now - BACKDATE, now + AUTHORITY_LIFETIME)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    builder = builder.add_extension(_key_usage(authority=True), critical=True)
    return _signed(builder, key, key)


def issue(
    authority: Credential,
    common_name: str,
    now: datetime,
    unit: str = "",
    hosts: Sequence[str] = (),
) -> Credential:
    """A certificate of ``authority``.

    ``unit`` is the organizational unit, which NodeOUs read as the role (``peer``, ``orderer``,
    ``admin``, ``client``). With ``hosts`` (names or addresses) it is a TLS certificate, for the
    server's and the client's side alike.
    """
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    key = new_key()
    end = min(now + CERTIFICATE_LIFETIME, issuer.not_valid_after_utc)
    builder = _builder(_name(common_name, unit), issuer.subject, key, now - BACKDATE, end)
    builder = builder.add_extension(
        x509.BasicConstraints(ca=False, path_length=None), critical=True
    )
    builder = builder.add_extension(_key_usage(authority=False), critical=True)
    builder = builder.add_extension(_issued_by(issuer), critical=False)
    if hosts:
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        names = [_alternative_name(host) for host in dict.fromkeys(hosts)]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return _signed(builder, key, load_key(authority.key))


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    start: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        # Fabric's MSP finds authorities by their key identifier and refuses one without it.
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _signed(
    builder: x509.CertificateBuilder,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
) -> Credential:
    certificate = builder.sign(signer, hashes.SHA256())
    return Credential(certificate.public_bytes(serialization.Encoding.PEM), key_pem(key))


def _name(common_name: str, unit: str) -> x509.Name:
    if len(common_name) > COMMON_NAME_MAX:
        raise ValueError(f"the common name {common_name!r} is longer than {COMMON_NAME_MAX}")
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if unit:
        parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    return x509.Name(parts)


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _issued_by(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier.value)


def _alternative_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
