"""Why a request was refused, in a form that only those who may know can read.

EC2 answers a refusal with such a message, and STS's DecodeAuthorizationMessage opens it. It is
encrypted and authenticated with the installation's key, so nobody can make or change one; it has
no end, as AWS's has none. Form of what is inside: STS's API reference, DecodeAuthorizationMessage.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from hansa.iam.policy import AccessRequest, Decision
from hansa.iam.policy_conditions import values_of
from hansa.iam.policy_document import strings
from hansa.store.cipher import Cipher, CipherError

ENCODED_LENGTH_MAX = 10_240
"""The longest that DecodeAuthorizationMessage takes."""

_KIND = "authorization message"
_Item = Mapping[str, Any]


class UnreadableMessageError(ValueError):
    """The text is no message of this installation for the account."""


def encode_message(
    cipher: Cipher, account_id: str, principal_id: str, asked: AccessRequest, decision: Decision
) -> str:
    """The message on ``decision``, sealed; short enough to be sent back."""
    message = _message(principal_id, asked, decision)
    sealed = _sealed(cipher, account_id, message)
    if len(sealed) <= ENCODED_LENGTH_MAX:
        return sealed
    # A statement can be as long as a policy. Whoever reads the rest finds it by its Sid.
    for statement in message["matchedStatements"]["items"]:
        for part in ("actions", "resources", "conditions", "principals"):
            statement[part] = _items([])
    return _sealed(cipher, account_id, message)


def decode_message(cipher: Cipher, encoded: str, account_id: str) -> str:
    """What is in the message, as JSON. Raises :class:`UnreadableMessageError`."""
    try:
        if not all(map(_is_canonical, encoded.split("."))):
            raise ValueError(encoded)
        packed = base64.b64decode(cipher.decrypt(encoded).encode("ascii"), validate=True)
        kind, owner, message = json.loads(zlib.decompress(packed))
    except (CipherError, ValueError, zlib.error):
        kind = owner = message = None
    if kind != _KIND or owner != account_id:
        raise UnreadableMessageError(
            "Message is not valid: it is not whole, or not of this account and installation. Give "
            "the text behind 'Encoded authorization failure message:' as it is."
        )
    return json.dumps(message, separators=(",", ":"))


def _is_canonical(part: str) -> bool:
    """Whether it is Base64 as it is written here: readers skip what stands behind its end."""
    return base64.urlsafe_b64encode(base64.urlsafe_b64decode(part)).decode() == part


def _sealed(cipher: Cipher, account_id: str, message: _Item) -> str:
    content = json.dumps([_KIND, account_id, message], separators=(",", ":"))
    return cipher.encrypt(base64.b64encode(zlib.compress(content.encode(), 9)).decode())


def _message(principal_id: str, asked: AccessRequest, decision: Decision) -> dict[str, Any]:
    matched = [] if decision.matched is None else [_statement(decision.matched)]
    return {
        "allowed": decision.allowed,
        "explicitDeny": decision.explicit_deny,
        "matchedStatements": _items(matched),
        "failures": _items([]),
        "context": {
            "principal": {
                "id": principal_id,
                "name": asked.principal_arn.rpartition("/")[2],
                "arn": asked.principal_arn,
            },
            "action": asked.action,
            "resource": asked.resource,
            "conditions": _items(
                {"key": key, "values": _values(values)} for key, values in asked.context.items()
            ),
        },
    }


def _statement(statement: _Item) -> dict[str, Any]:
    actions = statement.get("Action", statement.get("NotAction", []))
    resources = statement.get("Resource", statement.get("NotResource", []))
    return {
        "statementId": statement.get("Sid", ""),
        "effect": statement["Effect"].upper(),
        "principals": _items([]),
        "principalGroups": _items([]),
        "actions": _values(strings(actions)),
        "resources": _values(strings(resources)),
        "conditions": _items(
            {"key": key, "values": _values(values_of(values))}
            for keys in statement.get("Condition", {}).values()
            for key, values in keys.items()
        ),
    }


def _values(values: Iterable[str]) -> dict[str, Any]:
    return _items({"value": value} for value in values)


def _items(items: Iterable[_Item]) -> dict[str, Any]:
    return {"items": list(items)}
