"""From facts about the way to the service, about policies and recorded calls, to findings."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hansa.diagnosis.explain import Explained, explain, recent_findings
from hansa.diagnosis.facts import (
    BroadStatement,
    Endpoint,
    FabricEndpoint,
    Hop,
    KeyRecord,
    Permission,
    PolicyFacts,
    PolicyPlace,
    RoleStep,
)
from hansa.diagnosis.findings import Cause, Family, Grade
from hansa.diagnosis.network_rules import FAULTS, fabric_findings, network_findings
from hansa.diagnosis.policy_rules import policy_findings, trusting
from hansa.diagnosis.principals import holder_of, kind_of, policy_source
from hansa.diagnosis.probe_audit import call_from
from hansa.domain.audit import Call
from hansa.domain.cloudtrail import trail_record
from hansa.domain.errors import Ruling, SignatureCause

ACCOUNT = "111122223333"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/eng/alice"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/operator"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/operator/work"
AT = Endpoint("http://127.0.0.1:8590", "AWS_ENDPOINT_URL")
DENIED = Permission(ALICE, "user", "alice", "managedblockchain:GetNode", "*", False, "because …")


class TestNetwork:
    @pytest.mark.parametrize("fault", sorted(FAULTS))
    @pytest.mark.parametrize("local", ["", "http://127.0.0.1:8590"])
    def test_each_hop_that_fails_has_its_remedy(self, fault: str, local: str) -> None:
        hops = (Hop("name", "fine"), Hop("next", "seen", fault))
        (fine, broken) = network_findings(replace(AT, hops=hops, local_url=local, local_runs=True))
        assert fine.grade is Grade.OK
        assert (broken.grade, broken.family) == (Grade.BAD, Family.NETWORK)
        assert broken.cause is not Cause.NONE
        assert broken.command

    def test_aws_is_not_asked(self) -> None:
        far = Endpoint("https://managedblockchain.us-east-1.amazonaws.com", is_aws=True)
        (one,) = network_findings(far)
        assert one.cause is Cause.ENDPOINT_MISSING

    def test_a_service_that_does_not_run_is_started(self) -> None:
        hops = (Hop("port", "refused", "refused"),)
        (one,) = network_findings(replace(AT, hops=hops, local_url=AT.url))
        assert one.cause is Cause.SERVICE_STOPPED
        assert one.command == 'hansa up && eval "$(hansa env)"'

    def test_sts_that_goes_to_aws(self) -> None:
        (one,) = network_findings(replace(AT, sts_is_aws=True, sts_url="https://sts.amazonaws.com"))
        assert (one.cause, one.grade) == (Cause.ENDPOINT_PARTIAL, Grade.BAD)

    @pytest.mark.parametrize(
        "fault", ["", "unresolved", "refused", "no route", "untrusted", "silent"]
    )
    def test_endpoints_of_networks(self, fault: str) -> None:
        one = FabricEndpoint("nd-A", "peer", "nd-a.example:30001", fault, "seen")
        (told,) = fabric_findings((one,))
        assert told.cause is (Cause.FABRIC_UNREACHABLE if fault else Cause.NONE)
        assert bool(told.command) == bool(fault)
        assert fabric_findings(()) == []


class TestPolicies:
    @pytest.mark.parametrize("env", ["", "hansa env"])
    @pytest.mark.parametrize(
        ("permission", "cause", "command"),
        [
            (DENIED, Cause.NOT_ALLOWED, "put-user-policy"),
            (replace(DENIED, action="iam:PassRole"), Cause.PASS_ROLE_MISSING, "put-user-policy"),
            (replace(DENIED, holder_kind="role"), Cause.NOT_ALLOWED, "put-role-policy"),
            (replace(DENIED, kind="boundary"), Cause.BOUNDED, "delete-user-permissions-boundary"),
            (
                replace(DENIED, kind="boundary", boundary_arn="arn:b", boundary_with="{}"),
                Cause.BOUNDED,
                "create-policy-version --policy-arn arn:b",
            ),
            (
                replace(DENIED, principal_arn=SESSION, kind="session"),
                Cause.SESSION_NARROWED,
                f"assume-role --role-arn {ROLE}",
            ),
        ],
    )
    def test_what_no_policy_allows(
        self, permission: Permission, cause: Cause, command: str, env: str
    ) -> None:
        (one,) = policy_findings(PolicyFacts((permission,), env=env))
        assert (one.cause, one.grade) == (cause, Grade.BAD)
        assert command in one.command
        assert (f'eval "$({env})"' in one.command) == bool(env)

    @pytest.mark.parametrize(
        ("place", "command"),
        [
            (None, "list-user-policies"),
            (PolicyPlace("", "user", "alice", "guard", "{}"), "put-user-policy"),
            (PolicyPlace("", "group", "all", "guard"), "delete-group-policy"),
            (PolicyPlace("arn:p", "group", "all", "arn:p", "{}"), "create-policy-version"),
            (PolicyPlace("arn:p", "role", "r", "arn:p"), "detach-role-policy"),
        ],
    )
    def test_what_a_statement_denies(self, place: PolicyPlace | None, command: str) -> None:
        denied = replace(DENIED, explicit_deny=True, policy="guard", statement="No", place=place)
        (one,) = policy_findings(PolicyFacts((denied,)))
        assert one.cause is Cause.DENIED
        assert "statement No" in one.evidence
        assert command in one.command

    def test_a_boundary_that_denies(self) -> None:
        place = PolicyPlace("arn:b", "user", "alice", "arn:b")
        denied = replace(DENIED, explicit_deny=True, kind="boundary", policy="arn:b", place=place)
        (one,) = policy_findings(PolicyFacts((denied,)))
        assert "delete-user-permissions-boundary" in one.command

    def test_what_is_allowed(self) -> None:
        (one,) = policy_findings(PolicyFacts((replace(DENIED, allowed=True, policy="p"),)))
        assert (one.grade, one.cause) == (Grade.OK, Cause.NONE)

    @pytest.mark.parametrize(
        ("known", "trusted", "allowed", "cause"),
        [
            (None, None, None, Cause.ROLE_REFUSED),
            (False, None, None, Cause.ROLE_UNKNOWN),
            (True, False, True, Cause.ROLE_NOT_TRUSTING),
            (True, False, False, Cause.ROLE_NOT_TRUSTING),
            (True, True, False, Cause.ASSUME_NOT_ALLOWED),
        ],
    )
    @pytest.mark.parametrize("near", ["", f"{ROLE}2"])
    def test_a_role_that_cannot_be_assumed(
        self,
        *,
        known: bool | None,
        trusted: bool | None,
        allowed: bool | None,
        cause: Cause,
        near: str,
    ) -> None:
        step = RoleStep(
            ROLE, ALICE, "me", "AccessDenied", "no", known, near, trusted, allowed=allowed
        )
        (one,) = policy_findings(PolicyFacts(role=step))
        assert (one.cause, one.grade) == (cause, Grade.BAD)
        assert one.command

    def test_passing_is_not_assuming(self) -> None:
        step = RoleStep(ROLE, ALICE, known=True, trusted=True, allowed=False, may_pass=True,
                        assumable=False)  # fmt: skip
        (one,) = policy_findings(PolicyFacts(role=step))
        assert "iam:PassRole" in one.evidence
        assert "put-user-policy --user-name alice" in one.command

    def test_a_role_that_can_be_assumed(self) -> None:
        (one,) = policy_findings(PolicyFacts(role=RoleStep(ROLE, ALICE, assumable=True)))
        assert one.grade is Grade.OK

    def test_trust_of_the_deleted_cannot_be_saved_again(self) -> None:
        gone = {"Effect": "Allow", "Principal": {"AWS": "AIDAAAAAAAAAAAAAAAAAA"}}
        kept = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
        document = json.dumps({"Version": "2012-10-17", "Statement": [gone, kept]})
        made = json.loads(trusting(document, ALICE))
        assert [each["Principal"]["AWS"] for each in made["Statement"]] == [
            f"arn:aws:iam::{ACCOUNT}:root", ALICE,
        ]  # fmt: skip
        step = RoleStep(ROLE, ALICE, known=True, trusted=False, trust_document=document)
        (one,) = policy_findings(PolicyFacts(role=step))
        assert "AIDAAAAAAAAAAAAAAAAAA" in one.evidence

    @pytest.mark.parametrize("managed", [True, False])
    def test_what_is_too_broad_is_only_noted(self, *, managed: bool) -> None:
        broad = BroadStatement("arn:p", "#1", ("*",), "group", "all", is_managed=managed)
        (one,) = policy_findings(PolicyFacts(broad=(broad,)))
        assert (one.grade, one.cause) == (Grade.NOTE, Cause.OVER_BROAD)
        assert ("detach-group-policy" if managed else "delete-group-policy") in one.command


CALL = Call(
    "r-1", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "managedblockchain", "GetNode", "us-east-1",
    ACCOUNT, ALICE, "AKIAAAAAAAAAAAAAAAAA", "127.0.0.1", "boto3",
    resources=(f"arn:aws:managedblockchain:us-east-1:{ACCOUNT}:nodes/nd-A",),
    status=403, error_code="AccessDeniedException", error_message="User: …",
)  # fmt: skip
RULING = Ruling("managedblockchain:GetNode", "*", "with an explicit deny in a session policy",
                "session policy", "#1", explicit_deny=True)  # fmt: skip


class TestExplain:
    @pytest.mark.parametrize("cause", list(SignatureCause))
    @pytest.mark.parametrize("kind", ["user", "role", ""])
    def test_every_cause_of_a_signature(self, cause: SignatureCause, kind: str) -> None:
        key = KeyRecord("k", ACCOUNT, ALICE, kind, "alice", False, True, True) if kind else None
        call = replace(CALL, account_id="", principal_arn="", signature_cause=str(cause))
        (called, why) = explain(Explained(call, "hansa env", key))
        assert "r-1" in called.evidence
        assert why.grade is Grade.BAD
        assert why.cause is not Cause.NONE
        assert why.command or why.advice

    def test_a_ruling_is_told_as_it_was(self) -> None:
        (called, why) = explain(Explained(replace(CALL, ruling=RULING), ""))
        assert ALICE in called.what
        assert "nodes/nd-A" in called.evidence
        assert why.cause is Cause.DENIED
        assert "statement #1" in why.evidence

    def test_what_is_allowed_now(self) -> None:
        now = replace(DENIED, allowed=True)
        (_, why) = explain(Explained(replace(CALL, ruling=RULING), "", now=now))
        assert (why.grade, why.what.endswith("and is now")) == (Grade.OK, True)

    def test_other_ends_of_calls(self) -> None:
        (_, denied) = explain(Explained(CALL, ""))
        assert (denied.grade, denied.cause) == (Grade.BAD, Cause.CALL_REFUSED)
        failed = replace(CALL, error_code="ResourceNotFoundException", status=404)
        (_, why) = explain(Explained(failed, ""))
        assert why.grade is Grade.NOTE
        fine = replace(CALL, error_code="", error_message="", status=200)
        (_, why) = explain(Explained(fine, ""))
        assert why.grade is Grade.OK

    @pytest.mark.parametrize(
        "call",
        [replace(CALL, ruling=RULING), CALL,
         replace(CALL, account_id="", principal_arn="", signature_cause="wrong-signature")],
    )  # fmt: skip
    def test_cloudtrails_record_tells_the_same(self, call: Call) -> None:
        read = call_from(json.loads(json.dumps(trail_record(call))))
        assert explain(Explained(read, "")) == explain(Explained(call, ""))

    def test_the_newest_refusal_is_pointed_at(self) -> None:
        assert recent_findings([]) == []
        (one,) = recent_findings([CALL, CALL])
        assert one.what.startswith("2 calls")
        assert one.command.endswith("--explain r-1")


@pytest.mark.parametrize(
    ("arn", "holder", "source"),
    [
        (ALICE, ("user", "alice"), ALICE),
        (ROLE, ("role", "operator"), ROLE),
        (SESSION, ("role", "operator"), ROLE),
    ],
)
def test_whose_policies_a_caller_has(arn: str, holder: tuple[str, str], source: str) -> None:
    assert holder_of(arn) == holder
    assert policy_source(arn) == source


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("because no identity-based policy allows it", "identity"),
        ("because no permissions boundary allows it", "boundary"),
        ("with an explicit deny in a session policy", "session"),
        ("because no role trust policy allows it", "trust"),
    ],
)
def test_what_kind_of_policy_decided(reason: str, kind: str) -> None:
    assert kind_of(reason) == kind
