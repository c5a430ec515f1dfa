"""Where a chaincode finds its peer, or listens for it: options first, then the environment.

The variables are those that peers and Fabric's other shims use.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class SettingsError(Exception):
    """A setting is missing or wrong; the text says which."""


@dataclass(frozen=True, repr=False)
class Tls:
    """PEM. ``root`` is what the other side must be signed by, None where anyone may connect."""

    certificate: bytes
    key: bytes
    root: bytes | None


@dataclass(frozen=True)
class ClientSettings:
    """A chaincode that connects to ``peer_address``."""

    peer_address: str
    chaincode_id: str
    tls: Tls | None
    threads: int


@dataclass(frozen=True)
class ServerSettings:
    """A chaincode that peers connect to."""

    address: str
    chaincode_id: str
    tls: Tls | None
    threads: int


THREADS = 0
"""Plain functions run on the event loop, unless ``CHAINCODE_THREADS`` gives them threads."""


def client_settings(
    environment: Mapping[str, str], peer_address: str = "", chaincode_id: str = ""
) -> ClientSettings:
    """Raises :class:`SettingsError`."""
    return ClientSettings(
        peer_address
        or _require(environment, "--peer.address", "CORE_PEER_ADDRESS", "CHAINCODE_PEER_ADDRESS"),
        chaincode_id or _require(environment, "--chaincode-id", "CORE_CHAINCODE_ID_NAME"),
        _client_tls(environment),
        _threads(environment),
    )


def server_settings(
    environment: Mapping[str, str],
    address: str = "",
    chaincode_id: str = "",
    certificate: str = "",
    key: str = "",
    client_root: str = "",
) -> ServerSettings:
    """The last three name PEM files. Raises :class:`SettingsError`."""
    certificate = certificate or _first(
        environment, "CHAINCODE_TLS_CERT", "CHAINCODE_TLS_CERT_FILE"
    )
    key = key or _first(environment, "CHAINCODE_TLS_KEY", "CHAINCODE_TLS_KEY_FILE")
    client_root = client_root or _first(
        environment, "CHAINCODE_CLIENT_CA_CERT", "CHAINCODE_TLS_CLIENT_CACERT_FILE"
    )
    disabled = environment.get("CHAINCODE_TLS_DISABLED", "").lower() in ("true", "1")
    tls = None
    if not disabled and (certificate or key or client_root):
        if not (certificate and key):
            raise SettingsError("TLS needs both a certificate and its key; give both, or neither")
        tls = Tls(_read(certificate), _read(key), _read(client_root) if client_root else None)
    return ServerSettings(
        address or _require(environment, "--chaincode-address", "CHAINCODE_SERVER_ADDRESS"),
        chaincode_id
        or _require(environment, "--chaincode-id", "CHAINCODE_ID", "CORE_CHAINCODE_ID_NAME"),
        tls,
        _threads(environment),
    )


def _client_tls(environment: Mapping[str, str]) -> Tls | None:
    if environment.get("CORE_PEER_TLS_ENABLED", "false").lower() not in ("true", "1", "t"):
        return None
    root = _require(environment, "the peer's root certificate", "CORE_PEER_TLS_ROOTCERT_FILE")
    return Tls(
        _pem(environment, "CORE_TLS_CLIENT_CERT"),
        _pem(environment, "CORE_TLS_CLIENT_KEY"),
        _read(root),
    )


def _pem(environment: Mapping[str, str], name: str) -> bytes:
    """``…_FILE`` names a PEM file, and ``…_PATH`` one with its base64 form."""
    plain = environment.get(f"{name}_FILE")
    if plain:
        return _read(plain)
    encoded = _require(environment, "TLS", f"{name}_PATH", f"{name}_FILE")
    try:
        return base64.b64decode(_read(encoded), validate=False)
    except binascii.Error as fault:
        raise SettingsError(f"{encoded} ({name}_PATH) is not the base64 form of a PEM") from fault


def _threads(environment: Mapping[str, str]) -> int:
    text = environment.get("CHAINCODE_THREADS") or str(THREADS)
    if not text.isdecimal():
        raise SettingsError(f"CHAINCODE_THREADS is {text!r}; it must be a number, 0 for none")
    return int(text)


def _first(environment: Mapping[str, str], *names: str) -> str:
    return next((environment[name] for name in names if environment.get(name)), "")


def _require(environment: Mapping[str, str], option: str, *names: str) -> str:
    found = _first(environment, *names)
    if not found:
        raise SettingsError(f"{option} is not given, and {' or '.join(names)} is not set")
    return found


def _read(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as fault:
        raise SettingsError(f"{file} cannot be read: {fault.strerror}") from fault
