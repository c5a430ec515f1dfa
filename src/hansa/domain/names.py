"""Ids, ARNs and endpoint names, as AMB spells them.

Ids are a prefix and 26 characters of RFC 4648 base32 (seen in public captures of AMB). Endpoint
names follow the AMB guide, "Identifying Managed Blockchain Resources":
``ResourceID.MemberID.NetworkID.managedblockchain.REGION.DOMAIN``, in lower case.
ARNs follow AWS's service authorization reference: networks carry no account.
"""

from __future__ import annotations

import re
from collections.abc import Callable

ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
ID_LENGTH = 26
PREFIXES = {
    "network": "n-",
    "member": "m-",
    "node": "nd-",
    "proposal": "p-",
    "invitation": "i-",
    "accessor": "a-",
    "operation": "op-",
    "event target": "et-",
}
# AMB guide 2019, step 6.1: lower-case ASCII letters and digits, dots and dashes, starting with a
# letter, fewer than 250 characters.
CHANNEL_NAME = re.compile(r"[a-z][a-z0-9.-]{0,248}\Z")

Choice = Callable[[str], str]
"""Draws one character of the string it is given; randomness is injected through it."""


def new_id(kind: str, choice: Choice) -> str:
    """A fresh id of ``kind``, a key of :data:`PREFIXES`."""
    return PREFIXES[kind] + "".join(choice(ID_ALPHABET) for _ in range(ID_LENGTH))


def network_arn(region: str, network_id: str) -> str:
    return f"arn:aws:managedblockchain:{region}::networks/{network_id}"


def member_arn(region: str, account_id: str, member_id: str) -> str:
    return f"arn:aws:managedblockchain:{region}:{account_id}:members/{member_id}"


def node_arn(region: str, account_id: str, node_id: str) -> str:
    return f"arn:aws:managedblockchain:{region}:{account_id}:nodes/{node_id}"


def proposal_arn(region: str, proposal_id: str) -> str:
    return f"arn:aws:managedblockchain:{region}::proposals/{proposal_id}"


def invitation_arn(region: str, account_id: str, invitation_id: str) -> str:
    return f"arn:aws:managedblockchain:{region}:{account_id}:invitations/{invitation_id}"


def accessor_arn(region: str, account_id: str, accessor_id: str) -> str:
    return f"arn:aws:managedblockchain:{region}:{account_id}:accessors/{accessor_id}"


def channel_arn(region: str, network_id: str, channel: str) -> str:
    return f"arn:aws:hansafabric:{region}::channels/{network_id}/{channel}"


def chaincode_arn(region: str, network_id: str, channel: str, chaincode: str) -> str:
    return f"{channel_arn(region, network_id, channel)}/chaincode/{chaincode}"


def package_arn(region: str, account_id: str, package_id: str) -> str:
    return f"arn:aws:hansafabric:{region}:{account_id}:packages/{package_id}"


def operation_arn(region: str, account_id: str, operation_id: str) -> str:
    return f"arn:aws:hansafabric:{region}:{account_id}:operations/{operation_id}"


def identity_arn(region: str, account_id: str, member_id: str, name: str) -> str:
    return f"arn:aws:hansafabric:{region}:{account_id}:identities/{member_id}/{name}"


def network_zone(network_id: str, region: str, domain: str) -> str:
    """The part of a name that all resources of a network share."""
    return f"{network_id}.managedblockchain.{region}.{domain}".lower()


def orderer_host(network_id: str, region: str, domain: str, ordinal: int = 0) -> str:
    """The ordering service's host name; further orderers are ``orderer1.``, ``orderer2.``."""
    label = "orderer" if ordinal == 0 else f"orderer{ordinal}"
    return f"{label}.{network_zone(network_id, region, domain)}"


def ca_host(member_id: str, network_id: str, region: str, domain: str) -> str:
    return f"ca.{member_id}.{network_zone(network_id, region, domain)}".lower()


def peer_host(node_id: str, member_id: str, network_id: str, region: str, domain: str) -> str:
    return f"{node_id}.{member_id}.{network_zone(network_id, region, domain)}".lower()


def vpc_endpoint_service_name(network_id: str, region: str) -> str:
    return f"com.amazonaws.{region}.managedblockchain.{network_id}".lower()
