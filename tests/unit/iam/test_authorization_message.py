"""Encoded authorization failure messages: what is in them, and who can open them."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from hansa.iam.authorization_message import (
    ENCODED_LENGTH_MAX,
    UnreadableMessageError,
    decode_message,
    encode_message,
)
from hansa.iam.policy import AccessRequest, Policy, PolicySet, evaluate, parse_policy
from hansa.store.cipher import Cipher, open_cipher

ACCOUNT = "111122223333"
ASKED = AccessRequest(
    f"arn:aws:iam::{ACCOUNT}:user/bob",
    "ec2:StopInstances",
    "*",
    {"aws:username": ("bob",), "aws:TagKeys": ("a", "b")},
)


@pytest.fixture
def cipher(tmp_path: Path) -> Cipher:
    return open_cipher(tmp_path / "key")


def _encoded(cipher: Cipher, *statements: dict[str, Any]) -> str:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    policies = (Policy("p", parse_policy(json.dumps(document))),) if statements else ()
    decision = evaluate(ASKED, PolicySet(policies))
    return encode_message(cipher, ACCOUNT, "AIDABOB", ASKED, decision)


def test_the_shape_is_that_of_sts(cipher: Cipher) -> None:
    encoded = _encoded(cipher)
    assert "bob" not in encoded
    assert json.loads(decode_message(cipher, encoded, ACCOUNT)) == {
        "allowed": False,
        "explicitDeny": False,
        "matchedStatements": {"items": []},
        "failures": {"items": []},
        "context": {
            "principal": {"id": "AIDABOB", "name": "bob", "arn": ASKED.principal_arn},
            "action": "ec2:StopInstances",
            "resource": "*",
            "conditions": {
                "items": [
                    {"key": "aws:username", "values": {"items": [{"value": "bob"}]}},
                    {"key": "aws:TagKeys", "values": {"items": [{"value": "a"}, {"value": "b"}]}},
                ]
            },
        },
    }


def test_the_statement_that_denied_is_shown(cipher: Cipher) -> None:
    condition = {"Null": {"aws:username": False}}
    denying = {"Sid": "No", "Effect": "Deny", "NotAction": "s3:*", "Resource": ["*"]}
    encoded = _encoded(cipher, {**denying, "Condition": condition})
    (shown,) = json.loads(decode_message(cipher, encoded, ACCOUNT))["matchedStatements"]["items"]
    assert shown == {
        "statementId": "No",
        "effect": "DENY",
        "principals": {"items": []},
        "principalGroups": {"items": []},
        "actions": {"items": [{"value": "s3:*"}]},
        "resources": {"items": [{"value": "*"}]},
        "conditions": {
            "items": [{"key": "aws:username", "values": {"items": [{"value": "false"}]}}]
        },
    }


def test_a_message_is_never_longer_than_sts_takes(cipher: Cipher) -> None:
    draw = random.Random(9)
    noise = [f"arn:aws:ec2:*:*:instance/{draw.getrandbits(90):x}" for _ in range(400)]
    encoded = _encoded(
        cipher, {"Sid": "No", "Effect": "Deny", "Action": "*", "Resource": [*noise, "*"]}
    )
    assert len(encoded) <= ENCODED_LENGTH_MAX
    (shown,) = json.loads(decode_message(cipher, encoded, ACCOUNT))["matchedStatements"]["items"]
    assert (shown["statementId"], shown["resources"]) == ("No", {"items": []})


def test_nobody_else_can_open_or_change_it(cipher: Cipher, tmp_path: Path) -> None:
    encoded = _encoded(cipher)
    others = [(open_cipher(tmp_path / "other"), encoded, ACCOUNT), (cipher, encoded, "4" * 12)]
    secret = cipher.encrypt("Password123")
    wrong = [encoded[:-5], encoded + "A", f"A{encoded[1:]}", "", ".", "ü", "{}", secret]
    for opener, text, account in [*others, *((cipher, text, ACCOUNT) for text in wrong)]:
        with pytest.raises(UnreadableMessageError):
            decode_message(opener, text, account)
