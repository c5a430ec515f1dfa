"""Identities through the API alone: registered, enrolled with one's own key, revoked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.e2e.installation import HANSA, Installation
from tests.e2e.network import Network, create_network, refused

from hansa.fabric.msp import msp_files
from hansa.fabric.pki import Credential, key_pem

pytestmark = [pytest.mark.fabric, pytest.mark.slow]


@dataclass(frozen=True)
class Scene:
    """A network with a channel ``trade``; ``fabric`` is the client of hansafabric."""

    network: Network
    fabric: Any

    def await_done(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The operation, which has to succeed."""
        operation_id = answer["OperationId"]
        self.fabric.get_waiter("operation_succeeded").wait(
            OperationId=operation_id, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600}
        )
        found: dict[str, Any] = self.fabric.get_operation(OperationId=operation_id)["Operation"]
        return found

    def register(self, name: str, **more: Any) -> str:
        keys = self.network.member_keys
        return str(self.fabric.register_identity(**keys, Name=name, **more)["Secret"])

    def enroll(self, name: str, secret: str) -> tuple[x509.Certificate, dict[str, str]]:
        """The certificate, and the environment in which Fabric's tools sign with it."""
        key = ec.generate_private_key(ec.SECP256R1())
        answer = self.fabric.enroll_identity(
            **self.network.member_keys, Name=name, Secret=secret,
            CertificateSigningRequest=signing_request(name, key),
        )  # fmt: skip
        assert answer["MspId"] == self.network.member_id
        tls = Path(self.network.environment["TLS_CHAIN"]).read_bytes()
        identity = Credential(answer["Certificate"].encode(), key_pem(key))
        certificate = x509.load_pem_x509_certificate(identity.certificate)
        home = self.network.home / f"msp-{certificate.serial_number}"
        for path, content in msp_files(answer["CaChain"].encode(), tls, identity).items():
            (home / path).parent.mkdir(parents=True, exist_ok=True)
            (home / path).write_bytes(content)
        return certificate, {"CORE_PEER_MSPCONFIGPATH": str(home)}

    def look(self, channel: str, environment: dict[str, str]) -> str:
        """What the peer tells this identity of the channel, or why it does not."""
        told = self.network.attempt("peer", "channel", "getinfo", "-c", channel, **environment)
        return told.stdout + told.stderr


def signing_request(name: str, key: ec.EllipticCurvePrivateKey) -> str:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject)
    return request.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture(scope="module")
def scene(service: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    network = create_network(service, tmp_path_factory.mktemp("identities"))
    scene = Scene(network, service.client("hansafabric"))
    scene.await_done(scene.fabric.create_channel(**network.member_keys, Name="trade"))
    yield scene
    network.delete()


def units(certificate: x509.Certificate) -> list[str]:
    found = certificate.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATIONAL_UNIT_NAME)
    return [str(unit.value) for unit in found]


def test_an_identity_is_registered_enrolled_and_used(scene: Scene) -> None:
    attributes = [{"Name": "role", "Value": "auditor", "InCertificate": True}]
    name = "clerk@example.com"
    secret = scene.register(name, Attributes=attributes, MaxEnrollments=1)
    certificate, environment = scene.enroll(name, secret)
    assert units(certificate) == ["client", scene.network.member_id]
    (carried,) = [
        extension.value.value
        for extension in certificate.extensions
        if isinstance(extension.value, x509.UnrecognizedExtension)
    ]
    assert b'"role":"auditor"' in carried
    assert "Blockchain info" in scene.look("trade", environment)
    again = "MaxEnrollments"
    assert again in refused(
        scene.fabric.enroll_identity, "IllegalActionException", **scene.network.member_keys,
        Name=name, Secret=secret,
        CertificateSigningRequest=signing_request(name, ec.generate_private_key(ec.SECP256R1())),
    )  # fmt: skip
    pages = scene.fabric.get_paginator("list_identities").paginate(
        **scene.network.member_keys, PaginationConfig={"PageSize": 1}
    )
    listed = {one["Name"]: one for page in pages for one in page["Identities"]}
    assert set(listed) == {"AdminUser", name}
    assert listed[name]["Attributes"] == attributes
    assert (listed[name]["Type"], listed[name]["MaxEnrollments"]) == ("client", 1)


def test_an_administrator_is_one_at_once(scene: Scene) -> None:
    certificate, environment = scene.enroll("chief", scene.register("chief", Type="admin"))
    assert units(certificate) == ["admin", scene.network.member_id]
    done = scene.network.attempt(
        *("peer", "lifecycle", "chaincode", "queryinstalled"), **environment
    )
    assert done.returncode == 0, done.stderr


