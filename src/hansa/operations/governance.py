"""Proposals, votes and invitations: told clearly that this version does not have them.

There are none, so lists of them are empty and no id of one exists; what would make one is refused.
"""

from __future__ import annotations

from typing import NoReturn

from hansa.awsapi import managedblockchain as api
from hansa.domain.caller import Caller
from hansa.domain.errors import InvalidRequestError
from hansa.operations.context import OperationContext
from hansa.operations.lookups import find_network, find_own_member, not_found


class Governance:
    """CreateMember, and the operations on proposals, votes and invitations."""

    def __init__(self, context: OperationContext) -> None:
        self._context = context

    def create_member(self, caller: Caller, request: api.CreateMemberInput) -> NoReturn:
        del caller
        raise not_found("Invitation", request["InvitationId"])

    def create_proposal(self, caller: Caller, request: api.CreateProposalInput) -> NoReturn:
        with self._context.store.read() as session:
            find_own_member(
                self._context, session, caller, request["NetworkId"], request["MemberId"]
            )
        raise InvalidRequestError(
            "CreateProposal is not supported by this version of Hansa: a network has the member it "
            "was created with. See docs/api-coverage.md for what comes next"
        )

    def get_proposal(self, caller: Caller, request: api.GetProposalInput) -> NoReturn:
        self._no_proposal(caller, request["NetworkId"], request["ProposalId"])

    def vote(self, caller: Caller, request: api.VoteOnProposalInput) -> NoReturn:
        self._no_proposal(caller, request["NetworkId"], request["ProposalId"])

    def list_votes(self, caller: Caller, request: api.ListProposalVotesInput) -> NoReturn:
        self._no_proposal(caller, request["NetworkId"], request["ProposalId"])

    def list_proposals(
        self, caller: Caller, request: api.ListProposalsInput
    ) -> api.ListProposalsOutput:
        with self._context.store.read() as session:
            find_network(self._context, session, caller, request["NetworkId"])
        return {"Proposals": [], "NextToken": None}

    def list_invitations(
        self, caller: Caller, request: api.ListInvitationsInput
    ) -> api.ListInvitationsOutput:
        del caller, request
        return {"Invitations": [], "NextToken": None}

    def reject_invitation(self, caller: Caller, request: api.RejectInvitationInput) -> NoReturn:
        del caller
        raise not_found("Invitation", request["InvitationId"])

    def _no_proposal(self, caller: Caller, network_id: str, proposal_id: str) -> NoReturn:
        with self._context.store.read() as session:
            find_network(self._context, session, caller, network_id)
        raise not_found("Proposal", proposal_id)
