"""The service's own identity in a member's CA, kept from one start to the next."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from hansa.fabric import vault
from hansa.fabric.ca_client import CaClient, Registrar
from hansa.fabric.ca_config import REGISTRAR_NAME
from hansa.fabric.pki import Credential

RENEWAL = timedelta(days=30)
"""A certificate with less than this left is replaced."""

_KEY_START = b"-----BEGIN PRIVATE KEY-----"


def open_registrar(client: CaClient, file: Path, secret: str, now: datetime) -> Registrar:
    """The registrar whose credential is in ``file``; enrolled with ``secret`` where it is not."""
    credential = _kept(file, now)
    if credential is None:
        credential = client.enroll(REGISTRAR_NAME, secret)
        vault.replace_private(file, credential.certificate + credential.key)
    return Registrar(client, credential)


def _kept(file: Path, now: datetime) -> Credential | None:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return None
    start = content.index(_KEY_START)
    credential = Credential(content[:start], content[start:])
    certificate = x509.load_pem_x509_certificate(credential.certificate)
    return credential if certificate.not_valid_after_utc - now > RENEWAL else None
