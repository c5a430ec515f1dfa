from __future__ import annotations

import yaml

from hansa.fabric.msp import msp_files
from hansa.fabric.pki import Credential


def test_an_msp_directory_holds_identity_authorities_and_roles() -> None:
    files = msp_files(b"CA", b"TLS", Credential(b"CERT", b"KEY"))
    config = yaml.safe_load(files.pop("config.yaml"))
    assert files == {
        "cacerts/ca.pem": b"CA",
        "tlscacerts/tls.pem": b"TLS",
        "signcerts/cert.pem": b"CERT",
        "keystore/key.pem": b"KEY",
    }

    def unit(role: str) -> dict[str, str]:
        return {"Certificate": "cacerts/ca.pem", "OrganizationalUnitIdentifier": role}

    assert config == {
        "NodeOUs": {
            "Enable": True,
            "ClientOUIdentifier": unit("client"),
            "PeerOUIdentifier": unit("peer"),
            "AdminOUIdentifier": unit("admin"),
            "OrdererOUIdentifier": unit("orderer"),
        }
    }
