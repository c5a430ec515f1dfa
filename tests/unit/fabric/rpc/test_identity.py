from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fabric_protos.msp.identities_pb2 import SerializedIdentity

from hansa.fabric.base import FabricError
from hansa.fabric.rpc.identity import load_identity

# FIPS 186-4, D.1.2.3.
ORDER = 115792089210356248762697446949407573529996955224135760342422259061068512044369


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_signatures_are_the_low_ones() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    identity = load_identity("m-A", b"certificate", _pem(key))
    for number in range(20):  # half of them would be high otherwise
        message = number.to_bytes(1, "big")
        signature = identity.sign(message)
        assert decode_dss_signature(signature)[1] <= ORDER // 2
        key.public_key().verify(signature, message, ec.ECDSA(hashes.SHA256()))


def test_an_identity_names_its_member() -> None:
    key = _pem(ec.generate_private_key(ec.SECP256R1()))
    creator = SerializedIdentity.FromString(load_identity("m-A", b"certificate", key).creator)
    assert (creator.mspid, creator.id_bytes) == ("m-A", b"certificate")
    assert "PRIVATE" not in repr(load_identity("m-A", b"certificate", key))


@pytest.mark.parametrize(
    "key",
    [
        b"garbage",
        _pem(ec.generate_private_key(ec.SECP384R1())),
        _pem(rsa.generate_private_key(65537, 2048)),
    ],
)
def test_other_keys_are_refused(key: bytes) -> None:
    with pytest.raises(FabricError, match="m-A"):
        load_identity("m-A", b"certificate", key)
