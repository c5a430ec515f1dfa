"""`hansa identity` over a client that certifies in memory."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509

from hansa.cli.main import run
from hansa.client import api as client_api
from hansa.client.identities import write_msp
from hansa.fabric.pki import issue, load_key, make_authority

NOW = datetime(2026, 11, 21, tzinfo=UTC)
AUTHORITY = make_authority("ca", NOW)
SECRET = "a-secret-of-a-test"
KEYS = {"NetworkId": "n-1", "MemberId": "m-1"}
Hansa = Callable[..., Any]


class Fabric:
    """Keeps what it was sent."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def register_identity(self, **sent: Any) -> Any:
        self.sent.append(sent)
        return {"Name": sent["Name"], "Secret": sent.get("Secret", SECRET), "Arn": "arn"}

    def enroll_identity(self, **sent: Any) -> Any:
        self.sent.append(sent)
        request = x509.load_pem_x509_csr(sent["CertificateSigningRequest"].encode())
        assert request.is_signature_valid
        certificate = issue(AUTHORITY, sent["Name"], NOW, "client").certificate.decode()
        return {"Certificate": certificate, "CaChain": AUTHORITY.certificate.decode()}

    def revoke_identity(self, **sent: Any) -> Any:
        self.sent.append(sent)
        return {"OperationId": "op-1"}

    def get_operation(self, **_: Any) -> Any:
        step = {"Name": "Revoke it", "Status": "DONE", "Detail": ""}
        return {"Operation": {"Id": "op-1", "Status": "SUCCEEDED", "Steps": [step]}}

    def list_identities(self, **_: Any) -> Any:
        attributes = [{"Name": "role", "Value": "auditor"}]
        clerk = {"Name": "clerk", "Type": "client", "Status": "ACTIVE", "Attributes": attributes}
        return {"Identities": [clerk, {**clerk, "Name": "chief", "MaxEnrollments": 1}]}


@pytest.fixture
def fabric(monkeypatch: pytest.MonkeyPatch) -> Fabric:
    made = Fabric()
    monkeypatch.setattr(client_api, "managedblockchain", lambda _: None)
    monkeypatch.setattr(client_api, "hansafabric", lambda _: made)
    facts = SimpleNamespace(network_id="n-1", member_id="m-1")
    monkeypatch.setattr(client_api, "find_member", lambda *_: facts)
    monkeypatch.delenv("HANSA_IDENTITY_SECRET", raising=False)
    return made


@pytest.fixture
def hansa(fabric: Fabric, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Hansa:
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls/managedblockchain-tls-chain.pem").write_bytes(AUTHORITY.certificate)

    def call(*arguments: str, code: int = 0) -> Any:
        assert run(["--data-dir", str(tmp_path), "identity", *arguments]) == code
        return capsys.readouterr()

    return call


def test_an_identity_is_registered_with_a_secret_that_is_told_once(
    hansa: Hansa, fabric: Fabric
) -> None:
    attributes = ("--attribute", "role=auditor:ecert", "--attribute", "desk=7")
    done = hansa("register", "clerk", *attributes, "--max-enrollments", "1")
    assert SECRET in done.out
    assert "hansa identity enroll clerk" in done.out
    (sent,) = fabric.sent
    assert sent == {
        **KEYS,
        "Name": "clerk",
        "Type": "client",
        "MaxEnrollments": 1,
        "Attributes": [
            {"Name": "role", "Value": "auditor", "InCertificate": True},
            {"Name": "desk", "Value": "7", "InCertificate": False},
        ],
    }
    assert "Write NAME=VALUE" in hansa("register", "clerk", "--attribute", "x", code=1).err


def test_a_secret_comes_from_the_environment_or_from_stdin(
    hansa: Hansa, fabric: Fabric, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANSA_IDENTITY_SECRET", SECRET)
    told = hansa("register", "chief", "--type", "admin", "--json").out
    assert json.loads(told) == {"Name": "chief", "Secret": SECRET, "Arn": "arn"}
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"another-secret\n")))
    hansa("register", "clerk", "--secret-file", "-")
    assert [sent["Secret"] for sent in fabric.sent] == [SECRET, "another-secret"]


def test_enrolling_makes_a_key_and_a_directory_of_ones_own(
    hansa: Hansa, fabric: Fabric, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANSA_IDENTITY_SECRET", SECRET)
    done = hansa("enroll", "clerk@example.com")
    msp = tmp_path / "clients/fabric/m-1/identities/clerk@example.com/msp"
    assert f"export CORE_PEER_MSPCONFIGPATH={msp}" in done.out
    assert SECRET not in done.out + done.err
    key = (msp / "keystore/key.pem").read_bytes()
    assert load_key(key)
    assert key.decode() not in str(fabric.sent)
    assert all(
        path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)
        for path in (msp, *msp.rglob("*"))
    )
    assert (msp / "tlscacerts/tls.pem").read_bytes() == AUTHORITY.certificate
    assert b"NodeOUs" in (msp / "config.yaml").read_bytes()
    # Another certificate takes the place of the first, and nothing else is left.
    hansa("enroll", "clerk@example.com")
    assert (msp / "keystore/key.pem").read_bytes() != key
    assert [*msp.parent.iterdir()] == [msp]


def test_a_directory_is_replaced_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "msp"
    write_msp(target, {"keystore/key.pem": b"old"})
    with pytest.raises(TypeError):
        write_msp(target, {"keystore/key.pem": b"new", "config.yaml": None})  # type: ignore[dict-item]
    assert (target / "keystore/key.pem").read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [target]


def test_an_identity_is_revoked_and_all_are_listed(hansa: Hansa, fabric: Fabric) -> None:
    assert "Identity clerk is revoked" in hansa("revoke", "clerk").out
    assert fabric.sent == [{**KEYS, "Name": "clerk"}]
    head, clerk, chief = hansa("list").out.splitlines()
    assert head.split() == ["IDENTITY", "TYPE", "STATUS", "ATTRIBUTES", "ENROLLMENTS"]
    assert clerk.split()[:4] == ["clerk", "client", "ACTIVE", "role=auditor"]
    assert chief.split()[-1] == "1"
