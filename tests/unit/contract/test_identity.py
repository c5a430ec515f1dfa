"""Who submits: certificates as members' CAs issue them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

from hansa_contract import ChaincodeError, ClientIdentity
from hansa_contract.identity import ATTRIBUTES, distinguished_name
from hansa_contract.proposal import Creator
from hansa_contract.testing import CertificateAuthority


def identity(**attributes: str) -> ClientIdentity:
    made = CertificateAuthority("Org1MSP").enroll("alice", attributes=attributes)
    return ClientIdentity(Creator(made.mspid, made.certificate))


def test_member_id_and_certificate() -> None:
    alice = identity()
    assert alice.mspid == alice.get_mspid() == "Org1MSP"
    assert alice.cert.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "alice"
    assert base64.b64decode(alice.id) == b"x509::CN=alice,OU=client::CN=ca.Org1MSP"
    assert b"BEGIN CERTIFICATE" in alice.get_id_bytes()
    assert "alice" not in repr(alice)


def test_attributes() -> None:
    alice = identity(role="auditor", **{"hf.Affiliation": "org1"})
    assert alice.attributes == {"role": "auditor", "hf.Affiliation": "org1"}
    assert alice.get_attribute_value("role") == "auditor"
    assert alice.get_attribute_value("other") is None
    assert alice.has_attribute_value("role", "auditor")
    alice.assert_attribute_value("role", "auditor")
    with pytest.raises(ChaincodeError, match="does not have the attribute role = admin"):
        alice.assert_attribute_value("role", "admin")
    assert not identity().has_attribute_value("role", "auditor")


def test_attributes_that_cannot_be_read() -> None:
    found = ClientIdentity(Creator("Org1MSP", _certificate(b"{")))
    with pytest.raises(ChaincodeError, match="enroll it anew"):
        found.get_attribute_value("role")
    assert ClientIdentity(Creator("m", _certificate(None))).attributes == {}


def test_an_identity_without_a_certificate() -> None:
    with pytest.raises(ChaincodeError, match="no X.509 certificate"):
        _ = ClientIdentity(Creator("Org1MSP", b"idemix")).cert


def test_names_are_written_as_contracts_in_go_see_them() -> None:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "client"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "A, B+C"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "org1"),
            x509.NameAttribute(ObjectIdentifier("1.2.3"), "dropped"),
            x509.NameAttribute(NameOID.COMMON_NAME, "#first"),
            x509.NameAttribute(NameOID.COMMON_NAME, "#last "),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, "7"),
            x509.NameAttribute(NameOID.LOCALITY_NAME, "é<x>"),
        ]
    )
    assert distinguished_name(name) == (  # by pkg/cid of fabric-chaincode-go
        r"SERIALNUMBER=7,CN=\#last\ ,OU=client+OU=org1,O=A\, B\+C,L=é\<x\>,C=US"
    )


def _certificate(attributes: bytes | None) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
    )
    if attributes is not None:
        extension = x509.UnrecognizedExtension(ATTRIBUTES, attributes)
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
