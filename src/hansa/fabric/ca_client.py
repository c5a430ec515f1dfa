"""A client of fabric-ca's REST API: enrollment, and what a registrar does.

The API is that of fabric-ca-server 1.5 (its ``swagger-fabric-ca.json``). Calls of an enrolled
identity carry a token: its certificate and a signature over method, path, body and certificate.
"""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.x509.oid import NameOID

from hansa.fabric.base import FabricError
from hansa.fabric.pki import Credential, key_pem, load_key, new_key
from hansa.fabric.rpc.connections import UnreachableError

_API = "/api/v1"
_SECONDS_MAX = 10.0
# The order of P-256's group (FIPS 186-4, D.1.2.3).
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class CaError(FabricError):
    """The CA refused with this HTTP status; ``code`` is fabric-ca's, 0 where it gave none."""

    def __init__(self, message: str, status: int, code: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True)
class Registration:
    """An identity to be registered. ``type`` is ``client``, ``peer``, ``orderer``, ``admin`` …

    ``attributes`` are values by name; ``enrolled`` names those that go into every certificate.
    With an empty ``secret`` the CA chooses one. ``max_enrollments`` 0 is the CA's own limit.
    """

    name: str
    type: str = "client"
    affiliation: str = ""
    secret: str = field(default="", repr=False)
    attributes: Mapping[str, str] = field(default_factory=dict)
    enrolled: frozenset[str] = frozenset()
    max_enrollments: int = 0


@dataclass(frozen=True)
class CaIdentity:
    """An identity that the CA knows. ``enrolled`` names the attributes in its certificates.

    ``max_enrollments`` -1 is no limit.
    """

    name: str
    type: str
    affiliation: str
    attributes: Mapping[str, str]
    max_enrollments: int
    enrolled: frozenset[str] = frozenset()


class CaClient:
    """Speaks to the CA at ``url`` (``https://HOST:PORT``), whose certificate ``ca_pem`` verifies.

    Methods raise :class:`CaError` where the CA refuses, :class:`UnreachableError` where it is
    silent.
    """

    def __init__(self, url: str, ca_pem: bytes) -> None:
        context = ssl.create_default_context(cadata=ca_pem.decode())
        # The CA is part of this installation: a proxy of the environment has no say.
        self._http = httpx2.Client(
            base_url=url, verify=context, timeout=_SECONDS_MAX, trust_env=False
        )
        self._url = url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def enroll(self, name: str, secret: str) -> Credential:
        """A certificate for a fresh key of the identity ``name``."""
        key = new_key()
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        request = x509.CertificateSigningRequestBuilder().subject_name(subject)
        pem = request.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        certificate, _ = self.sign_request(name, secret, pem)
        return Credential(certificate, key_pem(key))

    def sign_request(self, name: str, secret: str, request_pem: bytes) -> tuple[bytes, bytes]:
        """A certificate for the key of a PKCS #10 request, and the CA's own chain, both PEM."""
        body = json.dumps({"certificate_request": request_pem.decode()}).encode()
        login = base64.b64encode(f"{name}:{secret}".encode()).decode()
        result = self._send("POST", f"{_API}/enroll", body, f"Basic {login}")
        chain = result.get("ServerInfo", {}).get("CAChain", "")
        return base64.b64decode(result["Cert"]), base64.b64decode(chain)

    def send_signed(
        self, caller: Credential, method: str, path: str, value: object = None
    ) -> dict[str, Any]:
        """The result of a call in the name of ``caller``; ``path`` is below ``/api/v1``."""
        body = b"" if value is None else json.dumps(value).encode()
        target = f"{_API}{path}"
        return self._send(method, target, body, token(caller, method, target, body))

    def _send(self, method: str, path: str, body: bytes, authorization: str) -> dict[str, Any]:
        headers = {"Authorization": authorization, "Content-Type": "application/json"}
        try:
            response = self._http.request(method, path, content=body, headers=headers)
        except httpx2.HTTPError as fault:
            raise UnreachableError(f"the CA at {self._url} does not answer: {fault}") from fault
        try:
            answer = response.json()
        except ValueError:
            raise CaError(
                f"the CA at {self._url} answered {response.status_code} without a result",
                response.status_code,
            ) from None
        if response.is_success and not answer.get("errors"):
            result: dict[str, Any] = answer.get("result") or {}
            return result
        first = (answer.get("errors") or [{}])[0]
        raise CaError(
            f"the CA at {self._url} refused: {first.get('message', response.status_code)}",
            response.status_code,
            int(first.get("code", 0)),
        )


