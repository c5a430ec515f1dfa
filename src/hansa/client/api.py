"""Asking the installation's own API, signed as its administrator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, UnknownServiceError
from botocore.exceptions import ClientError as ApiError
from botocore.session import get_session

from hansa import models
from hansa.client.environment import MemberFacts
from hansa.client.installation import ClientError, Installation, NotReadyError


def managedblockchain(installation: Installation) -> Any:
    """A client of AWS's service. Raises ``NotRunningError`` and :class:`ClientError`."""
    return _client(installation, "managedblockchain", attempts=2, seconds_max=30)


def hansafabric(installation: Installation) -> Any:
    """A client of Hansa's own service. Raises ``NotRunningError`` and :class:`ClientError`."""
    # One attempt: calls of chaincode go without a token, and are not to be made twice. This one
    # waits for endorsement, for order and for the commit.
    return _client(installation, models.SERVICE, attempts=1, seconds_max=180)


def _client(installation: Installation, service: str, attempts: int, seconds_max: int) -> Any:
    running = installation.service()
    administrator = installation.administrator()
    session = get_session()
    session.register_component("data_loader", OwnModels(session.get_component("data_loader")))
    return session.create_client(
        service,
        endpoint_url=running.url,
        region_name=installation.settings.region,
        aws_access_key_id=administrator.access_key_id,
        aws_secret_access_key=administrator.secret_access_key,
        config=Config(
            retries={"total_max_attempts": attempts},
            connect_timeout=5,
            read_timeout=seconds_max,
            proxies={},
        ),
    )


class OwnModels:
    """A loader of botocore's that knows Hansa's own service without a file of the user's."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def load_service_model(self, service: str, kind: str, api_version: str | None = None) -> Any:
        """The document ``kind`` of a service; raises botocore's errors, which it expects."""
        if service != models.SERVICE:
            return self._loader.load_service_model(service, kind, api_version)
        documents = {
            "service-2": models.service_description,
            "paginators-1": models.paginators_description,
            "waiters-2": models.waiters_description,
        }
        if kind not in documents:
            raise UnknownServiceError(service_name=service, known_service_names=models.SERVICE)
        return documents[kind]()


def describe(fault: ApiError | BotoCoreError) -> str:
    """What the API answered, for a person."""
    if isinstance(fault, ApiError):
        error = fault.response.get("Error", {})
        return f"{error.get('Code', 'error')}: {error.get('Message', fault)}"
    return str(fault)


def all_pages(call: Any, key: str, **parameters: Any) -> list[dict[str, Any]]:
    """Every item of a list operation."""
    items: list[dict[str, Any]] = []
    answer = call(**parameters)
    items.extend(answer[key])
    while answer.get("NextToken"):
        answer = call(**parameters, NextToken=answer["NextToken"])
        items.extend(answer[key])
    return items


def describe_networks(api: Any) -> list[dict[str, Any]]:
    """Every network as the API describes it, with its ``Members``, and those with their ``Nodes``.

    Another account's members are told as lists tell them.
    """
    return [
        {
            **api.get_network(NetworkId=item["Id"])["Network"],
            "Members": _describe_members(api, item["Id"]),
        }
        for item in all_pages(api.list_networks, "Networks")
    ]


def _describe_members(api: Any, network_id: str) -> list[dict[str, Any]]:
    members = []
    for item in all_pages(api.list_members, "Members", NetworkId=network_id):
        keys = {"NetworkId": network_id, "MemberId": item["Id"]}
        if not item.get("IsOwned"):
            members.append(item)
            continue
        nodes = all_pages(api.list_nodes, "Nodes", **keys)
        described = [api.get_node(**keys, NodeId=node["Id"])["Node"] for node in nodes]
        members.append({**api.get_member(**keys)["Member"], "Nodes": described})
    return members


@dataclass(frozen=True)
class Choice:
    """What the user named: ids or names; None where the only one there is will do."""

    network: str | None = None
    member: str | None = None
    node: str | None = None


