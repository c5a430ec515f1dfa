from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

from hansa.fabric.genesis import (
    Consenter,
    Genesis,
    genesis_block,
    genesis_config,
    genesis_envelope,
)
from hansa.fabric.organizations import member_organization, orderer_organization

SERVICE = "/Channel/Orderer/Admins"


def text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def signature_policy(msp_id: str, role: str) -> dict[str, Any]:
    principal = {"msp_identifier": msp_id, "role": role}
    return {
        "mod_policy": "Admins",
        "policy": {
            "type": 1,
            "value": {
                "version": 0,
                "identities": [{"principal_classification": "ROLE", "principal": principal}],
                "rule": {"n_out_of": {"n": 1, "rules": [{"signed_by": 0}]}},
            },
        },
        "version": "0",
    }


def implicit(rule: str, sub_policy: str) -> dict[str, Any]:
    return {
        "mod_policy": "Admins",
        "policy": {"type": 3, "value": {"rule": rule, "sub_policy": sub_policy}},
        "version": "0",
    }


def value(content: Any, mod_policy: str = "Admins") -> dict[str, Any]:
    return {"mod_policy": mod_policy, "value": content, "version": "0"}


STANDARD = {
    "Readers": implicit("ANY", "Readers"),
    "Writers": implicit("ANY", "Writers"),
    "Admins": implicit("MAJORITY", "Admins"),
}


def test_a_member_is_an_organization_whose_msp_the_service_maintains() -> None:
    def unit(role: str) -> dict[str, str]:
        return {"certificate": text(b"CA"), "organizational_unit_identifier": role}

    assert member_organization("m-1", b"CA", b"TLS") == {
        "groups": {},
        "mod_policy": "Admins",
        "policies": {
            "Readers": signature_policy("m-1", "MEMBER"),
            "Writers": signature_policy("m-1", "MEMBER"),
            "Endorsement": signature_policy("m-1", "MEMBER"),
            "Admins": signature_policy("m-1", "ADMIN"),
        },
        "values": {
            "MSP": value(
                {
                    "type": 0,
                    "config": {
                        "name": "m-1",
                        "root_certs": [text(b"CA")],
                        "intermediate_certs": [],
                        "admins": [],
                        "revocation_list": [],
                        "signing_identity": None,
                        "organizational_unit_identifiers": [],
                        "crypto_config": {
                            "signature_hash_family": "SHA2",
                            "identity_identifier_hash_function": "SHA256",
                        },
                        "tls_root_certs": [text(b"TLS")],
                        "tls_intermediate_certs": [],
                        "fabric_node_ous": {
                            "enable": True,
                            "client_ou_identifier": unit("client"),
                            "peer_ou_identifier": unit("peer"),
                            "admin_ou_identifier": unit("admin"),
                            "orderer_ou_identifier": unit("orderer"),
                        },
                    },
                },
                SERVICE,
            )
        },
        "version": "0",
    }


def test_the_orderers_organization_tells_their_endpoints() -> None:
    group = orderer_organization("OrdererMSP", b"CA", b"TLS", ["one:1", "two:2"])
    assert group["values"]["Endpoints"] == value({"addresses": ["one:1", "two:2"]})
    assert group["values"]["MSP"]["mod_policy"] == "Admins"
    assert sorted(group["policies"]) == ["Admins", "Readers", "Writers"]


def consenter(port: int) -> dict[str, Any]:
    certificate = text(f"cert {port}".encode())
    return {
        "host": "127.0.0.1",
        "port": port,
        "client_tls_cert": certificate,
        "server_tls_cert": certificate,
    }


GENESIS = Genesis(
    consenters=tuple(
        Consenter("127.0.0.1", port, f"orderer.example:{port}", f"cert {port}".encode())
        for port in (30001, 30002, 30003)
    ),
    orderer_authority=b"ORDERER CA",
    tls_root=b"TLS",
    founder_member_id="m-1",
    founder_authority=b"MEMBER CA",
    batch_timeout="20ms",
    batch_messages_max=500,
    raft_tick="50ms",
)