class Registrar:
    """The acts of an enrolled identity that may register others."""

    def __init__(self, client: CaClient, credential: Credential) -> None:
        self._client = client
        self._credential = credential

    def register(self, registration: Registration) -> str:
        """Register an identity; returns the secret it enrolls with."""
        value = {
            "id": registration.name,
            "type": registration.type,
            "affiliation": registration.affiliation,
            "secret": registration.secret,
            "max_enrollments": registration.max_enrollments,
            "attrs": [
                {"name": name, "value": value, "ecert": name in registration.enrolled}
                for name, value in registration.attributes.items()
            ],
        }
        secret: str = self._call("POST", "/register", value)["secret"]
        return secret

    def add_affiliation(self, name: str) -> None:
        """Add an affiliation, spelled as given. Its being there already is fine."""
        try:
            self._call("POST", "/affiliations", {"name": name})
        except CaError as refusal:
            if refusal.status != httpx2.codes.CONFLICT:
                raise

    def revoke(self, name: str, reason: str = "") -> None:
        """Revoke an identity with all of its certificates; ``reason`` as RFC 5280 spells them."""
        self._call("POST", "/revoke", {"id": name, "reason": reason})

    def revocation_list(self) -> bytes:
        """The signed list of all revoked certificates that have not expired, PEM."""
        return base64.b64decode(self._call("POST", "/gencrl", {})["CRL"])

    def identities(self) -> list[CaIdentity]:
        """Every identity that the registrar may see."""
        listed = self._call("GET", "/identities").get("identities") or []
        return [_identity(entry) for entry in listed]

    def identity(self, name: str) -> CaIdentity | None:
        """The identity of this name, if the CA knows one."""
        try:
            return _identity(self._call("GET", f"/identities/{quote(name, safe='@')}"))
        except CaError as refusal:
            if refusal.status == httpx2.codes.NOT_FOUND:
                return None
            raise

    def _call(self, method: str, path: str, value: object = None) -> dict[str, Any]:
        return self._client.send_signed(self._credential, method, path, value)


def _identity(entry: Mapping[str, Any]) -> CaIdentity:
    attributes = entry.get("attrs") or []
    return CaIdentity(
        name=entry["id"],
        type=entry["type"],
        affiliation=entry["affiliation"],
        attributes={pair["name"]: pair["value"] for pair in attributes},
        max_enrollments=entry["max_enrollments"],
        enrolled=frozenset(pair["name"] for pair in attributes if pair.get("ecert")),
    )


def token(caller: Credential, method: str, path: str, body: bytes) -> str:
    """The ``Authorization`` of a call, as fabric-ca's ``GenECDSAToken`` makes it."""
    certificate = base64.b64encode(caller.certificate).decode()
    parts = (base64.b64encode(path.encode()).decode(), base64.b64encode(body).decode())
    payload = ".".join((method, *parts, certificate)).encode()
    signature = load_key(caller.key).sign(payload, ec.ECDSA(hashes.SHA256()))
    return f"{certificate}.{base64.b64encode(_low_s(signature)).decode()}"


def _low_s(signature: bytes) -> bytes:
    """The same signature with the smaller ``s``: Fabric refuses the larger of the two."""
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, min(s, _P256_ORDER - s))
