"""MSP directories: an identity with the authorities it is judged by, as Fabric's programs read it.

The four NodeOUs are on: the organizational unit of a certificate says whether it is a client, a
peer, an administrator or an orderer, so a new administrator is one everywhere at once.
"""

from __future__ import annotations

from typing import Any

import yaml

from hansa.fabric.pki import Credential

CA_FILE = "cacerts/ca.pem"
CERTIFICATE_FILE = "signcerts/cert.pem"
KEY_FILE = "keystore/key.pem"
TLS_CA_FILE = "tlscacerts/tls.pem"
ROLES = ("client", "peer", "admin", "orderer")


def msp_files(authority_pem: bytes, tls_root_pem: bytes, identity: Credential) -> dict[str, bytes]:
    """The files of the MSP directory of ``identity``, a certificate of the authority."""
    return {
        CA_FILE: authority_pem,
        TLS_CA_FILE: tls_root_pem,
        CERTIFICATE_FILE: identity.certificate,
        KEY_FILE: identity.key,
        "config.yaml": yaml.safe_dump(node_units()).encode(),
    }


def node_units() -> dict[str, Any]:
    """``config.yaml`` of an MSP directory: the units that tell roles apart."""
    units: dict[str, Any] = {"Enable": True}
    for role in ROLES:
        units[f"{role.capitalize()}OUIdentifier"] = {
            "Certificate": CA_FILE,
            "OrganizationalUnitIdentifier": role,
        }
    return {"NodeOUs": units}