def test_the_system_channels_whole_configuration() -> None:
    endpoints = [f"orderer.example:{port}" for port in (30001, 30002, 30003)]
    orderer = {
        "groups": {
            "OrdererOrg": orderer_organization("OrdererMSP", b"ORDERER CA", b"TLS", endpoints)
        },
        "mod_policy": "Admins",
        "policies": {**STANDARD, "BlockValidation": implicit("ANY", "Writers")},
        "values": {
            "BatchSize": value(
                {
                    "absolute_max_bytes": 10485760,
                    "max_message_count": 500,
                    "preferred_max_bytes": 2097152,
                }
            ),
            "BatchTimeout": value({"timeout": "20ms"}),
            "Capabilities": value({"capabilities": {"V2_0": {}}}),
            "ChannelRestrictions": value(None),
            "ConsensusType": value(
                {
                    "type": "etcdraft",
                    "state": "STATE_NORMAL",
                    "metadata": {
                        "consenters": [consenter(30001), consenter(30002), consenter(30003)],
                        "options": {
                            "tick_interval": "50ms",
                            "election_tick": 10,
                            "heartbeat_tick": 1,
                            "max_inflight_blocks": 5,
                            "snapshot_interval_size": 16777216,
                        },
                    },
                }
            ),
        },
        "version": "0",
    }
    creation = {"type": 3, "value": {"rule": "ANY", "sub_policy": "Admins"}}
    anyone = {"identities": [], "rule": {"n_out_of": {"n": 0, "rules": []}}, "version": 0}
    consortiums = {
        "groups": {
            "AWSSystemConsortium": {
                "groups": {"m-1": member_organization("m-1", b"MEMBER CA", b"TLS")},
                "mod_policy": SERVICE,
                "policies": {},
                "values": {"ChannelCreationPolicy": value(creation, SERVICE)},
                "version": "0",
            }
        },
        "mod_policy": SERVICE,
        "policies": {
            "Admins": {
                "mod_policy": SERVICE,
                "policy": {"type": 1, "value": anyone},
                "version": "0",
            }
        },
        "values": {},
        "version": "0",
    }
    assert genesis_config(GENESIS) == {
        "groups": {"Orderer": orderer, "Consortiums": consortiums},
        "mod_policy": "Admins",
        "policies": STANDARD,
        "values": {
            "BlockDataHashingStructure": value({"width": 4294967295}),
            "HashingAlgorithm": value({"name": "SHA256"}),
            "Capabilities": value({"capabilities": {"V2_0": {}}}),
        },
        "version": "0",
    }


def test_the_envelope_is_dated_and_told_apart_by_its_nonce() -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert genesis_envelope({"groups": {}}, b"nonce", now) == {
        "payload": {
            "header": {
                "channel_header": {
                    "channel_id": "hansa-system-channel",
                    "type": 1,
                    "version": 1,
                    "epoch": "0",
                    "tx_id": hashlib.sha256(b"nonce").hexdigest(),
                    "timestamp": "2026-01-02T03:04:05Z",
                },
                "signature_header": {"creator": None, "nonce": text(b"nonce")},
            },
            "data": {
                "config": {"channel_group": {"groups": {}}, "sequence": "0"},
                "last_update": None,
            },
        },
        "signature": None,
    }


def test_the_block_is_hashed_over_the_very_bytes_it_holds() -> None:
    envelope = b"e" * 300
    digest = hashlib.sha256(envelope).digest()
    assert genesis_block(envelope) == (
        # header 1: data_hash 3 (32 bytes)
        b"\x0a\x22" + b"\x1a\x20" + digest +
        # data 2: one envelope of 300 bytes, varint AC 02
        b"\x12\xaf\x02" + b"\x0a\xac\x02" + envelope +
        # metadata 3: five slots, four of them empty
        b"\x1a\x0e" + b"\x0a\x04\x0a\x02\x0a\x00" + b"\x0a\x00" * 4
    )  # fmt: skip
