"""What a proposal may ask for."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime

from hansa.awsapi import managedblockchain as api
from hansa.domain.errors import (
    InvalidRequestError,
    ResourceLimitExceededError,
    ResourceNotFoundError,
)
from hansa.domain.lifecycle import Status
from hansa.operations.context import OperationContext
from hansa.operations.limits import edition_limits
from hansa.store.database import Session
from hansa.store.invitations import pending_invitations
from hansa.store.members import get_member, present_members
from hansa.store.tables import Member, Network

_ACCOUNT = re.compile(r"[0-9]{12}\Z")


def check_actions(
    context: OperationContext,
    session: Session,
    network: Network,
    proposer: Member,
    actions: api.ProposalActions,
) -> tuple[list[str], list[str]]:
    """The accounts to invite and the members to remove.

    Raises :class:`InvalidRequestError` naming all faults, :class:`ResourceNotFoundError` for a
    member that is not in the network, :class:`ResourceLimitExceededError` where there is no room.
    """
    accounts = [action["Principal"] for action in actions.get("Invitations") or []]
    members = [action["MemberId"] for action in actions.get("Removals") or []]
    faults = _faults(accounts, members, proposer)
    if faults:
        raise InvalidRequestError(f"The request is not valid: {'; '.join(faults)}")
    for member_id in members:
        member = get_member(session, network.id, member_id)
        if member is None or member.status in (Status.DELETING, Status.DELETED):
            raise ResourceNotFoundError(
                f"Member {member_id} was not found in network {network.id}; "
                "list-members shows who can be removed",
                member_id,
            )
    check_room(context, session, network, len(accounts))
    return accounts, members


def check_room(context: OperationContext, session: Session, network: Network, more: int) -> None:
    """Raise :class:`ResourceLimitExceededError` unless ``more`` members could join."""
    limit = edition_limits(context.settings, network.edition).members_max
    there = taken_places(session, network, context.now())
    if more and there + more > limit:
        raise ResourceLimitExceededError(
            f"Network {network.id} can have {limit} members; it has {there}, counting open "
            f"invitations. Invite fewer, or raise the setting {network.edition.lower()}_members_max"
        )


def taken_places(session: Session, network: Network, now: datetime) -> int:
    """How many members the network has or may get by invitations that can still be used.

    A member whose creation failed takes no place: its invitation may be used again.
    """
    members = [
        member
        for member in present_members(session, network.id)
        if member.status != Status.CREATE_FAILED
    ]
    return len(members) + len(pending_invitations(session, network.id, now))


def _faults(accounts: list[str], members: list[str], proposer: Member) -> list[str]:
    faults = []
    if not accounts and not members:
        faults.append("'actions' is empty; give Invitations, Removals or both")
    wrong = [account for account in accounts if not _ACCOUNT.match(account)]
    if wrong:
        faults.append(
            f"'actions.invitations.principal' is {wrong[0]}; it has to be the 12 digits of an "
            "AWS account id"
        )
    if proposer.id in members:
        faults.append(
            f"'actions.removals.memberId' is {proposer.id}, the proposer itself; "
            "delete it with DeleteMember"
        )
    # An account may be invited twice: it may have several members.
    twice = [member_id for member_id, count in Counter(members).items() if count > 1]
    if twice:
        faults.append(f"'actions.removals' names {twice[0]} more than once")
    return faults
