"""The first block of a network's system channel, from which its ordering service starts.

The configuration is JSON that ``configtxlator`` encodes. The block around it is put together here:
its hash covers the encoded bytes themselves, and encoding twice need not give the same bytes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hansa.fabric.organizations import (
    ORDERER_ADMINS,
    Group,
    base64_text,
    config_value,
    implicit_policy,
    member_organization,
    orderer_organization,
    standard_policies,
)

SYSTEM_CHANNEL = "hansa-system-channel"
CONSORTIUM = "AWSSystemConsortium"
"""The consortium's name in AMB, which users write in their ``configtx.yaml``."""
ORDERER_MSP_ID = "OrdererMSP"
ELECTION_TICKS = 10
HEADER_TYPE_CONFIG = 1
# What configtxgen writes: five slots, the first an empty last-config index.
_BLOCK_METADATA = (b"\x0a\x02\x0a\x00", b"", b"", b"", b"")


@dataclass(frozen=True)
class Consenter:
    """An orderer: where its fellows reach it, the endpoint it is told by, its TLS certificate."""

    host: str
    port: int
    endpoint: str
    tls_certificate: bytes


@dataclass(frozen=True)
class Genesis:
    """What a network starts with. ``batch_timeout`` and ``raft_tick`` are Go durations."""

    consenters: tuple[Consenter, ...]
    orderer_authority: bytes
    tls_root: bytes
    founder_member_id: str
    founder_authority: bytes
    batch_timeout: str
    batch_messages_max: int
    raft_tick: str


def genesis_config(genesis: Genesis) -> Group:
    """The system channel's top group: ordering service, and consortium with the founder."""
    return {
        "groups": {"Orderer": _orderer(genesis), "Consortiums": _consortiums(genesis)},
        "mod_policy": "Admins",
        "policies": standard_policies(),
        "values": {
            "BlockDataHashingStructure": config_value({"width": 4294967295}),
            "HashingAlgorithm": config_value({"name": "SHA256"}),
            "Capabilities": config_value({"capabilities": {"V2_0": {}}}),
        },
        "version": "0",
    }


def genesis_envelope(config: Group, nonce: bytes, now: datetime) -> dict[str, Any]:
    """The ``common.Envelope`` of the block, as JSON; ``nonce`` tells networks' blocks apart."""
    channel_header = {
        "channel_id": SYSTEM_CHANNEL,
        "type": HEADER_TYPE_CONFIG,
        "version": 1,
        "epoch": "0",
        "tx_id": hashlib.sha256(nonce).hexdigest(),
        "timestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    header = {
        "channel_header": channel_header,
        "signature_header": {"creator": None, "nonce": base64_text(nonce)},
    }
    data = {"config": {"channel_group": config, "sequence": "0"}, "last_update": None}
    return {"payload": {"header": header, "data": data}, "signature": None}


def genesis_block(envelope: bytes) -> bytes:
    """The encoded ``common.Block`` number 0 around an encoded envelope."""
    data = _field(1, envelope)
    # BlockDataHash of Fabric: SHA-256 of the envelopes, one after the other.
    header = _field(3, hashlib.sha256(envelope).digest())
    metadata = b"".join(_field(1, slot) for slot in _BLOCK_METADATA)
    return _field(1, header) + _field(2, data) + _field(3, metadata)


def _orderer(genesis: Genesis) -> Group:
    organization = orderer_organization(
        ORDERER_MSP_ID,
        genesis.orderer_authority,
        genesis.tls_root,
        [consenter.endpoint for consenter in genesis.consenters],
    )
    batch_size = {
        "absolute_max_bytes": 10 << 20,
        "max_message_count": genesis.batch_messages_max,
        "preferred_max_bytes": 2 << 20,
    }
    return {
        "groups": {"OrdererOrg": organization},
        "mod_policy": "Admins",
        "policies": {**standard_policies(), "BlockValidation": implicit_policy("ANY", "Writers")},
        "values": {
            "BatchSize": config_value(batch_size),
            "BatchTimeout": config_value({"timeout": genesis.batch_timeout}),
            "Capabilities": config_value({"capabilities": {"V2_0": {}}}),
            "ChannelRestrictions": config_value(None),
            "ConsensusType": config_value(_consensus(genesis)),
        },
        "version": "0",
    }


def _consensus(genesis: Genesis) -> Group:
    consenters = [
        {
            "host": consenter.host,
            "port": consenter.port,
            "client_tls_cert": base64_text(consenter.tls_certificate),
            "server_tls_cert": base64_text(consenter.tls_certificate),
        }
        for consenter in genesis.consenters
    ]
    options = {
        "tick_interval": genesis.raft_tick,
        "election_tick": ELECTION_TICKS,
        "heartbeat_tick": 1,
        "max_inflight_blocks": 5,
        "snapshot_interval_size": 16 << 20,
    }
    metadata = {"consenters": consenters, "options": options}
    return {"type": "etcdraft", "state": "STATE_NORMAL", "metadata": metadata}


def _consortiums(genesis: Genesis) -> Group:
    founder = member_organization(
        genesis.founder_member_id, genesis.founder_authority, genesis.tls_root
    )
    # One member's administrator may create a channel, as in AMB.
    creation = {"type": 3, "value": {"rule": "ANY", "sub_policy": "Admins"}}
    consortium = {
        "groups": {genesis.founder_member_id: founder},
        "mod_policy": ORDERER_ADMINS,
        "policies": {},
        "values": {"ChannelCreationPolicy": config_value(creation, ORDERER_ADMINS)},
        "version": "0",
    }
    accept_all = {"identities": [], "rule": {"n_out_of": {"n": 0, "rules": []}}, "version": 0}
    admins = {
        "mod_policy": ORDERER_ADMINS,
        "policy": {"type": 1, "value": accept_all},
        "version": "0",
    }
    return {
        "groups": {CONSORTIUM: consortium},
        "mod_policy": ORDERER_ADMINS,
        "policies": {"Admins": admins},
        "values": {},
        "version": "0",
    }


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited field in Protocol Buffers' encoding."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
