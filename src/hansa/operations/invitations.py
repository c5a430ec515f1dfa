"""Invitations: listed, rejected, and consumed by CreateMember.

AMB guide, "Accept an Invitation to Create a Member and Join a Managed Blockchain Network".
"""

from __future__ import annotations

from datetime import datetime

from hansa.awsapi import managedblockchain as api
from hansa.domain import names
from hansa.domain.caller import Caller
from hansa.domain.errors import (
    IllegalActionError,
    InvalidRequestError,
    ResourceAlreadyExistsError,
    ResourceNotReadyError,
)
from hansa.domain.lifecycle import Status
from hansa.domain.voting import InvitationStatus
from hansa.operations.context import OperationContext
from hansa.operations.lists import page
from hansa.operations.lookups import not_found
from hansa.operations.members import add_member, check_member_configuration
from hansa.operations.networks import network_summary
from hansa.operations.tokens import answer_once
from hansa.store.database import Session
from hansa.store.events import record_invitation_event
from hansa.store.invitations import INVITATIONS_OF_ACCOUNT, get_invitation
from hansa.store.members import member_named
from hansa.store.networks import require_network
from hansa.store.pages import Filters
from hansa.store.tables import Invitation, Network


class Invitations:
    """ListInvitations, RejectInvitation, CreateMember."""

    def __init__(self, context: OperationContext) -> None:
        self._context = context

    def list(self, caller: Caller, request: api.ListInvitationsInput) -> api.ListInvitationsOutput:
        with self._context.store.read() as session:
            filters = Filters({"account_id": caller.account_id})
            rows, token = page(session, "ListInvitations", INVITATIONS_OF_ACCOUNT, filters, request)
            now = self._context.now()
            found = [_describe(row, require_network(session, row.network_id), now) for row in rows]
            return {"Invitations": found, "NextToken": token}

    def reject(
        self, caller: Caller, request: api.RejectInvitationInput
    ) -> api.RejectInvitationOutput:
        now = self._context.now()
        with self._context.store.write() as session:
            invitation = get_invitation(session, caller.account_id, request["InvitationId"])
            if invitation is None:
                raise not_found("Invitation", request["InvitationId"])
            self._check_pending(invitation)
            invitation.status = InvitationStatus.REJECTED
            record_invitation_event(
                session, require_network(session, invitation.network_id), invitation, now
            )
        self._context.wake()
        return {}

    def create_member(
        self, caller: Caller, request: api.CreateMemberInput
    ) -> api.CreateMemberOutput:
        """Consume the invitation: the member is created, and then joins the network."""
        faults = check_member_configuration(request["MemberConfiguration"])
        if faults:
            raise InvalidRequestError(f"The request is not valid: {'; '.join(faults)}")
        now = self._context.now()
        with self._context.store.write() as session:
            answer = answer_once(
                session,
                caller,
                "CreateMember",
                request,
                now,
                lambda: self._create_member(session, caller, request),
            )
        self._context.wake()
        return answer

    def _create_member(
        self, session: Session, caller: Caller, request: api.CreateMemberInput
    ) -> api.CreateMemberOutput:
        invitation = get_invitation(session, caller.account_id, request["InvitationId"])
        if invitation is None or invitation.network_id != request["NetworkId"]:
            raise not_found("Invitation", request["InvitationId"])
        self._check_pending(invitation)
        network = require_network(session, invitation.network_id)
        if network.status != Status.AVAILABLE:
            raise ResourceNotReadyError(
                f"Network {network.id} is {network.status}; it can be joined while it is AVAILABLE"
            )
        name = request["MemberConfiguration"]["Name"]
        if member_named(session, network.id, name) is not None:
            raise ResourceAlreadyExistsError(
                f"a member named {name} already exists in network {network.id}; choose another name"
            )
        member_id = names.new_id("member", self._context.choice)
        configuration = request["MemberConfiguration"]
        add_member(self._context, session, caller, network, member_id, configuration, founder=False)
        invitation.member_id = member_id
        invitation.status = InvitationStatus.ACCEPTING
        record_invitation_event(session, network, invitation, self._context.now())
        return {"MemberId": member_id}

    def _check_pending(self, invitation: Invitation) -> None:
        shown = invitation.status_at(self._context.now())
        if shown is not InvitationStatus.PENDING:
            raise IllegalActionError(
                f"Invitation {invitation.id} is {shown}; only a PENDING one can be accepted or "
                "rejected. A new one takes a new proposal"
            )


def _describe(invitation: Invitation, network: Network, now: datetime) -> api.Invitation:
    return {
        "InvitationId": invitation.id,
        "CreationDate": invitation.created_at,
        "ExpirationDate": invitation.expires_at,
        "Status": invitation.status_at(now),
        "NetworkSummary": network_summary(network),
        "Arn": names.invitation_arn(network.region, invitation.account_id, invitation.id),
    }
