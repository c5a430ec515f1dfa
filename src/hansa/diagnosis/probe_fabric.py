"""Whether the endpoints of the caller's networks can be reached: orderers, CAs and peers."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import botocore.exceptions as faults
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session

from hansa.diagnosis.facts import FabricEndpoint
from hansa.diagnosis.probe_network import SECONDS_MAX, Detour, handshake, reached, resolved

NETWORKS_MAX = 5
"""The networks that are looked at, newest first as the service lists them."""

_TLS_CHAIN = "/managedblockchain-tls-chain.pem"
_AVAILABLE = "AVAILABLE"


def probe_fabric(client: Any, url: str, detour: Detour) -> tuple[FabricEndpoint, ...]:
    """The endpoints that the caller may see, each tried once, all at a time.

    ``client`` is botocore's for managedblockchain. What the caller may not list is left out.
    """
    found = list(_endpoints(client))
    if not found:
        return ()
    context = ssl.create_default_context()
    chain = _tls_chain(url, detour)
    if chain:
        context.load_verify_locations(cadata=chain)
    with ThreadPoolExecutor(max_workers=8) as threads:
        return tuple(threads.map(lambda each: _tried(each, context), found))


def _tls_chain(url: str, detour: Detour) -> str:
    http = URLLib3Session(
        verify=detour.ca_bundle or True, proxies=detour.proxies, timeout=(SECONDS_MAX, SECONDS_MAX)
    )
    try:
        answer = http.send(AWSRequest("GET", f"{url.rstrip('/')}{_TLS_CHAIN}").prepare())
        return str(answer.content.decode("ascii")) if answer.status_code == 200 else ""
    except (faults.BotoCoreError, UnicodeDecodeError):
        return ""
    finally:
        http.close()


def _tried(endpoint: FabricEndpoint, context: ssl.SSLContext) -> FabricEndpoint:
    host, _, port = endpoint.address.rpartition(":")
    for hop in (resolved, reached):
        met = hop(host, int(port))
        if met.fault:
            return _with(endpoint, met.fault, met.seen)
    met = handshake(host, int(port), context)
    return _with(endpoint, met.fault, met.seen)


def _with(endpoint: FabricEndpoint, fault: str, seen: str) -> FabricEndpoint:
    return FabricEndpoint(endpoint.owner, endpoint.role, endpoint.address, fault, seen)


def _endpoints(client: Any) -> Iterator[FabricEndpoint]:
    networks = _listed(client, "list_networks", "Networks", Status=_AVAILABLE)
    for network in networks[:NETWORKS_MAX]:
        network_id = network["Id"]
        one = _got(client, "get_network", "Network", NetworkId=network_id)
        yield from _of(one, network_id, {"OrderingServiceEndpoint": "ordering service"})
        for member in _listed(client, "list_members", "Members", NetworkId=network_id):
            if member.get("IsOwned") and member.get("Status") == _AVAILABLE:
                yield from _of_member(client, network_id, member["Id"])


def _of_member(client: Any, network_id: str, member_id: str) -> Iterator[FabricEndpoint]:
    ids = {"NetworkId": network_id, "MemberId": member_id}
    one = _got(client, "get_member", "Member", **ids)
    yield from _of(one, member_id, {"CaEndpoint": "certificate authority"})
    for node in _listed(client, "list_nodes", "Nodes", **ids):
        if node.get("Status") in (_AVAILABLE, "UNHEALTHY"):
            one = _got(client, "get_node", "Node", NodeId=node["Id"], **ids)
            yield from _of(one, node["Id"], {"PeerEndpoint": "peer"})


def _of(resource: dict[str, Any], owner: str, roles: dict[str, str]) -> Iterator[FabricEndpoint]:
    attributes = resource.get("FrameworkAttributes") or {}
    fabric = attributes.get("Fabric") or {}
    for member, role in roles.items():
        for address in str(fabric.get(member) or "").split(","):
            if address.rpartition(":")[2].isdigit():
                yield FabricEndpoint(owner, role, address)


def _listed(client: Any, operation: str, member: str, **request: str) -> list[dict[str, Any]]:
    try:
        return list(getattr(client, operation)(**request)[member])
    except (faults.ClientError, faults.BotoCoreError):
        return []


def _got(client: Any, operation: str, member: str, **request: str) -> dict[str, Any]:
    try:
        return dict(getattr(client, operation)(**request)[member])
    except (faults.ClientError, faults.BotoCoreError):
        return {}