def test_the_command_makes_what_peer_can_use(
    scene: Scene, service: Installation, tmp_path: Path
) -> None:
    member = ("--network", scene.network.network_id, "--member", scene.network.member_id)
    attribute = ("--attribute", "desk=7:ecert")
    secret = service.hansa_json("identity", "register", "cashier", *attribute, *member)["Secret"]
    msp = tmp_path / "cashier-msp"
    enroll = ("identity", "enroll", "cashier", "--msp", str(msp), *member)
    assert secret not in service.hansa(*enroll, HANSA_IDENTITY_SECRET=secret)
    environment = {"CORE_PEER_MSPCONFIGPATH": str(msp)}
    assert "Blockchain info" in scene.look("trade", environment)
    assert "refused" in refusal(service, *enroll, HANSA_IDENTITY_SECRET="a-wrong-secret")
    listed = {one["Name"]: one for one in service.hansa_json("identity", "list", *member)}
    assert listed["cashier"]["Attributes"][0]["Name"] == "desk"
    assert "is revoked" in service.hansa("identity", "revoke", "cashier", *member)
    assert "access denied" in scene.look("trade", environment)


def refusal(service: Installation, *arguments: str, **variables: str) -> str:
    """What a command that fails writes to stderr."""
    done = service.run([str(HANSA), *arguments], variables)
    assert done.returncode == 1
    return done.stderr


def test_who_is_revoked_is_refused_at_once(scene: Scene) -> None:
    keys, secret = scene.network.member_keys, scene.register("leaver", Type="admin")
    _, first = scene.enroll("leaver", secret)
    _, second = scene.enroll("leaver", secret)
    _, other = scene.enroll("stayer", scene.register("stayer"))
    assert "Blockchain info" in scene.look("trade", first)
    done = scene.await_done(scene.fabric.revoke_identity(**keys, Name="leaver"))
    assert (done["Subject"], {step["Status"] for step in done["Steps"]}) == ("leaver", {"DONE"})
    assert done["Steps"][2]["Detail"] == "trade"
    for environment in (first, second):
        assert "access denied" in scene.look("trade", environment)
    assert "Blockchain info" in scene.look("trade", other)
    # A channel that is made afterwards refuses it, too, and so does the ordering service.
    scene.await_done(scene.fabric.create_channel(**keys, Name="later"))
    assert "access denied" in scene.look("later", first)
    assert "Blockchain info" in scene.look("later", other)
    fetch = ("peer", "channel", "fetch", "newest", "block", "-c", "trade", *scene.network.orderer)
    assert scene.network.attempt(*fetch, **other).returncode == 0
    assert "FORBIDDEN" in scene.network.attempt(*fetch, **first).stderr
    again = scene.await_done(scene.fabric.revoke_identity(**keys, Name="leaver"))
    assert {step["Detail"] for step in again["Steps"][1:3]} == {"It was there"}
    assert "revoked" in refused(
        scene.fabric.enroll_identity, "IllegalActionException", **keys, Name="leaver",
        Secret=secret, CertificateSigningRequest=signing_request(
            "leaver", ec.generate_private_key(ec.SECP256R1())
        ),
    )  # fmt: skip
    listed = scene.fabric.list_identities(**keys)["Identities"]
    status = {one["Name"]: one["Status"] for one in listed}
    assert (status["leaver"], status["stayer"]) == ("REVOKED", "ACTIVE")


@pytest.mark.parametrize(
    ("call", "code", "more"),
    [
        ("register", "ResourceAlreadyExistsException", {"Name": "AdminUser"}),
        ("register", "InvalidRequestException", {"Name": "app", "Type": "orderer"}),
        ("register", "InvalidRequestException", {"Name": "a:b"}),
        ("register", "InvalidRequestException", {"Name": "app", "Secret": "two words of it"}),
        ("register", "ResourceNotFoundException", {"Name": "app", "MemberId": "m-" + "Z" * 26}),
        (
            "register",
            "IllegalActionException",
            {"Name": "app", "Attributes": [{"Name": "hf.Unknown", "Value": "x"}]},
        ),
        ("enroll", "ResourceNotFoundException", {"Name": "nobody"}),
        ("enroll", "IllegalActionException", {"Name": "AdminUser"}),
        ("revoke", "ResourceNotFoundException", {"Name": "nobody"}),
        ("revoke", "ResourceNotFoundException", {"Name": "hansa-service"}),
    ],
)
def test_bad_input_is_told(scene: Scene, call: str, code: str, more: dict[str, Any]) -> None:
    asked: dict[str, Any] = {**scene.network.member_keys, **more}
    if call == "enroll":
        key = ec.generate_private_key(ec.SECP256R1())
        asked["CertificateSigningRequest"] = signing_request(more["Name"], key)
        asked["Secret"] = "a-wrong-secret"
    act: Callable[..., Any] = getattr(scene.fabric, f"{call}_identity")
    assert "a-wrong-secret" not in refused(act, code, **asked)


def test_no_secret_is_kept_or_logged(scene: Scene, service: Installation) -> None:
    secret = scene.register("quiet", Secret="a-secret-to-look-for")
    scene.enroll("quiet", secret)
    for file in service.data_dir.rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes(), file
