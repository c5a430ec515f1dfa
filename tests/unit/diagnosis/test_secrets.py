"""No finding shows a secret, wherever it was put, and whoever repeats it."""

from __future__ import annotations

import os
import string
from dataclasses import astuple, replace
from itertools import product
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hansa.diagnosis.credential_rules import credential_findings
from hansa.diagnosis.facts import (
    Answer,
    CredentialFacts,
    KeyRecord,
    Local,
    Resolution,
    Source,
)
from hansa.diagnosis.findings import Cause, Family, Finding, Grade
from hansa.diagnosis.probe_credentials import probe_credentials, shape_of
from hansa.diagnosis.secrets_of import HIDDEN, Keys, hide, is_key_id, plain_url, without_secrets

ALPHABET = string.ascii_letters + string.digits + "+/"
secret = st.text(ALPHABET, min_size=24, max_size=60).filter(lambda text: not is_key_id(text))
space = st.sampled_from(["", " ", "\n", '"', "'", "\r\n", "\t "])
key_id = st.text(string.ascii_uppercase, min_size=16, max_size=16).map(lambda text: f"AKIA{text}")
part = st.builds(lambda before, text, after: before + text + after, space, secret, space)
answers = st.sampled_from(
    ["InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken", "IncompleteSignature"]
)
records = st.sampled_from(
    [None, *(dict(zip(("active", "secret_matches", "token_matches"), flags, strict=True))
             for flags in product((True, False), repeat=3))]
)  # fmt: skip


def _record(flags: dict[str, bool] | None) -> KeyRecord | None:
    if flags is None:
        return None
    return KeyRecord("AKIAX", "111122223333", "arn:aws:iam::111122223333:user/a", "user", "a",
                     **flags)  # fmt: skip


@given(
    st.one_of(key_id, part),
    st.one_of(part, key_id),
    st.one_of(st.just(""), part),
    answers,
    records,
    st.sampled_from(["env", "shared-credentials-file", "custom-process"]),
)
def test_the_parts_of_a_key_are_never_shown(
    access_key_id: str,
    secret_access_key: str,
    token: str,
    code: str,
    flags: dict[str, bool] | None,
    method: str,
) -> None:
    """Also where the service repeats in its message all that it was given."""
    keys = Keys(access_key_id, secret_access_key, token)
    message = f"Signed with {access_key_id}, {secret_access_key}, {token}"
    facts = CredentialFacts(
        frozenset(),
        Resolution(Source(method), shape_of(keys, method)),
        Answer(code=code, message=message),
        Local("hansa env", "111122223333", "AKIAADMIN", "f", record=_record(flags)),
    )
    shown = [without_secrets(each, keys.secrets) for each in credential_findings(facts)]
    assert shown
    text = str([astuple(each) for each in shown])
    for each in keys.secrets:
        assert each.strip(" \t\r\n\"'") not in text


@given(part, part, part)
def test_facts_cannot_hold_one(access_key_id: str, other: str, token: str) -> None:
    shape = shape_of(Keys(access_key_id, other, token), "env")
    held = str(astuple(shape)) + repr(Keys(access_key_id, other, token))
    for each in (access_key_id, other, token):
        assert each.strip(" \t\r\n\"'") not in held


@given(st.lists(secret, min_size=1, max_size=3), st.text(max_size=20))
@example(["a" * 24, "a" * 30], "")
def test_what_is_hidden_is_hidden_whole(secrets: list[str], between: str) -> None:
    text = between.join([between, *secrets, between])
    hidden = hide(text, secrets)
    assert not any(each in hidden for each in secrets)
    assert HIDDEN in hidden


def test_every_text_of_a_finding_is_looked_through() -> None:
    texts = ["what", "evidence", "command", "advice"]
    finding = Finding(Family.NETWORK, Cause.PROXY, Grade.BAD, *["has topsecret in it"] * 4)
    shown = without_secrets(finding, ["topsecret"])
    assert [getattr(shown, name) for name in texts] == [f"has {HIDDEN} in it"] * 4


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("http://user:pass@proxy:3128", "http://proxy:3128"),
        ("http://u@[::1]:3128/a", "http://[::1]:3128/a"),
        ("http://proxy:3128", "http://proxy:3128"),
        ("user:pass@proxy:3128", "proxy:3128"),
    ],
)
def test_urls_are_shown_without_passwords(url: str, plain: str) -> None:
    assert plain_url(url) == plain


class TestProbe:
    """botocore's own chain, in an environment made for it."""

    @pytest.mark.parametrize(
        ("variables", "fault", "method"),
        [
            ({"AWS_ACCESS_KEY_ID": "AKIAX", "AWS_SECRET_ACCESS_KEY": "s"}, "", "env"),
            ({"AWS_ACCESS_KEY_ID": "AKIAX"}, "incomplete", "env"),
            ({"AWS_SECRET_ACCESS_KEY": "s"}, "incomplete", "env"),
            ({"AWS_PROFILE": "none"}, "profile", ""),
            ({"AWS_PROFILE": "key"}, "", "config-file"),
            ({"AWS_PROFILE": "half"}, "incomplete", "config-file"),
            ({"AWS_PROFILE": "loop"}, "chain", ""),
            ({"AWS_PROFILE": "orphan"}, "chain", ""),
            ({"AWS_PROFILE": "rootless"}, "chain", "assume-role"),
            ({"AWS_PROFILE": "role"}, "not asked", "assume-role"),
            ({"AWS_PROFILE": "process"}, "process", "custom-process"),
        ],
    )
    def test_how_it_ends(
        self,
        variables: dict[str, str],
        fault: str,
        method: str,
        tmp_path_factory: pytest.TempPathFactory,
    ) -> None:
        config = tmp_path_factory.mktemp("aws") / "config"
        config.write_text(
            "[profile key]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n"
            "[profile half]\naws_access_key_id = AKIAX\n"
            "[profile loop]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = loop2\n"
            "[profile loop2]\nrole_arn = arn:aws:iam::1:role/b\nsource_profile = loop\n"
            "[profile orphan]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = nobody\n"
            "[profile rootless]\nrole_arn = arn:aws:iam::1:role/a\n"
            "[profile role]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = key\n"
            "[profile process]\ncredential_process = /nonexistent/program --password hidden\n"
        )
        environment = {
            "HOME": str(config.parent),
            "AWS_CONFIG_FILE": str(config),
            "AWS_EC2_METADATA_DISABLED": "true",
            **variables,
        }
        with mock.patch.dict(os.environ, environment, clear=True):
            resolution, _ = probe_credentials(may_call=False)
        assert (resolution.fault, resolution.source.method) == (fault, method)
        assert "hidden" not in repr(resolution)

    def test_a_profile_behind_the_environment(
        self, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        config = tmp_path_factory.mktemp("aws") / "config"
        config.write_text("[default]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = s\n")
        environment = {
            "AWS_CONFIG_FILE": str(config),
            "AWS_SHARED_CREDENTIALS_FILE": str(config.parent / "none"),
            "AWS_ACCESS_KEY_ID": "AKIAX",
            "AWS_SECRET_ACCESS_KEY": "s",
        }
        with mock.patch.dict(os.environ, environment, clear=True):
            resolution, keys = probe_credentials(may_call=False)
        assert resolution.source == Source(
            "env", "default", named=False, shadowed="default", shadowed_id="AKIAOTHER"
        )
        assert keys is not None
        assert keys.secrets == ("s",)
        assert replace(resolution.source).place == "environment variables"
