"""Envelope encryption of the secrets in the store.

Each secret has a key of its own, which is wrapped by the installation's key; that one is kept in a
file of mode 0600 beside the store. Both layers are Fernet (AES-128-CBC with HMAC-SHA256).
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken


class CipherError(Exception):
    """A secret cannot be read with this installation's key."""


class Cipher:
    """Encrypts and decrypts short texts."""

    def __init__(self, key: bytes) -> None:
        self._wrapping = Fernet(key)

    def encrypt(self, text: str) -> str:
        key = Fernet.generate_key()
        wrapped = self._wrapping.encrypt(key).decode()
        return f"{wrapped}.{Fernet(key).encrypt(text.encode()).decode()}"

    def decrypt(self, sealed: str) -> str:
        """Raises :class:`CipherError` where the text was not sealed with this key."""
        wrapped, _, body = sealed.partition(".")
        try:
            return Fernet(self._wrapping.decrypt(wrapped)).decrypt(body).decode()
        except (InvalidToken, ValueError) as fault:
            raise CipherError(
                "a secret in the store cannot be decrypted: the key file is not the one that this "
                "store was made with; restore the data directory as a whole"
            ) from fault


def open_cipher(key_file: Path) -> Cipher:
    """The cipher of the key in ``key_file``, which is made (0600) where there is none."""
    return Cipher(open_key(key_file))


def open_key(key_file: Path) -> bytes:
    """The key in ``key_file``, which is made (0600) where there is none.

    Raises :class:`CipherError` where the file holds something else.
    """
    try:
        descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_key(key_file)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(Fernet.generate_key())
        stream.flush()
        os.fsync(stream.fileno())
    return _read_key(key_file)


def _read_key(key_file: Path) -> bytes:
    key = key_file.read_bytes()
    try:
        Fernet(key)
    except ValueError as fault:
        raise CipherError(f"{key_file} does not hold a key; restore it from a backup") from fault
    return key
