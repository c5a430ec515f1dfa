"""The guide's rules once more: slow, plain, and made without a look at the service's own.

It knows what was asked for and when, and which members the background has brought how far. From
that alone it says what every proposal and invitation is, and who sees what.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

MEMBERS_MAX = 5
HOURS = 24


class RefusalError(Exception):
    """What was asked for is to be refused with the error of this name."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@dataclass
class Network:
    network_id: str
    percentage: int
    or_equal: bool
    status: str = "AVAILABLE"


@dataclass
class Member:
    """``saw_the_end``: it was there when its network began to end."""

    member_id: str
    network: Network
    account: str
    name: str
    status: str
    saw_the_end: bool = False


@dataclass
class Invitation:
    network: Network
    account: str
    deadline: datetime
    status: str = "PENDING"
    member: Member | None = None

    def at(self, now: datetime) -> str:
        return "EXPIRED" if self.status == "PENDING" and now >= self.deadline else self.status


@dataclass
class Proposal:
    proposal_id: str
    network: Network
    invited: list[str]
    removed: list[str]
    deadline: datetime
    status: str = "IN_PROGRESS"
    votes: dict[str, bool] = field(default_factory=dict)

    def at(self, now: datetime) -> str:
        return "EXPIRED" if self.status == "IN_PROGRESS" and now >= self.deadline else self.status


