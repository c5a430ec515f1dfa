"""A network with several members, as their accounts see it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from tests.unit.operations.installation import ALICE, Installation

from hansa.domain.caller import Caller
from hansa.domain.lifecycle import Kind, Status
from hansa.drivers.fake import FakeDriver, FakeMachine
from hansa.fabric.fake import FakeFabric, FakeMaterial
from hansa.reconcile.sweep import Sweep
from hansa.store.invitations import settle_invitation
from hansa.store.resources import get_resource
from hansa.store.tables import Event, Member

INVITE = [{"Principal": "999999999999"}]


def caller(account_id: str) -> Caller:
    return Caller(account_id, f"arn:aws:iam::{account_id}:user/x", "AKID", "us-east-1")


def configuration(name: str) -> Any:
    return {
        "Name": name,
        "FrameworkConfiguration": {
            "Fabric": {"AdminUsername": "admin", "AdminPassword": "Password123"}
        },
    }


class Consortium:
    """A network and its members, as their accounts see it."""

    def __init__(self, installation: Installation, **network: Any) -> None:
        self.installation = installation
        self.api = installation.api
        self.network_id, founder = installation.network(**network)
        self.members: list[tuple[Caller, str]] = [(ALICE, founder)]
        self.tokens = 0

    def propose(self, who: int = 0, **actions: Any) -> str:
        self.tokens += 1
        whose, member_id = self.members[who]
        request = {
            "ClientRequestToken": f"p{self.tokens}",
            "NetworkId": self.network_id,
            "MemberId": member_id,
            "Actions": actions,
        }
        return str(self.api.create_proposal(whose, request)["ProposalId"])  # type: ignore[arg-type]

    def vote(self, proposal_id: str, who: int, vote: str = "YES") -> None:
        whose, member_id = self.members[who]
        request = {
            "NetworkId": self.network_id,
            "ProposalId": proposal_id,
            "VoterMemberId": member_id,
            "Vote": vote,
        }
        self.api.vote_on_proposal(whose, request)  # type: ignore[arg-type]

    def proposal(self, proposal_id: str) -> Any:
        ids = {"NetworkId": self.network_id, "ProposalId": proposal_id}
        return self.api.get_proposal(self.members[0][0], ids)["Proposal"]  # type: ignore[arg-type]

    def invite(self, account_id: str) -> str:
        """An approved invitation of the account; its id."""
        proposal = self.propose(Invitations=[{"Principal": account_id}])
        for who in range(len(self.members)):
            if self.proposal(proposal)["Status"] == "IN_PROGRESS":
                self.vote(proposal, who)
        invitations = self.api.list_invitations(caller(account_id), {})["Invitations"]
        assert invitations
        return str(invitations[-1]["InvitationId"])

    def join_request(self, invitation_id: str, name: str = "") -> Any:
        return {
            "ClientRequestToken": f"t{invitation_id}",
            "InvitationId": invitation_id,
            "NetworkId": self.network_id,
            "MemberConfiguration": configuration(name or f"org{len(self.members) + 1}"),
        }

    def join(self, account_id: str) -> str:
        """A new, AVAILABLE member of the account."""
        invitation_id = self.invite(account_id)
        whose = caller(account_id)
        member_id = self.api.create_member(whose, self.join_request(invitation_id))["MemberId"]
        self.become_available(member_id)
        self.members.append((whose, member_id))
        return str(member_id)

    def become_available(self, member_id: str) -> None:
        """The creation of the member succeeds."""
        self._end_creation(member_id, Status.AVAILABLE)

    def fail(self, member_id: str) -> None:
        """The creation of the member comes to nothing."""
        self._end_creation(member_id, Status.CREATE_FAILED)

    def _end_creation(self, member_id: str, status: Status) -> None:
        self.installation.become(Kind.MEMBER, member_id, status)
        with self.installation.store.write() as session:
            member = get_resource(session, Kind.MEMBER, member_id)
            assert isinstance(member, Member)
            settle_invitation(session, member, self.installation.now)

    def events_of(self, subject: str) -> list[str]:
        """The statuses that were told of the proposal or invitation, one for each account."""
        with self.installation.store.read() as session:
            rows = session.scalars(select(Event).where(Event.subject == subject))
            return [row.content["detail"]["status"] for row in rows]

    def sweep(self) -> None:
        """What the service does by the clock."""
        fabric, driver = FakeFabric(FakeMaterial()), FakeDriver(FakeMachine())
        Sweep(self.installation.store, driver, fabric, lambda: self.installation.now).run_once()
