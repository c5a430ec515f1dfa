"""A member's CA server configuration, ``fabric-ca-server-config.yaml``, as a value."""

from __future__ import annotations

from typing import Any

import yaml

from hansa.domain.workload import Place
from hansa.fabric.addresses import operations_address

REGISTRAR_NAME = "hansa-service"
"""The service's own identity in every member's CA."""

_YEAR = 8760  # hours


def ca_yaml(
    place: Place,
    member_id: str,
    service_port: int,
    operations_port: int,
    bootstrap: dict[str, str],
) -> bytes:
    """The configuration of ``member_id``'s CA at ``place``; its files lie beside it.

    ``bootstrap`` holds the password of each identity to be made at the first start, by name; the
    CA keeps hashes in its database, so a later start needs none.
    """
    here, data = place.config_directory, place.data_directory
    config: dict[str, Any] = {
        "port": service_port,
        "address": place.listen_host,
        "crlsizelimit": 512000,
        "tls": {
            "enabled": True,
            "certfile": f"{here}/tls/server.crt",
            "keyfile": f"{here}/tls/server.key",
            "clientauth": {"type": "noclientcert"},
        },
        "ca": {
            "name": member_id,
            "certfile": f"{here}/ca/ca.pem",
            "keyfile": f"{here}/ca/ca.key",
        },
        "crl": {"expiry": "24h"},
        "registry": {
            "maxenrollments": -1,
            "identities": [_registrar(name, secret) for name, secret in bootstrap.items()],
        },
        "db": {"type": "sqlite3", "datasource": f"{data}/fabric-ca-server.db"},
        # The server would make affiliations org1 and org2 of its own where none are named, and
        # writes names given here in lower case; the member's is added once it runs.
        "affiliations": {},
        "signing": _signing(),
        "csr": {"cn": f"ca.{member_id}", "keyrequest": {"algo": "ecdsa", "size": 256}},
        "bccsp": {
            "default": "SW",
            "sw": {
                "hash": "SHA2",
                "security": 256,
                "filekeystore": {"keystore": f"{data}/keystore"},
            },
        },
        "operations": {
            "listenAddress": operations_address(place, operations_port),
            "tls": {"enabled": False},
        },
        "metrics": {"provider": "prometheus"},
    }
    return yaml.safe_dump(config, sort_keys=False).encode()


def _registrar(name: str, secret: str) -> dict[str, Any]:
    """An identity that may do everything in this CA and is an administrator of the member."""
    return {
        "name": name,
        "pass": secret,
        "type": "admin",
        "affiliation": "",
        "attrs": {
            "hf.Registrar.Roles": "*",
            "hf.Registrar.DelegateRoles": "*",
            "hf.Registrar.Attributes": "*",
            "hf.Revoker": True,
            "hf.IntermediateCA": True,
            "hf.GenCRL": True,
            "hf.AffiliationMgr": True,
            # AMB's attribute of a member's administrator. A registrar passes on what it has; a
            # CA server that does not know the attribute stores it and refuses to pass it on.
            "hf.Admin": True,
        },
    }


def _signing() -> dict[str, Any]:
    return {
        "default": {"usage": ["digital signature"], "expiry": f"{_YEAR}h"},
        "profiles": {
            "ca": {
                "usage": ["cert sign", "crl sign"],
                "expiry": f"{5 * _YEAR}h",
                "caconstraint": {"isca": True, "maxpathlen": 0},
            },
            "tls": {
                "usage": [
                    "signing",
                    "key encipherment",
                    "server auth",
                    "client auth",
                    "key agreement",
                ],
                "expiry": f"{_YEAR}h",
            },
        },
    }
