"""From the record of one call to findings: who called, why it was refused, what mends it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hansa.diagnosis import remedies
from hansa.diagnosis.facts import KeyRecord, Permission, RoleStep
from hansa.diagnosis.findings import Cause, Family, Finding, Grade
from hansa.diagnosis.policy_rules import permission_finding, role_finding
from hansa.diagnosis.principals import holder_of, kind_of
from hansa.domain.audit import Call, Outcome
from hansa.domain.errors import Ruling, SignatureCause


@dataclass(frozen=True)
class Explained:
    """What goes with a call: how its key and its decision stand now; ``None`` where unknown.

    ``env`` makes a shell the administrator's of the account, empty where none does.
    """

    call: Call
    env: str
    key: KeyRecord | None = None
    now: Permission | None = None
    role: RoleStep | None = None


@dataclass(frozen=True)
class _Meaning:
    """What a cause of the signature means; ``command`` mends it."""

    cause: Cause
    what: str
    command: str
    advice: str = ""
    family: Family = Family.CREDENTIALS


_CLOCK = "sudo timedatectl set-ntp true"
_NO_TOKEN = "unset AWS_SESSION_TOKEN AWS_SECURITY_TOKEN"  # noqa: S105 - a command
_SESSION = remedies.new_session("", "ROLE_ARN")
_OWN = "hansa doctor auth"

_MEANINGS: dict[SignatureCause, _Meaning] = {
    SignatureCause.UNSIGNED: _Meaning(
        Cause.CREDENTIALS_MISSING,
        "the request was not signed at all",
        'eval "$(hansa env)"',
        "The client found no credentials, or does not sign with Signature Version 4.",
    ),
    SignatureCause.MALFORMED: _Meaning(
        Cause.SIGNATURE_MALFORMED,
        "the signature cannot be read: the header Authorization is not what AWS's tools make",
        _OWN,
        "Run it in the shell that called: a secret in place of an access key id, or white space "
        "around one, does this.",
    ),
    SignatureCause.UNKNOWN_KEY: _Meaning(
        Cause.KEY_UNKNOWN, "no access key has the id that the request was signed with", _OWN,
        "It was deleted or rotated, its session was ended, or it is another installation's.",
    ),
    SignatureCause.INACTIVE_KEY: _Meaning(
        Cause.KEY_INACTIVE, "the access key is deactivated", _OWN
    ),
    SignatureCause.SIGNED_TOO_EARLY: _Meaning(
        Cause.CLOCK_SKEWED,
        "the caller's clock is behind, or the request was long on its way",
        _CLOCK,
        "On the caller's machine.",
    ),
    SignatureCause.SIGNED_TOO_LATE: _Meaning(
        Cause.CLOCK_SKEWED, "the caller's clock is ahead", _CLOCK, "On the caller's machine."
    ),
    SignatureCause.URL_EXPIRED: _Meaning(
        Cause.URL_EXPIRED, "the presigned URL has expired", "", "Make a new one."
    ),
    SignatureCause.SCOPE_DATE: _Meaning(
        Cause.CLOCK_SKEWED,
        "the day that the key was derived for is not that of the request",
        _CLOCK,
        "A signing key is good for one day (UTC); a client that keeps one has to make it anew.",
    ),
    SignatureCause.WRONG_SERVICE: _Meaning(
        Cause.SIGNATURE_SCOPE,
        "the request is signed for a service that is not answered here",
        "",
        "Name the service in the client: managedblockchain, iam or sts.",
    ),
    SignatureCause.UNSIGNED_HEADER: _Meaning(
        Cause.REQUEST_CHANGED,
        "the request has headers that have to be signed and are not",
        "",
        "Something between the client and the service adds them, or the client leaves them out.",
        Family.NETWORK,
    ),
    SignatureCause.BODY_DIGEST: _Meaning(
        Cause.REQUEST_CHANGED,
        "the body is not the one that was signed",
        'export NO_PROXY="*" no_proxy="*"',
        "Something between the client and the service changes it, such as a proxy.",
        Family.NETWORK,
    ),
    SignatureCause.WRONG_SIGNATURE: _Meaning(
        Cause.SECRET_WRONG,
        "the signature was made with another secret, or of another request",
        _OWN,
        "The key, the clock, the service and the digest of the body were right. So the secret is "
        "wrong, or a proxy has changed path, query or a signed header.",
    ),
    SignatureCause.TOKEN_MISSING: _Meaning(
        Cause.TOKEN_MISSING, "a temporary key was used without its session token", _SESSION,
        "Or export AWS_SESSION_TOKEN, if you have the token.",
    ),
    SignatureCause.TOKEN_UNEXPECTED: _Meaning(
        Cause.TOKEN_SUPERFLUOUS, "a long-term key was used with a session token", _NO_TOKEN
    ),
    SignatureCause.TOKEN_WRONG: _Meaning(
        Cause.TOKEN_OF_OTHER, "the session token is that of another session", _SESSION,
        "The three values of a session belong together.",
    ),
    SignatureCause.TOKEN_EXPIRED: _Meaning(
        Cause.TOKEN_EXPIRED, "the session had expired", _SESSION
    ),
}  # fmt: skip


def explain(explained: Explained) -> list[Finding]:
    """First the call, then why it was refused."""
    call = explained.call
    return [_called(call), _why(explained)]


def recent_findings(calls: Sequence[Call]) -> list[Finding]:
    """That calls with this key were refused lately; ``calls`` are they, newest first."""
    if not calls:
        return []
    newest = calls[0]
    many = f"{len(calls)} calls" if len(calls) > 1 else "a call"
    return [
        Finding(
            Family.POLICY,
            Cause.NONE,
            Grade.NOTE,
            f"{many} with this key {'were' if len(calls) > 1 else 'was'} refused in the last hour",
            f"the newest: {newest.operation} at {newest.at:%H:%M:%SZ}, {newest.error_code}",
            f"hansa doctor auth --explain {newest.request_id}",
        )
    ]


def _called(call: Call) -> Finding:
    who = call.principal_arn or "somebody who was not known"
    key = f" with access key {call.access_key_id}" if call.access_key_id else ""
    scope = f"; signed for {call.service} in {call.region}" if call.region else ""
    agent = f"; {call.user_agent}" if call.user_agent else ""
    return Finding(
        Family.CREDENTIALS,
        Cause.NONE,
        Grade.NOTE,
        f"{call.at:%Y-%m-%dT%H:%M:%SZ}: {who} called {call.operation}{key}",
        f"request {call.request_id}, from {call.source_ip or 'here'}{scope}{agent}"
        + (f"; on {', '.join(call.resources)}" if call.resources else ""),
    )


def _why(explained: Explained) -> Finding:
    call = explained.call
    if call.signature_cause:
        return _signature(explained, SignatureCause(call.signature_cause))
    if call.ruling is not None:
        return _ruling(explained, call.ruling)
    told = f"it was answered {call.status} {call.error_code}: {call.error_message}"
    if call.outcome is Outcome.DENIED:
        return Finding(
            Family.POLICY, Cause.CALL_REFUSED, Grade.BAD, "the call was refused", told, "",
            "No policy can allow it to this kind of caller.",
        )  # fmt: skip
    if call.error_code:
        return Finding(
            Family.POLICY, Cause.NONE, Grade.NOTE,
            "the caller was known and allowed; the call failed for another reason", told,
        )  # fmt: skip
    return Finding(Family.POLICY, Cause.NONE, Grade.OK, "the call was not refused")


def _signature(explained: Explained, cause: SignatureCause) -> Finding:
    meaning, call, key = _MEANINGS[cause], explained.call, explained.key
    command, advice = meaning.command, meaning.advice
    if cause is SignatureCause.INACTIVE_KEY and key is not None and not key.active:
        command = remedies.as_administrator(
            explained.env, remedies.activate(key.name, call.access_key_id)
        )
        advice = "Unless it was deactivated because somebody else had it."
    if key is not None and key.kind == "role" and command == _SESSION:
        role = f"arn:aws:iam::{key.account_id}:role/{key.name}"
        command = remedies.new_session(explained.env, role)
    whose = f"; the key is {key.principal_arn}'s" if key is not None else ""
    return Finding(
        meaning.family,
        meaning.cause,
        Grade.BAD,
        meaning.what,
        f"the service said {call.error_code}: {call.error_message}{whose}",
        command,
        advice,
    )


def _ruling(explained: Explained, ruling: Ruling) -> Finding:
    call, now, role = explained.call, explained.now, explained.role
    asked = f"{ruling.action} on {ruling.resource}"
    if (now is not None and now.allowed) or (role is not None and role.assumable):
        return Finding(
            Family.POLICY,
            Cause.NONE,
            Grade.OK,
            f"{call.principal_arn} was not allowed {asked}, and is now",
            f"then: {ruling.reason}; conditions on the request itself are not counted now",
        )
    if role is not None:
        step = replace(role, code=call.error_code, message=call.error_message)
        return role_finding(step, explained.env)
    then = Permission(
        call.principal_arn,
        *holder_of(call.principal_arn),
        ruling.action,
        ruling.resource,
        allowed=False,
        reason=ruling.reason,
        kind=kind_of(ruling.reason),
        explicit_deny=ruling.explicit_deny,
        policy=ruling.policy,
        statement=ruling.statement,
    )
    return permission_finding(now or then, explained.env)
