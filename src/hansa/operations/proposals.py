"""Proposals and votes: how members of a network decide together.

AMB guide, "Work with Proposals".
"""

from __future__ import annotations

import json
from datetime import datetime

from hansa.awsapi import managedblockchain as api
from hansa.domain import names
from hansa.domain.caller import Caller
from hansa.domain.errors import IllegalActionError
from hansa.domain.lifecycle import Status
from hansa.domain.voting import ProposalStatus
from hansa.operations.context import OperationContext
from hansa.operations.decisions import outstanding_voters, settle_proposal
from hansa.operations.lists import page
from hansa.operations.lookups import find_joined_network, find_own_member, not_found
from hansa.operations.proposal_rules import check_actions
from hansa.operations.proposing import check_may_take_part, open_proposal
from hansa.operations.tags import check_tags
from hansa.operations.tokens import answer_once
from hansa.store.database import Session
from hansa.store.operation_tables import Operation
from hansa.store.operations import operation_of_proposal
from hansa.store.pages import Filters
from hansa.store.proposals import (
    PROPOSALS_OF_NETWORK,
    VOTES_ON_PROPOSAL,
    get_proposal,
    get_votes,
)
from hansa.store.tables import Network, Proposal, Vote
from hansa.store.tags import get_tags, put_tags


class Proposals:
    """CreateProposal, ListProposals, GetProposal, VoteOnProposal, ListProposalVotes."""

    def __init__(self, context: OperationContext) -> None:
        self._context = context

    def create(self, caller: Caller, request: api.CreateProposalInput) -> api.CreateProposalOutput:
        check_tags(request.get("Tags") or {})
        now = self._context.now()
        with self._context.store.write() as session:
            answer = answer_once(
                session,
                caller,
                "CreateProposal",
                request,
                now,
                lambda: self._create(session, caller, request),
            )
        self._context.wake()
        return answer

    def _create(
        self, session: Session, caller: Caller, request: api.CreateProposalInput
    ) -> api.CreateProposalOutput:
        context = self._context
        network = find_joined_network(context, session, caller, request["NetworkId"])
        member = find_own_member(context, session, caller, network.id, request["MemberId"])
        check_may_take_part(network, member)
        invitations, removals = check_actions(context, session, network, member, request["Actions"])
        proposal = open_proposal(
            context,
            session,
            network,
            member,
            request.get("Description"),
            invitations=invitations,
            removals=removals,
        )
        put_tags(session, proposal.id, request.get("Tags") or {})
        session.flush()
        # A threshold that nobody has to meet, or that nobody can, decides without a vote.
        settle_proposal(context, session, network, proposal)
        return {"ProposalId": proposal.id}

    def list(self, caller: Caller, request: api.ListProposalsInput) -> api.ListProposalsOutput:
        with self._context.store.read() as session:
            network = find_joined_network(self._context, session, caller, request["NetworkId"])
            filters = Filters({"network_id": network.id})
            rows, token = page(session, "ListProposals", PROPOSALS_OF_NETWORK, filters, request)
            now = self._context.now()
            summaries = [_summary(row, network.region, now) for row in rows]
            return {"Proposals": summaries, "NextToken": token}

    def get(self, caller: Caller, request: api.GetProposalInput) -> api.GetProposalOutput:
        with self._context.store.read() as session:
            network, proposal = self._find(
                session, caller, request["NetworkId"], request["ProposalId"]
            )
            return {"Proposal": self._describe(session, network, proposal)}

    def list_votes(
        self, caller: Caller, request: api.ListProposalVotesInput
    ) -> api.ListProposalVotesOutput:
        with self._context.store.read() as session:
            _, proposal = self._find(session, caller, request["NetworkId"], request["ProposalId"])
            filters = Filters({"proposal_id": proposal.id})
            rows, token = page(session, "ListProposalVotes", VOTES_ON_PROPOSAL, filters, request)
            votes: list[api.VoteSummary] = [
                {"Vote": row.vote, "MemberName": row.member_name, "MemberId": row.member_id}
                for row in rows
            ]
            return {"ProposalVotes": votes, "NextToken": token}

    def vote(self, caller: Caller, request: api.VoteOnProposalInput) -> api.VoteOnProposalOutput:
        """Cast a member's one, final vote; the vote that makes the outcome certain settles it."""
        context, now = self._context, self._context.now()
        with context.store.write() as session:
            network, proposal = self._find(
                session, caller, request["NetworkId"], request["ProposalId"]
            )
            voter = find_own_member(context, session, caller, network.id, request["VoterMemberId"])
            shown = proposal.status_at(now)
            if shown is not ProposalStatus.IN_PROGRESS:
                raise IllegalActionError(
                    f"Proposal {proposal.id} is {shown}; no further votes are taken"
                )
            if voter.status not in (Status.AVAILABLE, Status.UPDATING):
                raise IllegalActionError(
                    f"Member {voter.id} is {voter.status}; it can vote once it is AVAILABLE"
                )
            if any(vote.member_id == voter.id for vote in get_votes(session, proposal.id)):
                raise IllegalActionError(
                    f"Member {voter.id} has voted on proposal {proposal.id}; a vote is final"
                )
            session.add(
                Vote(
                    proposal_id=proposal.id,
                    member_id=voter.id,
                    member_name=voter.name,
                    vote=request["Vote"],
                    created_at=now,
                )
            )
            session.flush()
            settle_proposal(context, session, network, proposal)
        context.wake()
        return {}

    def _find(
        self, session: Session, caller: Caller, network_id: str, proposal_id: str
    ) -> tuple[Network, Proposal]:
        network = find_joined_network(self._context, session, caller, network_id)
        proposal = get_proposal(session, network.id, proposal_id)
        if proposal is None:
            raise not_found("Proposal", proposal_id)
        return network, proposal

    def _describe(self, session: Session, network: Network, proposal: Proposal) -> api.Proposal:
        now = self._context.now()
        votes = [vote.vote for vote in get_votes(session, proposal.id)]
        in_progress = proposal.status_at(now) is ProposalStatus.IN_PROGRESS
        outstanding = len(outstanding_voters(session, proposal)) if in_progress else 0
        return {
            **_summary(proposal, network.region, now),
            "NetworkId": network.id,
            "Actions": {
                "Invitations": [{"Principal": account} for account in proposal.invitations],
                "Removals": [{"MemberId": member_id} for member_id in proposal.removals],
            },
            "YesVoteCount": votes.count("YES"),
            "NoVoteCount": votes.count("NO"),
            "OutstandingVoteCount": outstanding,
            "Tags": get_tags(session, proposal.id),
            "ProposedOperation": _proposed(operation_of_proposal(session, proposal.id)),
        }


def _proposed(operation: Operation | None) -> api.ProposedOperation | None:
    if operation is None:
        return None
    return {
        "OperationId": operation.id,
        "Action": operation.action,
        "Subject": operation.subject,
        "Request": json.dumps(operation.request, sort_keys=True),
    }


def _summary(proposal: Proposal, region: str, now: datetime) -> api.ProposalSummary:
    return {
        "ProposalId": proposal.id,
        "Description": proposal.description,
        "ProposedByMemberId": proposal.member_id,
        "ProposedByMemberName": proposal.member_name,
        "Status": proposal.status_at(now),
        "CreationDate": proposal.created_at,
        "ExpirationDate": proposal.expires_at,
        "Arn": names.proposal_arn(region, proposal.id),
    }
