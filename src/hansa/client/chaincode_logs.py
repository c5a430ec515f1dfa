"""The logs of a chaincode on the user's nodes, as the API answers them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hansa.client.api import find_members
from hansa.client.installation import NotReadyError

OUTPUT, BUILD = "OUTPUT", "BUILD"

PART_LINES_MAX = 10_000


@dataclass
class LogReader:
    """One log. ``keys`` are the request's members that say which; ``fabric`` is the client.

    Each package has a log of its own: one that comes back is read on where it was left.
    """

    fabric: Any
    keys: dict[str, str]
    _package: str = ""
    _positions: dict[str, str] = field(default_factory=dict)

    @property
    def node_id(self) -> str:
        return self.keys["NodeId"]

    @property
    def source(self) -> str:
        return self.keys["Source"]

    def last(self, lines: int) -> list[str]:
        """The last lines; then :meth:`more` goes on from here."""
        answer = self._ask(None, min(max(lines, 1), PART_LINES_MAX))
        found = self._take(answer)
        return found[len(found) - lines :] if lines < len(found) else found

    def more(self) -> list[str]:
        """What was written since; of a new package's log, all."""
        answer = self._ask(self._positions.get(self._package), PART_LINES_MAX)
        package = answer.get("PackageId", "")
        if package != self._package and package in self._positions:
            answer = self._ask(self._positions[package], PART_LINES_MAX)
        return self._take(answer)

    def _ask(self, position: str | None, lines_max: int) -> dict[str, Any]:
        place = {"Position": position} if position else {}
        answer: dict[str, Any] = self.fabric.get_chaincode_logs(
            **self.keys, **place, MaxLines=lines_max
        )
        return answer

    def _take(self, answer: dict[str, Any]) -> list[str]:
        self._package = answer.get("PackageId", "")
        self._positions[self._package] = answer["NextPosition"]
        return list(answer["Lines"])


@dataclass(frozen=True)
class LogChoice:
    """Which chaincode, and whose nodes: a member's or a single one, else all of the user's own."""

    network_id: str
    channel: str
    name: str
    member: str | None = None
    node: str | None = None


def open_logs(api: Any, fabric: Any, choice: LogChoice, sources: Sequence[str]) -> list[LogReader]:
    """A reader for each node and source. Raises ``ClientError``."""
    keys = {"NetworkId": choice.network_id, "ChannelName": choice.channel}
    nodes = [choice.node] if choice.node else _nodes(api, fabric, choice, keys)
    return [
        LogReader(fabric, {**keys, "ChaincodeName": choice.name, "NodeId": node, "Source": source})
        for source in sources
        for node in nodes
    ]


def _nodes(api: Any, fabric: Any, choice: LogChoice, keys: dict[str, str]) -> list[str]:
    chosen = [choice.member] if choice.member else []
    members = find_members(api, choice.network_id, chosen)
    channel = fabric.get_channel(**keys)["Channel"]
    nodes = [
        str(node["NodeId"])
        for node in channel.get("Nodes", [])
        if not members or node["MemberId"] in members
    ]
    if not nodes:
        raise NotReadyError(
            f"none of your nodes has joined channel {choice.channel}, or none answers. See "
            f"`hansa channel show {choice.channel}`; a node whose peer is down has its logs, too: "
            "name it with --node ID."
        )
    return nodes