def find_network(api: Any, wanted: str | None) -> str:
    """The id of the network that is ``wanted``, or of the only one. Raises :class:`ClientError`."""
    return _pick("network", all_pages(api.list_networks, "Networks"), wanted)


def find_members(api: Any, network_id: str, wanted: Sequence[str]) -> list[str]:
    """The ids of members of a network, whoever owns them. Raises :class:`ClientError`."""
    if not wanted:
        return []
    there = all_pages(api.list_members, "Members", NetworkId=network_id)
    return [_pick("member", there, each) for each in wanted]


def find_channel(fabric: Any, network_id: str, wanted: str | None) -> str:
    """The channel that is ``wanted``, or the only one. Raises :class:`ClientError`."""
    if wanted is not None:
        return wanted
    there = [
        str(item["Name"])
        for item in all_pages(fabric.list_channels, "Channels", NetworkId=network_id)
    ]
    if len(there) == 1:
        return there[0]
    if not there:
        raise NotReadyError(
            f"network {network_id} has no channel yet. Make one with `hansa channel create NAME`."
        )
    raise ClientError(
        f"there are several channels: {', '.join(there)}. Say which with --channel NAME."
    )


def find_member(api: Any, choice: Choice) -> MemberFacts:
    """The network, member and node of ``choice``.

    Raises :class:`ClientError`, which lists what there is.
    """
    network_id = find_network(api, choice.network)
    network = api.get_network(NetworkId=network_id)["Network"]
    members = all_pages(api.list_members, "Members", NetworkId=network_id, IsOwned=True)
    member_id = _pick("member", members, choice.member)
    member = api.get_member(NetworkId=network_id, MemberId=member_id)["Member"]
    _require_available("network", network)
    _require_available("member", member)
    nodes = all_pages(api.list_nodes, "Nodes", NetworkId=network_id, MemberId=member_id)
    node: dict[str, Any] = {}
    if nodes or choice.node:
        usable = [n for n in nodes if n["Status"] == "AVAILABLE"] or nodes
        # Any node will do for the tools; a name makes it a certain one.
        node_id = _pick("node", usable, choice.node) if choice.node else usable[0]["Id"]
        node = api.get_node(NetworkId=network_id, MemberId=member_id, NodeId=node_id)["Node"]
    fabric = (node.get("FrameworkAttributes") or {}).get("Fabric") or {}
    return MemberFacts(
        network_id=network_id,
        member_id=member_id,
        orderer=network["FrameworkAttributes"]["Fabric"]["OrderingServiceEndpoint"],
        ca=member["FrameworkAttributes"]["Fabric"]["CaEndpoint"],
        peer=fabric.get("PeerEndpoint") or "",
        node_id=node.get("Id", ""),
    )


def _require_available(kind: str, resource: dict[str, Any]) -> None:
    if resource["Status"] != "AVAILABLE":
        raise NotReadyError(
            f"{kind} {resource['Id']} is {resource['Status']}, not AVAILABLE. "
            "See `hansa status`, and try again once it is."
        )


def _pick(kind: str, items: list[dict[str, Any]], wanted: str | None) -> str:
    """The id of the one that is ``wanted`` (id or name), or of the only one."""
    if wanted is not None:
        items_wanted = [item for item in items if wanted in (item["Id"], item.get("Name"))]
    else:
        items_wanted = items
    if len(items_wanted) == 1:
        return str(items_wanted[0]["Id"])
    there = ", ".join(f"{item['Id']} ({item.get('Name') or item['Status']})" for item in items)
    if not items:
        raise NotReadyError(
            f"there is no {kind} yet. Make one with `aws managedblockchain create-{kind}`, "
            "or let `hansa demo` make one of each."
        )
    if wanted is not None and not items_wanted:
        raise ClientError(f"there is no {kind} {wanted}. There are: {there}.")
    raise ClientError(f"there are several {kind}s: {there}. Say which with --{kind} ID.")
