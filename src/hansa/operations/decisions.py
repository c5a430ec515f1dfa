"""Counting votes, and doing what was decided: in the same transaction as what decided it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from hansa.domain import names
from hansa.domain.lifecycle import Status
from hansa.domain.operation import OperationStatus
from hansa.domain.voting import InvitationStatus, ProposalStatus, VotingPolicy, decide
from hansa.operations.context import OperationContext
from hansa.operations.limits import edition_limits
from hansa.operations.proposal_rules import taken_places
from hansa.operations.removals import begin_member_deletion
from hansa.store.database import Session
from hansa.store.events import record_invitation_event, record_proposal_event
from hansa.store.members import get_member, present_members
from hansa.store.operation_tables import Operation
from hansa.store.operations import begin_approved, end_operation, operation_of_proposal
from hansa.store.packages import share_package
from hansa.store.proposals import expire_proposal, get_votes, open_proposals
from hansa.store.tables import Invitation, Member, Network, Proposal

_VOTERS = (Status.AVAILABLE, Status.UPDATING)


def outstanding_voters(session: Session, proposal: Proposal) -> Sequence[Member]:
    """The members that may still vote: available now, and without a vote."""
    voted = {vote.member_id for vote in get_votes(session, proposal.id)}
    return [
        member
        for member in present_members(session, proposal.network_id)
        if member.status in _VOTERS and member.id not in voted
    ]


def settle_proposal(
    context: OperationContext, session: Session, network: Network, proposal: Proposal
) -> None:
    """Decide ``proposal`` if its outcome is certain, and do what was approved.

    Does nothing where it was decided before: what one decision brings about may have decided it.
    """
    if proposal.status != ProposalStatus.IN_PROGRESS:
        return
    if proposal.status_at(context.now()) is ProposalStatus.EXPIRED:
        expire_proposal(session, network, proposal, context.now())
        return
    votes = [vote.vote for vote in get_votes(session, proposal.id)]
    policy = VotingPolicy(network.threshold_percentage, network.threshold_comparator)
    outcome = decide(
        policy, votes.count("YES"), votes.count("NO"), len(outstanding_voters(session, proposal))
    )
    if outcome is ProposalStatus.IN_PROGRESS:
        return
    faults = []
    if outcome is ProposalStatus.APPROVED:
        faults = _carry_out(context, session, network, proposal)
    operation = operation_of_proposal(session, proposal.id)
    if operation is not None:
        _decide_operation(session, proposal, operation, outcome, context.now())
    proposal.status = ProposalStatus.ACTION_FAILED if faults else outcome
    proposal.status_reason = "; ".join(faults)
    record_proposal_event(session, network, proposal, context.now())
    if proposal.removals and outcome is ProposalStatus.APPROVED:
        settle_open_proposals(context, session, network)


def _decide_operation(
    session: Session,
    proposal: Proposal,
    operation: Operation,
    outcome: ProposalStatus,
    now: datetime,
) -> None:
    """Have what was approved performed, in the name of those who voted for it."""
    if outcome is ProposalStatus.APPROVED:
        votes = get_votes(session, proposal.id)
        agreed = [vote.member_id for vote in votes if vote.vote == "YES"]
        begin_approved(operation, agreed, now)
        _share_package(session, operation, agreed, now)
        return
    reason = f"The members rejected proposal {proposal.id}"
    end_operation(operation, OperationStatus.FAILED, reason, now)


def _share_package(
    session: Session, operation: Operation, member_ids: Sequence[str], now: datetime
) -> None:
    """Give the package that is to run on these members' nodes to their accounts."""
    members = [get_member(session, operation.network_id, each) for each in member_ids]
    accounts = [member.account_id for member in members if member is not None]
    package_id = operation.request.get("PackageId", "")
    share_package(session, operation.account_id, package_id, accounts, now)


def settle_open_proposals(context: OperationContext, session: Session, network: Network) -> None:
    """Decide what has become certain because a member left."""
    if network.status != Status.AVAILABLE:
        return
    for proposal in open_proposals(session, network.id):
        settle_proposal(context, session, network, proposal)


def _carry_out(
    context: OperationContext, session: Session, network: Network, proposal: Proposal
) -> list[str]:
    """Do all actions; what went wrong with those that could not be done."""
    faults = []
    for member_id in proposal.removals:
        fault = _remove(context, session, network, member_id)
        faults += [fault] if fault else []
    for account in proposal.invitations:
        fault = _invite(context, session, network, proposal, account)
        faults += [fault] if fault else []
    return faults


def _remove(context: OperationContext, session: Session, network: Network, member_id: str) -> str:
    """Begin the removal; the fault, if it cannot be."""
    member = get_member(session, network.id, member_id)
    if member is None or member.status in (Status.DELETING, Status.DELETED):
        return f"member {member_id} is no longer there"
    staying = [
        other
        for other in present_members(session, network.id)
        if other.id != member_id and other.status != Status.DELETING
    ]
    if not staying:
        return f"member {member_id} is the last one; it can only be deleted by its owner"
    begin_member_deletion(context, session, network, member, "Removed by an approved proposal")
    return ""


def _invite(
    context: OperationContext,
    session: Session,
    network: Network,
    proposal: Proposal,
    account_id: str,
) -> str:
    """Send the invitation; the fault, if the network has become full."""
    limit = edition_limits(context.settings, network.edition).members_max
    if taken_places(session, network, context.now()) >= limit:
        return f"account {account_id} was not invited: the network has its {limit} members"
    now = context.now()
    invitation = Invitation(
        id=names.new_id("invitation", context.choice),
        account_id=account_id,
        network_id=network.id,
        proposal_id=proposal.id,
        member_id=None,
        status=InvitationStatus.PENDING,
        created_at=now,
        expires_at=now + timedelta(hours=network.proposal_duration_hours),
    )
    session.add(invitation)
    session.flush()
    record_invitation_event(session, network, invitation, now)
    return ""
