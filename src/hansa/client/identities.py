"""Identities with keys of one's own, in directories as ``peer`` reads them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hansa.client.installation import ClientError
from hansa.fabric.msp import msp_files
from hansa.fabric.pki import Credential, key_pem, new_key

_IN_CERTIFICATE = ":ecert"


def read_attributes(words: Sequence[str]) -> list[dict[str, Any]]:
    """``NAME=VALUE`` or ``NAME=VALUE:ecert`` (in the certificates, too) as the API takes them.

    That is how ``fabric-ca-client register --id.attrs`` spells them. Raises :class:`ClientError`.
    """
    found = []
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise ClientError(
                f"the attribute {word!r} is not one. Write NAME=VALUE, or NAME=VALUE:ecert for one "
                "that certificates carry."
            )
        carried = value.endswith(_IN_CERTIFICATE)
        found.append(
            {
                "Name": name,
                "Value": value.removesuffix(_IN_CERTIFICATE),
                "InCertificate": carried,
            }
        )
    return found


def enroll_identity(
    fabric: Any, keys: Mapping[str, str], name: str, secret: str, tls_chain: bytes, target: Path
) -> Path:
    """Have a new key certified, and write the MSP directory ``target`` with both.

    ``fabric`` is a client of hansafabric, ``keys`` are NetworkId and MemberId. The private key is
    made here and goes nowhere else. A directory that is there is replaced once the new one is
    whole.
    """
    key = new_key()
    answer = fabric.enroll_identity(
        **keys, Name=name, Secret=secret, CertificateSigningRequest=signing_request(name, key)
    )
    identity = Credential(answer["Certificate"].encode(), key_pem(key))
    write_msp(target, msp_files(answer["CaChain"].encode(), tls_chain, identity))
    return target


def signing_request(name: str, key: ec.EllipticCurvePrivateKey) -> str:
    """A PKCS #10 request in PEM, with ``name`` as the common name."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject)
    return request.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def write_msp(target: Path, files: Mapping[str, bytes]) -> None:
    """Write ``files``, mode 0600, to the directory ``target``, mode 0700, all or none of them."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".identity-", dir=target.parent) as scratch:
        made = Path(scratch) / "msp"
        for path, content in files.items():
            (made / path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            (made / path).touch(mode=0o600)
            (made / path).write_bytes(content)
        made.chmod(0o700)
        if target.exists():
            target.rename(Path(scratch) / "old")
        made.rename(target)
