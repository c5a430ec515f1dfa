"""What the commands on channels and chaincode have in common: the two clients and the watch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hansa.cli.session import Session, current

if TYPE_CHECKING:
    from hansa.client.environment import MemberFacts


@dataclass(frozen=True)
class Calls:
    """``api`` is a client of managedblockchain, ``fabric`` one of hansafabric."""

    session: Session
    api: Any
    fabric: Any

    def network(self, wanted: str | None) -> str:
        """The id of the network that is wanted, or of the only one."""
        from hansa.client.api import find_network

        return find_network(self.api, wanted)

    def member(self, network: str | None, member: str | None) -> MemberFacts:
        """The member that acts, which is AVAILABLE."""
        from hansa.client.api import Choice, find_member

        return find_member(self.api, Choice(network, member))

    def channel(self, network_id: str, wanted: str | None) -> str:
        """The channel that is wanted, or the only one."""
        from hansa.client.api import find_channel

        return find_channel(self.fabric, network_id, wanted)

    def follow(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The operation of an answer, shown step by step until it has succeeded."""
        from hansa.client.operations import Watch

        return Watch(self.fabric, self.session.screen.step).follow(answer["OperationId"])


def calls() -> Calls:
    """The clients of the command that runs now. Raises ``ClientError``."""
    from hansa.client import api

    session = current()
    installation = session.installation()
    return Calls(session, api.managedblockchain(installation), api.hansafabric(installation))
