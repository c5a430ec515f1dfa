from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from hansa.fabric.pki import BACKDATE, Credential, issue, load_key, make_authority

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def certificate(credential: Credential) -> x509.Certificate:
    return x509.load_pem_x509_certificate(credential.certificate)


def test_an_authority_signs_certificates_and_lists_for_ten_years() -> None:
    authority = make_authority("ca.m-1", NOW)
    made = certificate(authority)
    made.verify_directly_issued_by(made)
    assert made.subject.rfc4514_string() == "CN=ca.m-1"
    assert made.not_valid_before_utc == NOW - BACKDATE
    assert made.not_valid_after_utc == NOW + timedelta(days=3650)
    assert made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    usage = made.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.key_cert_sign, usage.crl_sign) == (True, True)
    assert made.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    key = made.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"
    assert load_key(authority.key).public_key() == key


def test_an_identity_carries_its_role_and_no_names() -> None:
    authority = make_authority("ca.m-1", NOW)
    made = certificate(issue(authority, "nd-1", NOW, "peer"))
    made.verify_directly_issued_by(certificate(authority))
    assert made.subject.rfc4514_string() == "CN=nd-1,OU=peer"
    assert made.not_valid_after_utc == NOW + timedelta(days=730)
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    usage = made.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.key_cert_sign) == (True, False)
    with pytest.raises(x509.ExtensionNotFound):
        made.extensions.get_extension_for_class(x509.SubjectAlternativeName)


def test_a_tls_certificate_carries_each_host_once_for_both_sides() -> None:
    authority = make_authority("root", NOW)
    hosts = ("orderer.n-1.example", "localhost", "127.0.0.1", "localhost")
    made = certificate(issue(authority, "orderer0", NOW, hosts=hosts))
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(names) == [
        x509.DNSName("orderer.n-1.example"),
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    usages = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert set(usages) == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}


def test_no_certificate_outlives_its_authority() -> None:
    authority = make_authority("root", NOW)
    late = NOW + timedelta(days=3600)
    end = certificate(issue(authority, "peer", late)).not_valid_after_utc
    assert end == certificate(authority).not_valid_after_utc


def test_serial_numbers_differ() -> None:
    authority = make_authority("root", NOW)
    serials = {certificate(issue(authority, "one", NOW)).serial_number for _ in range(5)}
    assert len(serials) == 5


def test_a_common_name_that_verifiers_refuse_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than 64"):
        make_authority("x" * 65, NOW)


def test_a_key_of_another_kind_is_refused() -> None:
    other = ed25519.Ed25519PrivateKey.generate()
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(TypeError, match="elliptic-curve"):
        load_key(pem)


def test_a_credential_does_not_show_its_key() -> None:
    assert "PRIVATE" not in repr(make_authority("root", NOW))