class Oracle:
    """All networks, and what has come of all that was asked for."""

    def __init__(self) -> None:
        self.networks: dict[str, Network] = {}
        self.members: dict[str, Member] = {}
        self.proposals: dict[str, Proposal] = {}
        self.invitations: list[Invitation] = []

    # What is seen

    def joined(self, account: str) -> set[str]:
        """The networks that the account has a member in, or had one in to the end."""
        return {
            member.network.network_id
            for member in self.members.values()
            if member.account == account
            and member.network.status != "DELETED"
            and (member.status != "DELETED" or member.saw_the_end)
        }

    def visible(self, account: str, now: datetime) -> set[str]:
        """Those that it may look at: also the ones it has an open invitation to."""
        invited = {
            invitation.network.network_id
            for invitation in self.invitations
            if invitation.account == account
            and invitation.at(now) in ("PENDING", "ACCEPTING")
            and invitation.network.status != "DELETED"
        }
        return self.joined(account) | invited

    def of(self, network: Network, *statuses: str) -> list[Member]:
        """The network's members in any of these statuses, or all of them."""
        found = [member for member in self.members.values() if member.network is network]
        return [member for member in found if not statuses or member.status in statuses]

    def waiting(self, proposal: Proposal, now: datetime) -> list[Member]:
        """The members whose votes are outstanding."""
        if proposal.at(now) != "IN_PROGRESS":
            return []
        available = self.of(proposal.network, "AVAILABLE")
        return [member for member in available if member.member_id not in proposal.votes]

    # What is asked for

    def check_proposal(
        self, account: str, network_id: str, member_id: str, invited: int, removed: list[str],
        now: datetime,
    ) -> None:  # fmt: skip
        network, member = self._own(account, network_id, member_id)
        if network.status != "AVAILABLE" or member.status != "AVAILABLE":
            raise RefusalError("ResourceNotReadyException")
        if not invited and not removed:
            raise RefusalError("InvalidRequestException")
        if member_id in removed or len(set(removed)) < len(removed):
            raise RefusalError("InvalidRequestException")
        there = [m.member_id for m in self._there(network)]
        if not set(removed) <= set(there):
            raise RefusalError("ResourceNotFoundException")
        if invited and self._places(network, now) + invited > MEMBERS_MAX:
            raise RefusalError("ResourceLimitExceededException")

    def propose(self, proposal: Proposal, now: datetime) -> None:
        self.proposals[proposal.proposal_id] = proposal
        self._decide(proposal.network, now)

    def vote(
        self, account: str, network_id: str, proposal_id: str, member_id: str, now: datetime,
        *, yes: bool,
    ) -> None:  # fmt: skip
        if network_id not in self.joined(account):
            raise RefusalError("ResourceNotFoundException")
        proposal = self.proposals[proposal_id]
        if proposal.network.network_id != network_id:
            raise RefusalError("ResourceNotFoundException")
        _, member = self._own(account, network_id, member_id)
        if (
            proposal.at(now) != "IN_PROGRESS"
            or member.status != "AVAILABLE"
            or member_id in proposal.votes
        ):
            raise RefusalError("IllegalActionException")
        proposal.votes[member_id] = yes
        self._decide(proposal.network, now)

    def check_join(self, account: str, invitation: Invitation, name: str, now: datetime) -> None:
        if invitation.account != account:
            raise RefusalError("ResourceNotFoundException")
        if invitation.at(now) != "PENDING":
            raise RefusalError("IllegalActionException")
        if invitation.network.status != "AVAILABLE":
            raise RefusalError("ResourceNotReadyException")
        names = {m.name for m in self.members.values() if m.network is invitation.network}
        gone = {m.name for m in self.of(invitation.network, "DELETED")}
        if name in names - gone:
            raise RefusalError("ResourceAlreadyExistsException")

    def join(self, invitation: Invitation, member: Member) -> None:
        self.members[member.member_id] = member
        invitation.status, invitation.member = "ACCEPTING", member

    def reject(self, account: str, invitation: Invitation, now: datetime) -> None:
        if invitation.account != account:
            raise RefusalError("ResourceNotFoundException")
        if invitation.at(now) != "PENDING":
            raise RefusalError("IllegalActionException")
        invitation.status = "REJECTED"

    def leave(self, account: str, network_id: str, member_id: str, now: datetime) -> None:
        _, member = self._own(account, network_id, member_id)
        if member.status == "CREATING":
            raise RefusalError("ResourceNotReadyException")
        if member.status != "DELETING":
            self._end(member)
            self._decide(member.network, now)

    # What happens by itself

    def observe(self, member_id: str, status: str) -> None:
        """The background has brought a member to ``status``."""
        member = self.members[member_id]
        if member.status == status:
            return
        legal = {"CREATING": ("AVAILABLE", "CREATE_FAILED"), "DELETING": ("DELETED",)}
        assert status in legal.get(member.status, ()), f"{member_id}: {member.status} -> {status}"
        if status == "DELETED":
            member.saw_the_end = member.network.status == "DELETING"
        member.status = status
        for invitation in self.invitations:
            if invitation.member is member and status in ("AVAILABLE", "CREATE_FAILED"):
                used = status == "AVAILABLE"
                invitation.status = "ACCEPTED" if used else "PENDING"
                invitation.member = member if used else None

    def observe_network(self, network_id: str, status: str) -> None:
        network = self.networks[network_id]
        if network.status != status:
            assert (network.status, status) == ("DELETING", "DELETED")
            assert not self.of(network, "CREATING", "AVAILABLE", "CREATE_FAILED", "DELETING")
            network.status = status

    # The rules

    def _own(self, account: str, network_id: str, member_id: str) -> tuple[Network, Member]:
        member = self.members.get(member_id)
        if (
            member is None
            or member.account != account
            or member.network.network_id != network_id
            or member.network.status == "DELETED"
            or member.status == "DELETED"
        ):
            raise RefusalError("ResourceNotFoundException")
        return member.network, member

    def _there(self, network: Network) -> list[Member]:
        """The members that are in the network, or about to be, and not about to leave it."""
        return self.of(network, "CREATING", "AVAILABLE", "CREATE_FAILED")

    def _places(self, network: Network, now: datetime) -> int:
        members = self.of(network, "CREATING", "AVAILABLE", "DELETING")
        usable = [
            invitation
            for invitation in self.invitations
            if invitation.network is network and invitation.at(now) == "PENDING"
        ]
        return len(members) + len(usable)

    def _outcome(self, proposal: Proposal, now: datetime) -> str:
        """Tries every way in which the outstanding votes may be cast."""
        network, cast = proposal.network, list(proposal.votes.values())
        ends = set()
        for rest in itertools.product((True, False), repeat=len(self.waiting(proposal, now))):
            votes = [*cast, *rest]
            if not votes:
                return "IN_PROGRESS"
            share = Fraction(sum(votes), len(votes))
            threshold = Fraction(network.percentage, 100)
            ends.add(share > threshold or (network.or_equal and share == threshold))
        if len(ends) == 2:
            return "IN_PROGRESS"
        return "APPROVED" if ends == {True} else "REJECTED"

    def _decide(self, network: Network, now: datetime) -> None:
        """Until nothing is certain that is not decided: the oldest such proposal, and its acts."""
        while network.status == "AVAILABLE":
            for proposal in self.proposals.values():
                if proposal.network is not network or proposal.at(now) != "IN_PROGRESS":
                    continue
                outcome = self._outcome(proposal, now)
                if outcome != "IN_PROGRESS":
                    proposal.status = outcome
                    break
            else:
                return
            if proposal.status == "APPROVED" and not self._carry_out(proposal, now):
                proposal.status = "ACTION_FAILED"

    def _carry_out(self, proposal: Proposal, now: datetime) -> bool:
        """Do what can be done; whether that was all."""
        network, done = proposal.network, True
        for member_id in proposal.removed:
            there = [member.member_id for member in self._there(network)]
            if member_id in there and len(there) > 1:
                self._end(self.members[member_id])
            else:
                done = False
        for account in proposal.invited:
            if self._places(network, now) < MEMBERS_MAX:
                deadline = now + timedelta(hours=HOURS)
                self.invitations.append(Invitation(network, account, deadline))
            else:
                done = False
        return done

    def _end(self, member: Member) -> None:
        for invitation in self.invitations:
            if invitation.member is member and invitation.status == "ACCEPTING":
                invitation.status = "ACCEPTED"
        member.status = "DELETING"
        if not self._there(member.network):
            member.network.status = "DELETING"
