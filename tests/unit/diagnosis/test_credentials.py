"""From facts about credentials to findings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from hansa.diagnosis.credential_rules import (
    clock_findings,
    credential_findings,
    region_findings,
)
from hansa.diagnosis.facts import (
    Answer,
    CredentialFacts,
    KeyRecord,
    KeyShape,
    Local,
    Region,
    Resolution,
    Source,
)
from hansa.diagnosis.findings import Cause, Finding, Grade

KEY, TEMPORARY, OTHER = "AKIAAAAAAAAAAAAAAAAA", "ASIAAAAAAAAAAAAAAAAA", "AKIABBBBBBBBBBBBBBBB"
ACCOUNT = "111122223333"
ENV = Source("env")
PROFILE = Source("shared-credentials-file", "trader", named=True)
SHAPE = KeyShape(KEY, 20, 40)
SESSION = KeyShape(TEMPORARY, 20, 40, 256)
ALICE = Answer(arn=f"arn:aws:iam::{ACCOUNT}:user/alice", account_id=ACCOUNT)
LOCAL = Local("hansa env", ACCOUNT, OTHER, "/data/administrator.json")
RECORD = KeyRecord(
    KEY, ACCOUNT, ALICE.arn, "user", "alice",
    active=True, secret_matches=True, token_matches=True, active_keys=(KEY,),
)  # fmt: skip
UNKNOWN = Answer(code="InvalidClientTokenId", message="No active key.", request_id="r-1")
WRONG = Answer(code="SignatureDoesNotMatch", message="The request signature we calculated")
EXPIRED = Answer(code="ExpiredToken", message="The security token is expired.")
TOKEN = Answer(
    code="InvalidClientTokenId",
    message="Temporary credentials are used with their session token",
)


def found(**facts: Any) -> list[Finding]:
    given = {"variables": frozenset[str](), "resolution": Resolution(ENV, SHAPE), **facts}
    return credential_findings(CredentialFacts(**given))


def bad(**facts: Any) -> Finding:
    """The only finding that something is wrong."""
    (one,) = [each for each in found(**facts) if each.grade is Grade.BAD]
    return one


def with_record(**changes: Any) -> Local:
    return replace(LOCAL, record=replace(RECORD, **changes))


class TestWhatWorks:
    def test_the_caller_is_told(self) -> None:
        (known, long_term) = found(answer=ALICE)
        assert (known.grade, known.cause) == (Grade.OK, Cause.NONE)
        assert ALICE.arn in known.what
        assert "environment variables" in known.evidence
        assert (long_term.grade, long_term.cause) == (Grade.NOTE, Cause.KEY_LONG_TERM)

    def test_a_session_is_no_long_term_key(self) -> None:
        assert len(found(answer=ALICE, resolution=Resolution(ENV, SESSION))) == 1

    def test_lengths_of_others_do_not_matter_where_they_are_taken(self) -> None:
        short = replace(SHAPE, secret_length=8)
        assert all(e.grade is not Grade.BAD for e in found(
            answer=ALICE, resolution=Resolution(ENV, short)))  # fmt: skip


class TestVariables:
    NAMES = frozenset({"AWS_ACESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"})

    def test_a_misspelt_one_takes_the_place_of_what_follows_from_it(self) -> None:
        half = Resolution(ENV, fault="incomplete", detail="AWS_ACCESS_KEY_ID is missing")
        one = bad(variables=self.NAMES, resolution=half)
        assert one.cause is Cause.VARIABLE_MISSPELT
        assert one.command == (
            'export AWS_ACCESS_KEY_ID="$AWS_ACESS_KEY_ID"; unset AWS_ACESS_KEY_ID'
        )

    def test_one_too_many_is_noted(self) -> None:
        names = self.NAMES | {"AWS_ACCESS_KEY_ID"}
        (misspelt, *_) = found(variables=names, answer=ALICE)
        assert (misspelt.grade, misspelt.command) == (Grade.NOTE, "unset AWS_ACESS_KEY_ID")

    def test_one_of_the_key_is_only_noted_where_a_profile_works(self) -> None:
        (misspelt, *_) = found(variables=self.NAMES, answer=ALICE)
        assert misspelt.grade is Grade.NOTE


class TestResolution:
    @pytest.mark.parametrize(
        ("fault", "cause"),
        [
            ("missing", Cause.CREDENTIALS_MISSING),
            ("incomplete", Cause.CREDENTIALS_INCOMPLETE),
            ("profile", Cause.PROFILE_MISSING),
            ("unreadable", Cause.CONFIGURATION_UNREADABLE),
            ("chain", Cause.ROLE_CHAIN_BROKEN),
            ("process", Cause.PROCESS_FAILED),
        ],
    )
    @pytest.mark.parametrize("source", [ENV, PROFILE])
    def test_each_fault(self, fault: str, cause: Cause, source: Source) -> None:
        one = bad(resolution=Resolution(source, fault=fault, detail="so", choices=("a", "b")))
        assert one.cause is cause
        assert one.command

    def test_what_could_not_be_asked_is_no_finding(self) -> None:
        assert found(resolution=Resolution(ENV, fault="not asked")) == []

    def test_the_nearest_profile_is_offered(self) -> None:
        missing = Resolution(
            replace(PROFILE, profile="tradr"), fault="profile", choices=("trader",)
        )
        assert bad(resolution=missing).command.startswith("export AWS_PROFILE=trader")

    def test_the_nearest_source_of_a_role_is_offered(self) -> None:
        broken = Resolution(PROFILE, fault="chain", choices=("mine",), wanted="mien")
        assert "source_profile mine" in bad(resolution=broken).command


class TestForm:
    @pytest.mark.parametrize(
        ("shape", "cause"),
        [
            (replace(SHAPE, swapped=True, access_key_id=""), Cause.KEY_SWAPPED),
            (replace(SHAPE, spaced=("AWS_SECRET_ACCESS_KEY",)), Cause.KEY_SPACED),
            (replace(SHAPE, id_length=19), Cause.KEY_TRUNCATED),
            (replace(SHAPE, secret_length=39), Cause.SECRET_TRUNCATED),
            (replace(SESSION, token_length=255), Cause.TOKEN_TRUNCATED),
            (replace(SESSION, token_length=0), Cause.TOKEN_MISSING),
        ],
    )
    @pytest.mark.parametrize("source", [ENV, PROFILE])
    @pytest.mark.parametrize("local", [None, LOCAL, with_record()])
    def test_is_told_whatever_the_service_says(
        self, shape: KeyShape, cause: Cause, source: Source, local: Local | None
    ) -> None:
        one = bad(resolution=Resolution(source, shape), answer=UNKNOWN, local=local)
        assert one.cause is cause
        assert one.command

    def test_too_long_is_told_as_such(self) -> None:
        shape = replace(SHAPE, secret_length=41)
        assert "too long" in bad(resolution=Resolution(ENV, shape), answer=WRONG).what


class TestRefusals:
    @pytest.mark.parametrize(
        ("answer", "record", "cause"),
        [
            (UNKNOWN, None, Cause.KEY_UNKNOWN),
            (UNKNOWN, {"active": False, "active_keys": ()}, Cause.KEY_INACTIVE),
            (UNKNOWN, {"active": False, "active_keys": (OTHER,)}, Cause.KEY_ROTATED),
            (WRONG, {"secret_matches": False}, Cause.SECRET_WRONG),
            (WRONG, {"secret_matches": False, "secret_of": OTHER}, Cause.SECRET_OF_OTHER),
            (TOKEN, {"token_matches": False}, Cause.TOKEN_SUPERFLUOUS),
            (EXPIRED, {"expires_at": datetime(2024, 5, 6, tzinfo=UTC)}, Cause.TOKEN_EXPIRED),
        ],
    )
    @pytest.mark.parametrize("source", [ENV, PROFILE])
    def test_with_the_store(
        self, answer: Answer, record: dict[str, Any] | None, cause: Cause, source: Source
    ) -> None:
        local = LOCAL if record is None else with_record(**record)
        one = bad(resolution=Resolution(source, SHAPE), answer=answer, local=local)
        assert one.cause is cause
        assert one.command

    @pytest.mark.parametrize(
        ("answer", "shape", "cause"),
        [
            (UNKNOWN, SHAPE, Cause.KEY_UNKNOWN),
            (WRONG, SHAPE, Cause.SECRET_WRONG),
            (TOKEN, replace(SHAPE, token_length=256), Cause.TOKEN_SUPERFLUOUS),
            (TOKEN, SESSION, Cause.TOKEN_OF_OTHER),
            (EXPIRED, SESSION, Cause.TOKEN_EXPIRED),
            (Answer(code="Throttling", message="too much"), SHAPE, Cause.CALL_REFUSED),
        ],
    )
    def test_without_the_store(self, answer: Answer, shape: KeyShape, cause: Cause) -> None:
        one = bad(resolution=Resolution(ENV, shape), answer=answer)
        assert one.cause is cause
        assert "hansa env" not in one.command

    def test_the_request_id_is_told(self) -> None:
        assert "request r-1" in bad(answer=UNKNOWN).evidence

    def test_a_clock_is_no_fault_of_the_key(self) -> None:
        late = Answer(code="SignatureDoesNotMatch", message="Signature expired: …")
        assert [each for each in found(answer=late) if each.grade is Grade.BAD] == []

    def test_a_session_is_begun_again_as_its_role(self) -> None:
        local = with_record(id=TEMPORARY, kind="role", name="operator")
        one = bad(resolution=Resolution(ENV, SESSION), answer=EXPIRED, local=local)
        assert f"arn:aws:iam::{ACCOUNT}:role/operator" in one.command
        assert 'eval "$(hansa env)"' in one.command

    def test_an_administrator_of_another_account_acts_for_it(self) -> None:
        local = with_record(account_id="444455556666", active=False, active_keys=())
        one = bad(answer=UNKNOWN, local=local)
        assert "hansa env --account 444455556666" in one.command

    def test_a_key_of_two_is_replaced(self) -> None:
        one = bad(answer=WRONG, local=with_record(secret_matches=False, is_last=True))
        assert f"delete-access-key --user-name alice --access-key-id {KEY}" in one.command
        assert "deletes" in one.advice

    def test_the_administrators_own_key_is_his(self) -> None:
        local = with_record(principal_arn=f"arn:aws:iam::{ACCOUNT}:user/administrator",
                            name="administrator", secret_matches=False)  # fmt: skip
        assert bad(answer=WRONG, local=local).command == 'eval "$(hansa env)"'
        one = bad(resolution=Resolution(PROFILE, SHAPE), answer=WRONG, local=local)
        assert one.command == "hansa configure --profile trader --force"

    def test_a_file_with_a_key_that_is_gone(self) -> None:
        local = replace(LOCAL, administrator_works=False)
        one = bad(answer=ALICE, local=local)
        assert one.cause is Cause.ADMINISTRATOR_STALE
        assert one.command == f"hansa account key {ACCOUNT}"


class TestShadows:
    SHADOWING = replace(ENV, profile="trader", shadowed="trader", shadowed_id=OTHER)

    @pytest.mark.parametrize(
        ("answer", "works", "named", "grades"),
        [
            (UNKNOWN, True, False, [Grade.BAD]),
            (UNKNOWN, False, True, [Grade.NOTE]),
            (ALICE, None, True, [Grade.NOTE]),
            (ALICE, None, False, []),
        ],
    )
    def test_a_profile_behind_the_environment(
        self, *, answer: Answer, works: bool | None, named: bool, grades: list[Grade]
    ) -> None:
        source = replace(self.SHADOWING, named=named)
        every = found(resolution=Resolution(source, SHAPE), answer=answer, shadowed_works=works)
        shadows = [each for each in every if each.cause is Cause.PROFILE_SHADOWED]
        assert [each.grade for each in shadows] == grades


class TestRegions:
    KNOWN = ("eu-west-1", "us-east-1", "us-west-2")

    @pytest.mark.parametrize(
        ("region", "causes"),
        [
            (Region("us-east-1", "us-east-1", "us-east-1"), []),
            (Region("us-east-1", "", "us-east-1"), []),
            (Region("eu-west-1", "eu-west-1", ""), []),
            (Region("", "", "us-east-1"), [Cause.REGION_MISSING]),
            (Region("", "us-east-1", "us-east-1"), [Cause.REGION_MISSING]),
            (Region("us-west-2", "", "us-east-1"), [Cause.REGION_OTHER]),
            (Region("us-west-2", "us-west-2", "us-east-1"), [Cause.REGION_OTHER]),
            (Region("us-east-1", "us-west-2", "us-east-1"), [Cause.REGION_OTHER]),
            (Region("us-esat-1", "", ""), [Cause.REGION_OTHER]),
        ],
    )
    def test_each(self, region: Region, causes: list[Cause]) -> None:
        every = region_findings(region, self.KNOWN)
        assert [each.cause for each in every if each.grade is Grade.BAD] == causes
        wanted = region.expected or "us-east-1"
        assert all(wanted in each.command for each in every if each.grade is Grade.BAD)

    def test_a_misspelt_one_is_told(self) -> None:
        (one,) = region_findings(Region("us-esat-1", "", "us-east-1"), self.KNOWN)
        assert "us-east-1 was meant" in one.what


@pytest.mark.parametrize(
    ("skew", "grade"),
    [(0.4, Grade.OK), (-60, Grade.OK), (61, Grade.NOTE), (-239, Grade.NOTE), (240, Grade.BAD),
     (-86400, Grade.BAD)],
)  # fmt: skip
def test_clocks(skew: float, grade: Grade) -> None:
    (one,) = clock_findings(skew)
    assert one.grade is grade
    assert grade is Grade.OK or ("ahead of" if skew > 0 else "behind") in one.what


def test_a_clock_that_nobody_told() -> None:
    assert clock_findings(None) == []
