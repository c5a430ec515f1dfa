"""The attribute hf.Admin, and organizational units that NodeOUs accept, in the engine's CA."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from tests.ports import free_port

from hansa.engine import Engine, locate_engine

pytestmark = pytest.mark.fabric

MEMBER = "m-BBBBBBBBBBBBBBBBBBBBBBBBBB"
REGISTRAR = {
    "hf.Registrar.Roles": "*",
    "hf.Registrar.DelegateRoles": "*",
    "hf.Registrar.Attributes": "*",
    "hf.Revoker": True,
    "hf.AffiliationMgr": True,
}


@dataclass
class Authority:
    """A running fabric-ca-server and the identities enrolled with it."""

    engine: Engine
    directory: Path
    port: int

    def client(self, identity: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.engine.binary("fabric-ca-client"), *arguments],
            env={"FABRIC_CA_CLIENT_HOME": str(self.directory / identity), "PATH": os.defpath},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def enroll(self, name: str, password: str) -> list[str]:
        """The certificate's organizational units."""
        url = f"http://{name}:{password}@127.0.0.1:{self.port}"
        done = self.client(name, "enroll", "-u", url)
        assert done.returncode == 0, done.stderr
        pem = (self.directory / name / "msp" / "signcerts" / "cert.pem").read_bytes()
        subject = x509.load_pem_x509_certificate(pem).subject
        units = subject.get_attributes_for_oid(x509.NameOID.ORGANIZATIONAL_UNIT_NAME)
        return [str(unit.value) for unit in units]

    def register(
        self, registrar: str, name: str, *arguments: str
    ) -> subprocess.CompletedProcess[str]:
        return self.client(
            registrar, "register", "--id.name", name, "--id.secret", "pw", *arguments
        )


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    engine = locate_engine(os.environ)
    if engine.kind != "built":
        pytest.skip("HANSA_ENGINE names programs without hf.Admin")
    directory = tmp_path_factory.mktemp("ca")
    port = free_port()
    identities = [
        {"name": "admin", "pass": "pw", "type": "admin", "attrs": {**REGISTRAR, "hf.Admin": True}},
        {"name": "lesser", "pass": "pw", "type": "admin", "attrs": REGISTRAR},
    ]
    config = {
        "port": port,
        "address": "127.0.0.1",
        "ca": {"name": MEMBER},
        "registry": {"maxenrollments": -1, "identities": identities},
        "db": {"type": "sqlite3", "datasource": "ca.db"},
        "operations": {"listenAddress": "127.0.0.1:0"},
    }
    (directory / "fabric-ca-server-config.yaml").write_text(yaml.safe_dump(config))
    server = subprocess.Popen(
        [engine.binary("fabric-ca-server"), "start"],
        env={"FABRIC_CA_HOME": str(directory), "PATH": os.defpath},
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with server:
        try:
            assert server.stdout
            said = []
            for line in server.stdout:
                said.append(line)
                if "Listening on http" in line:
                    break
            else:
                pytest.fail("".join(said))
            authority = Authority(engine, directory, port)
            authority.enroll("admin", "pw")
            added = authority.client("admin", "affiliation", "add", MEMBER)
            assert added.returncode == 0, added.stderr
            yield authority
        finally:
            server.terminate()


def test_the_guides_register_command_makes_an_administrator(authority: Authority) -> None:
    attributes = "hf.Registrar.Roles=client,hf.Admin=true"
    done = authority.register(
        "admin", "user1", "--id.type", "user", "--id.affiliation", MEMBER, "--id.attrs", attributes
    )
    assert done.returncode == 0, done.stderr
    assert authority.enroll("user1", "pw") == ["admin", MEMBER]


@pytest.mark.parametrize(
    ("kind", "unit"),
    [("user", "client"), ("client", "client"), ("peer", "peer")],
)
def test_a_type_gives_a_unit_that_node_ous_accept(
    authority: Authority, kind: str, unit: str
) -> None:
    name = f"of-type-{kind}"
    done = authority.register("admin", name, "--id.type", kind, "--id.affiliation", MEMBER)
    assert done.returncode == 0, done.stderr
    assert authority.enroll(name, "pw") == [unit, MEMBER]


def test_hf_admin_false_makes_no_administrator(authority: Authority) -> None:
    done = authority.register(
        "admin", "not-admin", "--id.type", "user", "--id.attrs", "hf.Admin=false"
    )
    assert done.returncode == 0, done.stderr
    assert authority.enroll("not-admin", "pw") == ["client"]


def test_who_is_no_administrator_cannot_make_one(authority: Authority) -> None:
    authority.enroll("lesser", "pw")
    done = authority.register(
        "lesser", "upstart", "--id.type", "user", "--id.attrs", "hf.Admin=true"
    )
    assert done.returncode != 0
    assert "Authorization failure" in done.stderr


def test_another_reserved_attribute_is_still_refused(authority: Authority) -> None:
    done = authority.register(
        "admin", "unknown", "--id.type", "user", "--id.attrs", "hf.Unknown=true"
    )
    assert done.returncode != 0
    assert "Authorization failure" in done.stderr
