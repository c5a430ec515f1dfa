"""Organizations in a channel's configuration, in the JSON that ``configtxlator`` reads.

An organization is a configuration group: its MSP (authorities, NodeOUs) and its four policies.
"""

from __future__ import annotations

import base64
from typing import Any

from hansa.fabric.msp import ROLES

Group = dict[str, Any]

ORDERER_ADMINS = "/Channel/Orderer/Admins"
"""The policy that only the service, as owner of the ordering service, satisfies."""


def base64_text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def config_value(value: Any, mod_policy: str = "Admins") -> Group:
    return {"mod_policy": mod_policy, "value": value, "version": "0"}


def implicit_policy(rule: str, sub_policy: str, mod_policy: str = "Admins") -> Group:
    """``rule`` (ANY, MAJORITY, ALL) of the policies ``sub_policy`` one level below."""
    value = {"rule": rule, "sub_policy": sub_policy}
    return {"mod_policy": mod_policy, "policy": {"type": 3, "value": value}, "version": "0"}


def standard_policies() -> Group:
    """Who may read, write and change a group that holds organizations."""
    return {
        "Readers": implicit_policy("ANY", "Readers"),
        "Writers": implicit_policy("ANY", "Writers"),
        "Admins": implicit_policy("MAJORITY", "Admins"),
    }


def member_organization(member_id: str, authority_pem: bytes, tls_root_pem: bytes) -> Group:
    """A member's group in the consortium, which every channel it joins copies.

    The MSP's policy for changes is the service's, so that it can maintain authorities and
    revocation lists. All else, anchor peers for one, is for the member's administrators.
    """
    group = _organization(member_id, authority_pem, tls_root_pem)
    group["policies"]["Endorsement"] = _role_policy(member_id, "MEMBER")
    group["values"]["MSP"]["mod_policy"] = ORDERER_ADMINS
    return group


def orderer_organization(
    msp_id: str, authority_pem: bytes, tls_root_pem: bytes, endpoints: list[str]
) -> Group:
    """The group of the ordering service's own organization; ``endpoints`` are ``HOST:PORT``."""
    group = _organization(msp_id, authority_pem, tls_root_pem)
    group["values"]["Endpoints"] = config_value({"addresses": endpoints})
    return group


def _organization(msp_id: str, authority_pem: bytes, tls_root_pem: bytes) -> Group:
    msp = {"type": 0, "config": _msp(msp_id, authority_pem, tls_root_pem)}
    return {
        "groups": {},
        "mod_policy": "Admins",
        "policies": {
            "Readers": _role_policy(msp_id, "MEMBER"),
            "Writers": _role_policy(msp_id, "MEMBER"),
            "Admins": _role_policy(msp_id, "ADMIN"),
        },
        "values": {"MSP": config_value(msp)},
        "version": "0",
    }


def _msp(msp_id: str, authority_pem: bytes, tls_root_pem: bytes) -> Group:
    authority = base64_text(authority_pem)
    units: Group = {"enable": True}
    for role in ROLES:
        units[f"{role}_ou_identifier"] = {
            "certificate": authority,
            "organizational_unit_identifier": role,
        }
    return {
        "name": msp_id,
        "root_certs": [authority],
        "intermediate_certs": [],
        "admins": [],
        "revocation_list": [],
        "signing_identity": None,
        "organizational_unit_identifiers": [],
        "crypto_config": {
            "signature_hash_family": "SHA2",
            "identity_identifier_hash_function": "SHA256",
        },
        "tls_root_certs": [base64_text(tls_root_pem)],
        "tls_intermediate_certs": [],
        "fabric_node_ous": units,
    }


def _role_policy(msp_id: str, role: str) -> Group:
    principal = {"msp_identifier": msp_id, "role": role}
    value = {
        "version": 0,
        "identities": [{"principal_classification": "ROLE", "principal": principal}],
        "rule": {"n_out_of": {"n": 1, "rules": [{"signed_by": 0}]}},
    }
    return {"mod_policy": "Admins", "policy": {"type": 1, "value": value}, "version": "0"}
