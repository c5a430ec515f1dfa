"""Whatever accounts do, and whenever: the service and the oracle agree on all that is seen."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select
from tests.governance.drawn import (
    ACCOUNTS,
    HOURS_THAT_PASS,
    NAMES,
    STRANGER,
    accounts,
    caller,
    empty_store,
    fates,
    policies,
    thieves,
)
from tests.governance.oracle import HOURS, Member, Network, Oracle, Proposal, RefusalError
from tests.governance.served import member_configuration, network_request
from tests.simulation.world import World

from hansa.domain.errors import ServiceError
from hansa.drivers.base import PermanentDriverError
from hansa.store import tables


class Histories(RuleBasedStateMachine):
    """Accounts do what they may and may not; time passes; the background works now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        for name, content in empty_store().items():
            (Path(self.directory.name) / name).write_bytes(content)
        self.world = World(Path(self.directory.name), seed=1)
        self.world.faults.keep = self._spoil
        self.oracle = Oracle()
        self.doomed: set[str] = set()
        self.tokens = self.looks = 0
        self.ids: list[tuple[str, str]] = []  # (account, id) of every invitation, in order

    def teardown(self) -> None:
        self.world.store.close()
        self.directory.cleanup()

    def _spoil(self, point: str) -> None:
        if point in self.doomed:
            raise PermanentDriverError("no room for it")

    def _token(self) -> str:
        self.tokens += 1
        return f"token-{self.tokens}"

    def _call(self, operation: str, account: str, request: Any) -> Any:
        """What the operation answers; the name of its error where it is refused."""
        self.world.now += timedelta(seconds=1)
        try:
            return getattr(self.world.api, operation)(caller(account), request)
        except ServiceError as fault:
            return fault.code

    def _expect(self, rules: Callable[[], None]) -> str:
        try:
            rules()
        except RefusalError as refusal:
            return refusal.error
        return ""

    def _observe(self) -> None:
        """Tell the oracle how far the background has come."""
        with self.world.store.read() as session:
            members = list(session.scalars(select(tables.Member)))
            networks = list(session.scalars(select(tables.Network)))
        for member in members:
            self.oracle.observe(member.id, member.status)
        for network in networks:
            self.oracle.observe_network(network.id, network.status)

    def _pick(self, data: st.DataObject, rows: list[Any]) -> Any:
        return data.draw(st.sampled_from(rows))

    @initialize(
        policy=policies,
        others=st.lists(accounts, min_size=2, max_size=4),
        fates=st.lists(fates, max_size=4),
        second=st.none() | policies,
    )
    def begin(
        self,
        policy: tuple[int, str],
        others: list[str],
        fates: list[str],
        second: tuple[int, str] | None,
    ) -> None:
        """A network, and members that have joined it, as far as its policy lets them be invited."""
        founder = self._found(ACCOUNTS[0], *policy)
        self._propose(founder.account, founder, others, [])
        for proposal in list(self.oracle.proposals.values()):
            if proposal.status == "IN_PROGRESS":
                self._vote(founder.account, founder.network, proposal, founder, yes=True)
        self.invitations_agree()
        joining = zip(range(len(self.ids)), NAMES, fates, strict=False)
        for number, name, fate in joining:
            self._join(self.oracle.invitations[number].account, number, name, fate)
        self.finish()
        if second is not None:
            self._found(ACCOUNTS[1], *second)

    def _found(self, account: str, percentage: int, comparator: str) -> Member:
        request = network_request(
            percentage,
            comparator,
            ClientRequestToken=self._token(),
            FrameworkConfiguration={"Fabric": {"Edition": "STARTER"}},
        )
        made = self._call("create_network", account, request)
        self.world.settle()
        network = Network(made["NetworkId"], percentage, comparator.endswith("EQUAL_TO"))
        self.oracle.networks[network.network_id] = network
        founder = Member(made["MemberId"], network, account, "org1", "AVAILABLE")
        self.oracle.members[founder.member_id] = founder
        self._observe()
        return founder

    @precondition(lambda self: self.oracle.members)
    @rule(
        data=st.data(),
        invited=st.lists(accounts | st.just(STRANGER), max_size=2),
        removals=st.integers(0, 2),
        thief=thieves,
    )
    def propose(
        self, data: st.DataObject, invited: list[str], removals: int, thief: str | None
    ) -> None:
        members = list(self.oracle.members.values())
        member = self._pick(data, members)
        others = [m for m in members if m.network is member.network and m is not member]
        candidates = [*others, *others, *members]
        removed = [self._pick(data, candidates).member_id for _ in range(removals)]
        self._propose(thief or member.account, member, invited, removed)

    def _propose(
        self, account: str, member: Member, invited: list[str], removed: list[str]
    ) -> None:
        ids = {"NetworkId": member.network.network_id, "MemberId": member.member_id}
        actions = {
            "Invitations": [{"Principal": it} for it in invited],
            "Removals": [{"MemberId": it} for it in removed],
        }
        request = {"ClientRequestToken": self._token(), **ids, "Actions": actions}
        answer = self._call("create_proposal", account, request)
        now = self.world.now
        refused = self._expect(
            lambda: self.oracle.check_proposal(
                account, ids["NetworkId"], ids["MemberId"], len(invited), removed, now
            )
        )
        if refused:
            assert answer == refused
            return
        deadline = now + timedelta(hours=HOURS)
        self.oracle.propose(
            Proposal(answer["ProposalId"], member.network, invited, removed, deadline), now
        )

    @precondition(lambda self: self.oracle.proposals)
    @rule(
        data=st.data(),
        votes=st.lists(st.booleans(), max_size=3),
        somehow=st.sampled_from([*ACCOUNTS, ""]),
    )
    def vote(self, data: st.DataObject, votes: list[bool], somehow: str) -> None:
        """Some of those vote that may; where nobody does, somebody who perhaps may not."""
        proposal = self._pick(data, self._open() or list(self.oracle.proposals.values()))
        for yes in votes:
            waiting = self.oracle.waiting(proposal, self.world.now + timedelta(seconds=1))
            if waiting:
                member = self._pick(data, waiting)
                self._vote(member.account, proposal.network, proposal, member, yes=yes)
        if not votes:
            member = self._pick(data, list(self.oracle.members.values()))
            network = self._pick(data, [proposal.network, member.network])
            self._vote(somehow or member.account, network, proposal, member, yes=True)

    def _open(self) -> list[Proposal]:
        soon = self.world.now + timedelta(seconds=1)
        return [p for p in self.oracle.proposals.values() if self.oracle.waiting(p, soon)]

    def _vote(
        self, account: str, network: Network, proposal: Proposal, member: Member, *, yes: bool
    ) -> None:
        request = {
            "NetworkId": network.network_id,
            "ProposalId": proposal.proposal_id,
            "VoterMemberId": member.member_id,
            "Vote": "YES" if yes else "NO",
        }
        answer = self._call("vote_on_proposal", account, request)
        refused = self._expect(
            lambda: self.oracle.vote(
                account,
                network.network_id,
                proposal.proposal_id,
                member.member_id,
                self.world.now,
                yes=yes,
            )
        )
        assert answer == (refused or {})

    @precondition(lambda self: self.oracle.invitations)
    @rule(
        data=st.data(),
        name=st.sampled_from(NAMES),
        fate=fates,
        thief=thieves,
    )
    def join(self, data: st.DataObject, name: str, fate: str, thief: str | None) -> None:
        number = self._invitation(data)
        account = thief or self.oracle.invitations[number].account
        self._join(account, number, name, fate)

    def _invitation(self, data: st.DataObject) -> int:
        """The number of an invitation, more likely of one that can be used."""
        found = [it.at(self.world.now) for it in self.oracle.invitations]
        usable = [number for number, status in enumerate(found) if status == "PENDING"]
        return int(self._pick(data, [*usable, *usable, *usable, *range(len(found))]))

    def _join(self, account: str, number: int, name: str, fate: str) -> None:
        invitation = self.oracle.invitations[number]
        request = {
            "ClientRequestToken": self._token(),
            "InvitationId": self.ids[number][1],
            "NetworkId": invitation.network.network_id,
            "MemberConfiguration": member_configuration(name),
        }
        answer = self._call("create_member", account, request)
        refused = self._expect(
            lambda: self.oracle.check_join(account, invitation, name, self.world.now)
        )
        if refused:
            assert answer == refused
            return
        member_id = answer["MemberId"]
        if fate == "fails":
            self.doomed.add(f"apply {member_id}-ca")
        self.oracle.join(
            invitation, Member(member_id, invitation.network, account, name, "CREATING")
        )

    @rule(data=st.data(), what=st.sampled_from(["leave", "everybody", "reject"]), thief=thieves)
    def give_up(self, data: st.DataObject, what: str, thief: str | None) -> None:
        if what == "leave":
            member = self._pick(data, list(self.oracle.members.values()))
            self._leave(thief or member.account, member)
        elif what == "everybody":
            for member in self.oracle.of(self._pick(data, [*self.oracle.networks.values()])):
                self._leave(member.account, member)
                if member.account != thief:
                    self.background("work")
        elif self.oracle.invitations:
            number = self._invitation(data)
            self._reject(thief or self.oracle.invitations[number].account, number)

    def _reject(self, account: str, number: int) -> None:
        invitation = self.oracle.invitations[number]
        answer = self._call("reject_invitation", account, {"InvitationId": self.ids[number][1]})
        refused = self._expect(lambda: self.oracle.reject(account, invitation, self.world.now))
        assert answer == (refused or {})

    def _leave(self, account: str, member: Member) -> None:
        ids = {"NetworkId": member.network.network_id, "MemberId": member.member_id}
        answer = self._call("delete_member", account, ids)
        refused = self._expect(
            lambda: self.oracle.leave(account, *ids.values(), now=self.world.now)
        )
        assert answer == (refused or {})

    @rule(what=st.sampled_from(["work", "finish", "sweep", "crash", *HOURS_THAT_PASS]))
    def background(self, what: str | int) -> None:
        """Some due work is done, or all; deadlines are recorded; the service ends; time passes."""
        if what == "work":
            for _ in range(5):
                self.world.step()
            self._observe()
        elif what == "finish":
            self.finish()
        elif what == "sweep":
            self.world.sweep.run_once()
        elif what == "crash":
            self.world.after_crash()
        else:
            self.world.now += timedelta(hours=int(what))

    def finish(self) -> None:
        self.world.settle()
        self._observe()

    @invariant()
    def invitations_agree(self) -> None:
        found: list[tuple[str, str, str, str]] = []
        with self.world.store.read() as session:
            rows = session.scalars(select(tables.Invitation).order_by(tables.Invitation.number))
            self.ids = [(row.account_id, row.id) for row in rows]
        for account in (*ACCOUNTS, STRANGER):
            listed = self.world.api.list_invitations(caller(account), {})["Invitations"]
            found += [
                (account, it["InvitationId"], it["NetworkSummary"]["Id"], it["Status"])
                for it in listed
            ]
        expected = [
            (account, invitation_id, invitation.network.network_id, invitation.at(self.world.now))
            for (account, invitation_id), invitation in zip(
                self.ids, self.oracle.invitations, strict=True
            )
        ]
        assert sorted(found) == sorted(expected)

    @invariant()
    def accounts_see_what_is_theirs(self) -> None:
        self.looks += 1
        everybody = [*ACCOUNTS, STRANGER]
        ending = any(network.status == "DELETING" for network in self.oracle.networks.values())
        # Each in its turn; at an end, who left before must not see it again.
        for account in everybody if ending else [everybody[self.looks % len(everybody)]]:
            self._compare_networks(account)

    def _compare_networks(self, account: str) -> None:
        listed = self.world.api.list_networks(caller(account), {})["Networks"]
        joined = self.oracle.joined(account)
        assert {network["Id"] for network in listed} == joined
        visible = self.oracle.visible(account, self.world.now)
        for network_id in self.oracle.networks:
            for operation, seen in (
                ("get_network", visible),
                ("list_members", visible),
                ("list_proposals", joined),
            ):
                answer = self._look(operation, account, {"NetworkId": network_id})
                assert (answer != "ResourceNotFoundException") == (network_id in seen)

    @invariant()
    def members_and_proposals_agree(self) -> None:
        for network in self.oracle.networks.values():
            for account in ACCOUNTS:
                if network.network_id in self.oracle.joined(account):
                    self._compare(network, account)
                    break

    def _compare(self, network: Network, account: str) -> None:
        ids = {"NetworkId": network.network_id}
        assert self._look("get_network", account, ids)["Network"]["Status"] == network.status
        listed = self._look("list_members", account, ids)["Members"]
        assert {item["Id"]: (item["Status"], item["IsOwned"]) for item in listed} == {
            member.member_id: (member.status, member.account == account)
            for member in self.oracle.members.values()
            if member.network is network and member.status != "DELETED"
        }
        proposals = self._look("list_proposals", account, ids)["Proposals"]
        expected = [p for p in self.oracle.proposals.values() if p.network is network]
        now = self.world.now
        assert [(item["ProposalId"], item["Status"]) for item in proposals] == [
            (proposal.proposal_id, proposal.at(now)) for proposal in expected
        ]
        for proposal in expected:
            of_it = {**ids, "ProposalId": proposal.proposal_id}
            found = self._look("get_proposal", account, of_it)["Proposal"]
            votes = list(proposal.votes.values())
            counts = (
                votes.count(True),
                votes.count(False),
                len(self.oracle.waiting(proposal, now)),
            )
            named = (found[f"{name}VoteCount"] for name in ("Yes", "No", "Outstanding"))
            assert tuple(named) == counts

    def _look(self, operation: str, account: str, request: Any) -> Any:
        """As :meth:`_call`, at the same moment."""
        try:
            return getattr(self.world.api, operation)(caller(account), request)
        except ServiceError as fault:
            return fault.code


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=15,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
