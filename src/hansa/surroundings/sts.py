"""STS: who is calling. Pure; the only action of this version is GetCallerIdentity.

moto would invent an identity, so this one is answered from the authenticated caller.
"""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from hansa.domain.caller import Caller
from hansa.surroundings.protocols import Answer, Fault, Protocol, error_answer

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_KNOWN = frozenset(
    {
        "AssumeRole",
        "AssumeRoleWithSAML",
        "AssumeRoleWithWebIdentity",
        "AssumeRoot",
        "DecodeAuthorizationMessage",
        "GetAccessKeyInfo",
        "GetDelegatedAccessToken",
        "GetFederationToken",
        "GetSessionToken",
        "GetWebIdentityToken",
    }
)


def user_id(caller: Caller) -> str:
    """A stable UserId: the account's own for its root, else ``AIDA`` and 17 characters."""
    if caller.principal_arn.endswith(":root"):
        return caller.account_id
    digest = hashlib.sha256(caller.principal_arn.encode()).digest()
    return "AIDA" + base64.b32encode(digest).decode()[:17]


def _caller_identity(caller: Caller, request_id: str) -> Answer:
    text = (
        f'<GetCallerIdentityResponse xmlns="{_NAMESPACE}"><GetCallerIdentityResult>'
        f"<Arn>{escape(caller.principal_arn)}</Arn><UserId>{escape(user_id(caller))}</UserId>"
        f"<Account>{caller.account_id}</Account></GetCallerIdentityResult>"
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
        "</GetCallerIdentityResponse>"
    )
    return Answer(200, "text/xml", text.encode())


def answer_sts(caller: Caller, query_string: bytes, body: bytes, request_id: str) -> Answer:
    """The answer to a request of the Query protocol, in its body or its query string."""
    values = parse_qs(query_string.decode("latin-1")) | parse_qs(body.decode("latin-1"))
    action = values.get("Action", [""])[0]
    if action == "GetCallerIdentity":
        return _caller_identity(caller, request_id)
    if action in _KNOWN:
        fault = Fault(
            "UnsupportedOperation",
            400,
            f"{action} is not supported by this version of Hansa: it has no roles or sessions. "
            "Call with the access key of a user instead.",
        )
    else:
        fault = Fault("InvalidAction", 400, f"STS has no action {action[:64]!r}.")
    return error_answer(Protocol.QUERY, fault, request_id)
