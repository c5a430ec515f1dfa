from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from hansa.fabric.ca_client import CaClient, CaError, Registrar, Registration, token
from hansa.fabric.pki import Credential, issue, load_key, make_authority
from hansa.fabric.registrar import RENEWAL, open_registrar

NOW = datetime(2026, 1, 2, tzinfo=UTC)
AUTHORITY = make_authority("ca.m-1", NOW)
CALLER = issue(AUTHORITY, "hansa-service", NOW, "admin")
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

Answer = Callable[[httpx2.Request], httpx2.Response]


def client(answer: Answer) -> CaClient:
    made = CaClient("https://ca.example:30002", AUTHORITY.certificate)
    made._http.close()
    made._http = httpx2.Client(
        base_url="https://ca.example:30002", transport=httpx2.MockTransport(answer)
    )
    return made


def success(result: object) -> httpx2.Response:
    return httpx2.Response(200, json={"result": result, "errors": [], "success": True})


def refusal(status: int, code: int, message: str) -> httpx2.Response:
    errors = [{"code": code, "message": message}]
    return httpx2.Response(status, json={"result": "", "errors": errors, "success": False})


@pytest.mark.parametrize("_attempt", range(8))  # half of all signatures have the larger s
def test_a_token_is_a_certificate_and_a_signature_that_fabric_accepts(_attempt: int) -> None:
    certificate, signature = token(CALLER, "POST", "/api/v1/register", b"{}").split(".")
    assert base64.b64decode(certificate) == CALLER.certificate
    parts = (b"/api/v1/register", b"{}", CALLER.certificate)
    payload = ".".join(["POST", *(base64.b64encode(part).decode() for part in parts)])
    raw = base64.b64decode(signature)
    public = load_key(CALLER.key).public_key()
    public.verify(raw, payload.encode(), ec.ECDSA(hashes.SHA256()))
    assert decode_dss_signature(raw)[1] <= P256_ORDER // 2


def test_enrolling_sends_a_request_signed_with_the_new_key() -> None:
    requests: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return success({"Cert": base64.b64encode(b"PEM").decode()})

    with client(answer) as ca:
        credential = ca.enroll("alice", "s3:cret")
    assert credential.certificate == b"PEM"
    (request,) = requests
    assert (request.method, request.url.path) == ("POST", "/api/v1/enroll")
    login = base64.b64encode(b"alice:s3:cret").decode()
    assert request.headers["authorization"] == f"Basic {login}"
    signing = x509.load_pem_x509_csr(json.loads(request.content)["certificate_request"].encode())
    assert signing.subject.rfc4514_string() == "CN=alice"
    assert signing.is_signature_valid
    assert signing.public_key() == load_key(credential.key).public_key()


def test_registering_sends_the_whole_registration() -> None:
    bodies: list[object] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        bodies.append(json.loads(request.content))
        return success({"secret": "chosen"})

    registration = Registration(
        name="app",
        affiliation="m-1",
        attributes={"role": "auditor", "hf.Revoker": "true"},
        enrolled=frozenset({"role"}),
    )
    with client(answer) as ca:
        assert Registrar(ca, CALLER).register(registration) == "chosen"
    assert bodies == [
        {
            "id": "app",
            "type": "client",
            "affiliation": "m-1",
            "secret": "",
            "max_enrollments": 0,
            "attrs": [
                {"name": "role", "value": "auditor", "ecert": True},
                {"name": "hf.Revoker", "value": "true", "ecert": False},
            ],
        }
    ]


def test_a_refusal_carries_status_code_and_reason() -> None:
    with (
        client(lambda _: refusal(401, 20, "Authentication failure")) as ca,
        pytest.raises(CaError, match="refused: Authentication failure") as fault,
    ):
        ca.enroll("alice", "wrong")
    assert (fault.value.status, fault.value.code) == (401, 20)
    assert "wrong" not in str(fault.value)


def test_an_affiliation_that_exists_is_fine_and_another_refusal_is_not() -> None:
    with client(lambda _: refusal(409, 60, "Affiliation already exists")) as ca:
        Registrar(ca, CALLER).add_affiliation("m-1")
    with (
        client(lambda _: refusal(403, 71, "Authorization failure")) as ca,
        pytest.raises(CaError, match="Authorization failure"),
    ):
        Registrar(ca, CALLER).add_affiliation("m-1")


def test_an_answer_that_is_no_json_is_a_refusal() -> None:
    with (
        client(lambda _: httpx2.Response(502, text="<html>")) as ca,
        pytest.raises(CaError, match="answered 502 without a result"),
    ):
        ca.enroll("alice", "s")


def enrolling(certificates: list[Credential]) -> Answer:
    """Answers each enrollment with the next of the certificates."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        return success({"Cert": base64.b64encode(certificates.pop(0).certificate).decode()})

    return answer


def test_the_registrar_enrolls_once_until_its_certificate_is_nearly_over(tmp_path: Path) -> None:
    file = tmp_path / "m-1" / "registrar.pem"
    late = NOW + timedelta(days=730) - RENEWAL
    certificates = [issue(AUTHORITY, "hansa-service", moment) for moment in (NOW, late)]
    with client(enrolling(certificates)) as ca:
        open_registrar(ca, file, "secret", NOW)
        first = file.read_bytes()
        open_registrar(ca, file, "secret", late - timedelta(days=1))
        assert file.read_bytes() == first
        open_registrar(ca, file, "secret", late + timedelta(seconds=1))
        assert file.read_bytes() != first
    assert certificates == []
