"""Who signs: a certificate of a member, and its key."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from fabric_protos.msp.identities_pb2 import SerializedIdentity

from hansa.fabric.base import FabricError

# The order of the curve P-256 (FIPS 186-4, D.1.2.3).
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class Identity:
    """``certificate`` is PEM; ``key`` signs by ECDSA on P-256, as Fabric's identities do."""

    msp_id: str
    certificate: bytes
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @cached_property
    def creator(self) -> bytes:
        """The identity as messages carry it."""
        identity = SerializedIdentity(mspid=self.msp_id, id_bytes=self.certificate)
        return bytes(identity.SerializeToString())

    def sign(self, message: bytes) -> bytes:
        """The signature, in DER, with the lower of its two values: Fabric refuses the other."""
        signature = self.key.sign(message, ec.ECDSA(hashes.SHA256()))
        r, s = decode_dss_signature(signature)
        if s <= _P256_ORDER // 2:
            return bytes(signature)
        return encode_dss_signature(r, _P256_ORDER - s)


def load_identity(msp_id: str, certificate: bytes, key_pem: bytes) -> Identity:
    """Raises :class:`FabricError` for a key that is not one of P-256."""
    try:
        key = load_pem_private_key(key_pem, password=None)
    except ValueError as fault:
        raise FabricError(f"the private key of {msp_id} cannot be read: {fault}") from fault
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise FabricError(f"the private key of {msp_id} is not an ECDSA key on P-256")
    return Identity(msp_id, certificate, key)


def read_msp(msp_id: str, directory: Path) -> Identity:
    """The identity in an MSP directory. Raises :class:`FabricError`."""
    try:
        certificate = next((directory / "signcerts").iterdir()).read_bytes()
        key = next((directory / "keystore").iterdir()).read_bytes()
    except (OSError, StopIteration) as fault:
        raise FabricError(f"{directory} holds no identity of {msp_id}") from fault
    return load_identity(msp_id, certificate, key)
