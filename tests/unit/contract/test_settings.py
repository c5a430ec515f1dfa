"""What a chaincode takes from its options and its environment."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from hansa_contract.settings import SettingsError, client_settings, server_settings

CLIENT = {"CORE_CHAINCODE_ID_NAME": "a:1", "CORE_PEER_ADDRESS": "peer:1"}
SERVER = {"CHAINCODE_SERVER_ADDRESS": "0.0.0.0:9", "CHAINCODE_ID": "a:1"}


@pytest.fixture
def pem(tmp_path: Path) -> dict[str, str]:
    """A file for each part, with its name as content; the last two in base64."""
    for name in ("root", "cert", "key"):
        (tmp_path / name).write_text(name)
        (tmp_path / f"{name}64").write_bytes(base64.b64encode(name.encode()))
    return {file.name: str(file) for file in tmp_path.iterdir()}


def test_without_tls() -> None:
    settings = client_settings(CLIENT)
    assert (settings.peer_address, settings.chaincode_id, settings.tls) == ("peer:1", "a:1", None)
    assert settings.threads == 0
    assert client_settings({**CLIENT, "CHAINCODE_THREADS": "8"}, "other:2").threads == 8
    assert client_settings(CLIENT, "other:2", "b:2").peer_address == "other:2"


@pytest.mark.parametrize("form", ["FILE", "PATH"])
def test_a_peers_files_are_plain_or_in_base64(pem: dict[str, str], form: str) -> None:
    suffix = "64" if form == "PATH" else ""
    settings = client_settings(
        {
            **CLIENT,
            "CORE_PEER_TLS_ENABLED": "true",
            "CORE_PEER_TLS_ROOTCERT_FILE": pem["root"],
            f"CORE_TLS_CLIENT_CERT_{form}": pem[f"cert{suffix}"],
            f"CORE_TLS_CLIENT_KEY_{form}": pem[f"key{suffix}"],
        }
    )
    assert settings.tls is not None
    assert (settings.tls.root, settings.tls.certificate) == (b"root", b"cert")
    assert settings.tls.key == b"key"
    assert "key" not in repr(settings.tls)


def test_a_service_has_tls_where_it_has_a_certificate(pem: dict[str, str]) -> None:
    assert server_settings(SERVER).tls is None
    files = {"CHAINCODE_TLS_CERT": pem["cert"], "CHAINCODE_TLS_KEY": pem["key"]}
    tls = server_settings({**SERVER, **files}).tls
    assert tls is not None
    assert (tls.certificate, tls.key, tls.root) == (b"cert", b"key", None)
    tls = server_settings({**SERVER, **files, "CHAINCODE_CLIENT_CA_CERT": pem["root"]}).tls
    assert tls is not None
    assert tls.root == b"root"
    assert server_settings({**SERVER, **files, "CHAINCODE_TLS_DISABLED": "true"}).tls is None


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"CORE_CHAINCODE_ID_NAME": ""}, "CORE_CHAINCODE_ID_NAME is not set"),
        ({"CORE_PEER_ADDRESS": ""}, "--peer.address is not given"),
        ({"CHAINCODE_THREADS": "many"}, "must be a number, 0 for none"),
        ({"CORE_PEER_TLS_ENABLED": "true"}, "CORE_TLS_CLIENT_CERT_PATH"),
        (
            {"CORE_PEER_TLS_ENABLED": "1", "CORE_PEER_TLS_ROOTCERT_FILE": "/no/such"},
            "CORE_TLS_CLIENT_CERT_FILE",
        ),
        (
            {
                "CORE_PEER_TLS_ENABLED": "1",
                "CORE_PEER_TLS_ROOTCERT_FILE": "/no/such",
                "CORE_TLS_CLIENT_CERT_FILE": "/no/such",
            },
            "/no/such cannot be read: No such file",
        ),
    ],
)
def test_what_is_missing_is_named(change: dict[str, str], text: str) -> None:
    environment = {
        **CLIENT,
        "CORE_PEER_TLS_ROOTCERT_FILE": "/ca.pem",
        **change,
    }
    with pytest.raises(SettingsError) as caught:
        client_settings(environment)
    assert text in str(caught.value)


def test_half_a_pair_is_refused(pem: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="both"):
        server_settings({**SERVER, "CHAINCODE_TLS_CERT": pem["cert"]})
