"""No secret is recorded, wherever it stands in a request, and nothing grows without bound."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hansa.domain.audit import Call, read_call, write_call
from hansa.domain.redaction import HIDDEN, ITEMS_MAX, TOTAL_MAX, Redaction, is_secret_name

CANARY = "Canary-0ne/two+three"

SECRET_NAMES = [
    "AdminPassword", "adminPassword", "admin_password", "PASSWORD", "Passphrase", "DbPasswd",
    "SecretAccessKey", "secretaccesskey_secret", "SessionToken", "BillingToken", "TokenCode",
    "PrivateKey", "private-key", "UserData", "LaunchTemplateData.UserData", "KeyMaterial",
    "SSECustomerKey", "SecretString", "Plaintext", "ApiKey", "X-Amz-Signature", "Credentials",
]  # fmt: skip
PUBLIC_NAMES = [
    "NetworkId", "AccessKeyId", "ClientRequestToken", "NextToken", "ClientToken", "TagKeys",
    "KeyName", "KmsKeyArn", "SecretId", "PasswordlessName", "Key", "PolicyDocument", "Tokyo",
    "AccessKey", "UserName", "DataUser", "Secretary",
]  # fmt: skip


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_secret_names(name: str) -> None:
    assert is_secret_name(name)
    assert CANARY not in json.dumps(Redaction().value({name: CANARY}))
    assert CANARY not in json.dumps(Redaction().value({name: [{"any": [CANARY]}]}))


@pytest.mark.parametrize("name", PUBLIC_NAMES)
def test_public_names(name: str) -> None:
    assert not is_secret_name(name)
    assert Redaction().value({name: "told"}) == {name: "told"}


def test_of_credentials_all_but_the_secrets_is_told() -> None:
    credentials = {
        "AccessKeyId": "AKIAX",
        "SecretAccessKey": CANARY,
        "SessionToken": CANARY,
        "Expiration": datetime(2026, 11, 21, tzinfo=UTC),
    }
    assert Redaction().value({"Credentials": credentials}) == {
        "Credentials": {
            "AccessKeyId": "AKIAX",
            "SecretAccessKey": HIDDEN,
            "SessionToken": HIDDEN,
            "Expiration": "2026-11-21T00:00:00+00:00",
        }
    }


def test_members_that_a_model_marks_are_hidden() -> None:
    assert Redaction(frozenset({"Seed"})).value({"Seed": CANARY}) == {"Seed": HIDDEN}


def test_a_tag_with_the_name_of_a_secret() -> None:
    redacted = Redaction().value({"Tags": [{"Key": "db-password", "Value": CANARY}]})
    assert redacted == {"Tags": [{"Key": "db-password", "Value": HIDDEN}]}
    assert Redaction().value({"Tags": {"Password": CANARY}}) == {"Tags": {"Password": HIDDEN}}


def test_a_secret_that_an_error_repeats() -> None:
    redaction = Redaction()
    redaction.value({"Password": CANARY})
    assert (
        redaction.text(f"{CANARY} is too short: '{CANARY}'") == f"{HIDDEN} is too short: '{HIDDEN}'"
    )


def test_bytes_that_an_error_repeats_as_text() -> None:
    redaction = Redaction(frozenset({"Transient"}))
    redaction.value({"Transient": {"price": CANARY.encode()}})
    assert CANARY not in redaction.text(f"the contract wrote {CANARY}")


_NAMES = st.sampled_from(SECRET_NAMES)
_PUBLIC = st.sampled_from(PUBLIC_NAMES)
_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9))
_SECRETS = st.dictionaries(
    _NAMES,
    st.recursive(
        st.just(CANARY),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    min_size=1,
    max_size=3,
)
DOCUMENTS = st.recursive(
    st.one_of(_SCALARS, _SECRETS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(_PUBLIC, inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(deadline=None, max_examples=200, derandomize=True)
@given(document=DOCUMENTS)
def test_no_secret_reaches_the_record(document: Any) -> None:
    redaction = Redaction()
    parameters = {"Body": redaction.value(document)}
    call = Call("r", datetime(2026, 1, 1, tzinfo=UTC), parameters=parameters)
    text = write_call(call)
    assert CANARY not in text
    assert read_call(text) == call


@settings(deadline=None, max_examples=100, derandomize=True)
@given(
    document=st.recursive(
        st.one_of(_SCALARS, st.text(min_size=2000, max_size=2500), st.binary()),
        lambda inner: st.one_of(
            st.lists(inner), st.dictionaries(st.text(max_size=400), inner, max_size=130)
        ),
        max_leaves=200,
    )
)
def test_what_is_recorded_is_bounded(document: Any) -> None:
    assert len(json.dumps(Redaction().value(document), ensure_ascii=False)) < 4 * TOTAL_MAX


def test_much_is_cut_and_says_so() -> None:
    redacted = Redaction().value({"Names": list(range(5000)), "Text": "x" * 50_000})
    assert redacted["Names"][-1] == f"({5000 - ITEMS_MAX} more)"
    assert redacted["Text"].endswith(f"({50_000 - 10_240} more)")
    nested: Any = "deep"
    for _ in range(1000):
        nested = {"Inner": nested}
    assert "deep" not in json.dumps(Redaction().value(nested))


def test_types_that_json_lacks() -> None:
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    redacted = Redaction().value({"When": moment, "Blob": b"1234", "Ratio": float("nan")})
    assert redacted == {"When": "2026-11-21T00:00:00+00:00", "Blob": "(4 bytes)", "Ratio": "nan"}
