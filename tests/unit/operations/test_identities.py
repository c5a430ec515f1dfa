"""Identities over fake authorities: who may be registered, and what is signed for whom."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from tests.unit.operations.fabric_scene import KilledError, Scene
from tests.unit.operations.installation import BOB, Installation

from hansa.domain.errors import (
    IllegalActionError,
    InvalidRequestError,
    ResourceAlreadyExistsError,
    ResourceNotFoundError,
    ResourceNotReadyError,
)
from hansa.domain.lifecycle import Kind, Status
from hansa.fabric.ca_config import REGISTRAR_NAME
from hansa.fabric.fake_ledgers import FakeLedgers
from hansa.fabric.genesis import SYSTEM_CHANNEL
from hansa.reconcile import identity_plans
from hansa.wire.model import load_hansafabric, sensitive_members

REVOKED_EVERYWHERE = ["revoke app", f"publish in {SYSTEM_CHANNEL}", "publish in trade"]


def signing_request(name: str, key: Any = None) -> str:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    signed = builder.sign(key or ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def test_an_identity_is_registered_enrolled_and_listed(scene: Scene) -> None:
    attributes = [
        {"Name": "role", "Value": "auditor", "InCertificate": True},
        {"Name": "desk", "Value": "7"},
    ]
    answer = scene.call(
        "register_identity", **scene.keys, Name="app", Attributes=attributes, MaxEnrollments=1
    )
    assert answer["Arn"].endswith(f":111111111111:identities/{scene.member_id}/app")
    assert len(answer["Secret"]) == 24
    registration = scene.authorities.registered[scene.member_id, "app"]
    assert (registration.type, registration.affiliation) == ("client", scene.member_id)
    assert registration.enrolled == {"role"}
    enroll = partial(
        scene.call, "enroll_identity", **scene.keys, Name="app",
        CertificateSigningRequest=signing_request("app"),
    )  # fmt: skip
    with pytest.raises(IllegalActionError, match="not the one that it was registered with"):
        enroll(Secret="another-secret")
    enrolled = enroll(Secret=answer["Secret"])
    assert enrolled["MspId"] == scene.member_id
    assert "BEGIN CERTIFICATE REQUEST" in enrolled["Certificate"]
    with pytest.raises(IllegalActionError, match="MaxEnrollments"):
        enroll(Secret=answer["Secret"])
    (listed,) = scene.call("list_identities", **scene.keys)["Identities"]
    assert (listed["Name"], listed["Type"], listed["MaxEnrollments"]) == ("app", "client", 1)
    assert [(one["Name"], one["InCertificate"]) for one in listed["Attributes"]] == [
        ("desk", False), ("role", True),
    ]  # fmt: skip


def test_a_secret_of_the_callers_choice_is_used(scene: Scene) -> None:
    scene.call("register_identity", **scene.keys, Name="boss", Type="admin", Secret="my-own-secret")
    registration = scene.authorities.registered[scene.member_id, "boss"]
    assert (registration.type, registration.secret) == ("admin", "my-own-secret")
    (listed,) = scene.call("list_identities", **scene.keys)["Identities"]
    assert listed["MaxEnrollments"] is None


def test_the_model_marks_secrets() -> None:
    assert "Secret" in sensitive_members(load_hansafabric())


def test_lists_have_pages(scene: Scene) -> None:
    for name in ("c", "a", "b"):
        scene.call("register_identity", **scene.keys, Name=name)
    read = partial(scene.call, "list_identities", ClientRequestToken="", **scene.keys, MaxResults=2)
    first = read()
    rest = read(NextToken=first["NextToken"])
    pages = [[one["Name"] for one in page["Identities"]] for page in (first, rest)]
    assert pages == [["a", "b"], ["c"]]
    assert rest["NextToken"] is None


def test_a_name_is_registered_once(scene: Scene) -> None:
    register = partial(scene.call, "register_identity", **scene.keys)
    register(Name="app")
    for name in ("app", REGISTRAR_NAME):
        with pytest.raises(ResourceAlreadyExistsError, match="choose another name"):
            register(Name=name)


@pytest.mark.parametrize(
    ("attributes", "says"),
    [
        ([{"Name": "a", "Value": "1"}, {"Name": "a", "Value": "2"}], "a more than once"),
        ([{"Name": "hf.Type", "Value": "admin"}], "hf.Type, which the certificate authority"),
    ],
)
def test_attributes_that_cannot_be(scene: Scene, attributes: Any, says: str) -> None:
    with pytest.raises(InvalidRequestError, match=says):
        scene.call("register_identity", **scene.keys, Name="app", Attributes=attributes)
    assert scene.authorities.registered == {}


def _unsigned(name: str) -> str:
    """A request whose signature is of another key."""
    pem = signing_request(name)
    der = bytearray(x509.load_pem_x509_csr(pem.encode()).public_bytes(serialization.Encoding.DER))
    der[-1] ^= 1
    broken = x509.load_der_x509_csr(bytes(der))
    return broken.public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.parametrize(
    ("request_pem", "says"),
    [
        ("garbage", "not a PKCS #10 request"),
        ("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----", "PKCS"),
        (signing_request("other"), "to have app, the identity, as its common name"),
        (signing_request("app", ec.generate_private_key(ec.SECP384R1())), "P-256"),
        (signing_request("app", rsa.generate_private_key(65537, 2048)), "P-256"),
        (_unsigned("app"), "not signed with the key that it names"),
    ],
)
def test_requests_that_are_not_signed(scene: Scene, request_pem: str, says: str) -> None:
    secret = scene.call("register_identity", **scene.keys, Name="app")["Secret"]
    with pytest.raises(InvalidRequestError, match=says):
        scene.call(
            "enroll_identity", **scene.keys, Name="app", Secret=secret,
            CertificateSigningRequest=request_pem,
        )  # fmt: skip
    assert scene.authorities.enrollments == {}


@pytest.mark.parametrize("name", ["nobody", REGISTRAR_NAME])
def test_an_unknown_identity_is_not_found(scene: Scene, name: str) -> None:
    request = signing_request(name)
    with pytest.raises(ResourceNotFoundError, match=f"Identity {name} was not found"):
        scene.call(
            "enroll_identity", **scene.keys, Name=name, Secret="whatever-it-is",
            CertificateSigningRequest=request,
        )  # fmt: skip


def test_members_of_others_are_not_found(scene: Scene) -> None:
    for name, request in (
        ("register_identity", {"Name": "app"}),
        ("list_identities", {}),
        (
            "enroll_identity",
            {
                "Name": "app",
                "Secret": "whatever-it-is",
                "CertificateSigningRequest": signing_request("app"),
            },
        ),
    ):
        with pytest.raises(ResourceNotFoundError):
            scene.call(name, BOB, **scene.keys, **request)


def test_an_authority_that_does_not_serve_yet_or_now(scene: Scene) -> None:
    scene.fault = "read"
    with pytest.raises(ResourceNotReadyError, match="Try again"):
        scene.call("list_identities", **scene.keys)
    scene.installation.become(Kind.MEMBER, scene.member_id, Status.DELETING)
    with pytest.raises(ResourceNotReadyError, match="DELETING"):
        scene.call("list_identities", **scene.keys)


def _revocation(scene: Scene) -> Any:
    """A channel, and an identity that is revoked whenever the service may be killed."""
    requests: list[tuple[str, dict[str, Any]]] = [
        ("create_channel", {**scene.keys, "Name": "trade", "ClientRequestToken": "a"}),
        ("revoke_identity", {**scene.keys, "Name": "app", "ClientRequestToken": "b"}),
    ]
    for name, request in requests:
        answer = insist(partial(scene.call, name, **request))
        insist(scene.perform)
    return scene.operation(answer)


def insist(act: Any) -> Any:
    try:
        return act()
    except KilledError:
        return act()


def test_an_identity_is_revoked_everywhere(scene: Scene) -> None:
    secret = scene.call("register_identity", **scene.keys, Name="app")["Secret"]
    scene.call("register_identity", **scene.keys, Name="other")
    operation = _revocation(scene)
    assert operation["Status"] == "SUCCEEDED"
    assert [step["Name"] for step in operation["Steps"]] == [
        "Revoke identity app",
        "Tell the consortium",
        "Tell the channels",
        f"Await node {scene.node_id}",
    ]
    assert operation["Steps"][2]["Detail"] == "trade"
    assert scene.authorities.acts == REVOKED_EVERYWHERE
    listed = scene.call("list_identities", **scene.keys)["Identities"]
    assert [(one["Name"], one["Status"]) for one in listed] == [
        ("app", "REVOKED"), ("other", "ACTIVE"),
    ]  # fmt: skip
    with pytest.raises(IllegalActionError, match="revoked"):
        scene.call(
            "enroll_identity", **scene.keys, Name="app", Secret=secret,
            CertificateSigningRequest=signing_request("app"),
        )  # fmt: skip
    again = scene.call("revoke_identity", **scene.keys, Name="app")
    scene.perform()
    assert scene.operation(again)["Status"] == "SUCCEEDED"
    assert scene.authorities.acts == REVOKED_EVERYWHERE


@pytest.mark.slow
def test_killed_at_every_point_a_revocation_comes_to_its_end(tmp_path: Path) -> None:
    whole = _registered(tmp_path / "whole")
    _revocation(whole)
    for point in range(1, whole.passed + 1):
        scene = _registered(tmp_path / str(point))
        scene.kill_at = point
        assert _revocation(scene)["Status"] == "SUCCEEDED", point
        assert scene.authorities.acts == REVOKED_EVERYWHERE, point
    assert whole.passed >= 15


def _registered(directory: Path) -> Scene:
    directory.mkdir()
    scene = Scene(Installation(directory))
    scene.call("register_identity", **scene.keys, Name="app")
    scene.passed = 0
    return scene


def test_a_node_that_lags_is_waited_for(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity_plans, "_LOOKS_MAX", 2)
    scene.call("register_identity", **scene.keys, Name="app")
    scene.create_channel()
    answer = scene.call("revoke_identity", **scene.keys, Name="app")
    with monkeypatch.context() as lagging:
        lagging.setattr(FakeLedgers, "joined_channels", lambda *_: {"trade": 0})
        scene.perform()
    operation = scene.operation(answer)
    assert operation["Status"] == "IN_PROGRESS"
    assert "newest blocks" in operation["Steps"][3]["Detail"]
    scene.installation.now += timedelta(seconds=30)
    scene.perform()
    assert scene.operation(answer)["Status"] == "SUCCEEDED"


@pytest.mark.parametrize("name", ["nobody", REGISTRAR_NAME])
def test_who_is_unknown_is_not_revoked(scene: Scene, name: str) -> None:
    with pytest.raises(ResourceNotFoundError, match=f"Identity {name} was not found"):
        scene.call("revoke_identity", **scene.keys, Name=name)
    scene.call("register_identity", **scene.keys, Name="app")
    with pytest.raises(ResourceNotFoundError, match="Network"):
        scene.call("revoke_identity", BOB, **scene.keys, Name="app")
