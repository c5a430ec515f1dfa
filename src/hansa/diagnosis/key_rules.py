"""From the form of an access key, the service's answer and its own record to findings. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from hansa.diagnosis import remedies
from hansa.diagnosis.facts import ENVIRONMENT, Answer, CredentialFacts, KeyRecord, KeyShape, Local
from hansa.diagnosis.findings import Cause, Family, Finding, Grade

ID_LENGTH = 20
SECRET_LENGTH = 40
TOKEN_LENGTH = 256
"""Lengths of what IAM and STS of an installation give out."""

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException"})
_UNKNOWN = frozenset({"InvalidClientTokenId", "UnrecognizedClientException"})
_WRONG = frozenset({"SignatureDoesNotMatch", "InvalidSignatureException"})
_TIME = ("Signature expired", "Signature not yet current")


def key_findings(facts: CredentialFacts) -> Iterator[Finding]:
    """What is wrong with the key itself; a note on keys that work but should be a role's."""
    if facts.local is not None and not facts.local.administrator_works:
        yield _stale_file(facts.local)
    shape, answer = facts.resolution.shape, facts.answer
    if answer is not None and answer.is_accepted:
        yield from _accepted(facts, answer)
        return
    malformed = list(_form(facts, shape)) if shape is not None else []
    yield from malformed
    if malformed or answer is None or shape is None:
        return
    if answer.message.startswith(_TIME):
        return  # the clock's finding says it
    yield _refused(facts, shape, answer)


def _stale_file(local: Local) -> Finding:
    again = local.env.replace("hansa env", "hansa account key", 1)
    return _bad(
        Cause.ADMINISTRATOR_STALE,
        "`hansa env` gives out an administrator's key that does not work any more",
        f"{local.administrator_file} has {local.administrator_key}, which was deactivated or "
        "deleted",
        f"{again} {local.account_id}",
    )


def _accepted(facts: CredentialFacts, answer: Answer) -> Iterator[Finding]:
    source = facts.resolution.source
    yield Finding(
        Family.CREDENTIALS,
        Cause.NONE,
        Grade.OK,
        f"the service knows the caller: {answer.arn}",
        f"credentials from {source.place}",
    )
    shape = facts.resolution.shape
    if shape is not None and not shape.is_temporary:
        yield Finding(
            Family.CREDENTIALS,
            Cause.KEY_LONG_TERM,
            Grade.NOTE,
            "a long-term access key is used where a role should be",
            f"{shape.access_key_id} does not expire; a session of a role ends by itself",
            "aws configure set role_arn ROLE_ARN --profile PROFILE && "
            f"aws configure set source_profile {quote(source.profile)} --profile PROFILE && "
            "export AWS_PROFILE=PROFILE",
            "Put in a role that trusts you, and a profile's name.",
        )


def _form(facts: CredentialFacts, shape: KeyShape) -> Iterator[Finding]:
    """What can be seen without asking anybody."""
    source = facts.resolution.source
    renewed = remedies.renew(source, facts.local)
    where = f"from {source.place}"
    if shape.swapped:
        yield _bad(
            Cause.KEY_SWAPPED,
            "the access key id and the secret access key are swapped",
            f"the secret has the form of an id, and the id has not; {where}",
            _swap(source.profile, in_environment=source.method == ENVIRONMENT),
        )
        return
    if shape.spaced:
        yield _bad(
            Cause.KEY_SPACED,
            f"there is white space, or a quotation mark, around {' and '.join(shape.spaced)}",
            where,
            _strip(shape.spaced) if source.method == ENVIRONMENT else renewed,
        )
        return
    if shape.is_temporary and not shape.token_length:
        yield _bad(
            Cause.TOKEN_MISSING,
            "the session token is missing",
            f"{shape.access_key_id} is a temporary key, and AWS_SESSION_TOKEN is not set; {where}",
            _anew(facts),
            "If you have the token, export AWS_SESSION_TOKEN instead.",
        )
        return
    yield from _lengths(shape, where, renewed, _anew(facts))


def _lengths(shape: KeyShape, where: str, renewed: str, anew: str) -> Iterator[Finding]:
    cut = [
        (Cause.KEY_TRUNCATED, "access key id", shape.id_length, ID_LENGTH, renewed),
        (Cause.SECRET_TRUNCATED, "secret access key", shape.secret_length, SECRET_LENGTH, renewed),
    ]
    if shape.is_temporary:
        cut.append((Cause.TOKEN_TRUNCATED, "session token", shape.token_length, TOKEN_LENGTH, anew))
    for cause, noun, length, whole, command in cut:
        if length != whole:
            seen = f"it has {length} characters, and they have {whole}; {where}"
            how = "cut off" if length < whole else "too long"
            yield _bad(cause, f"the {noun} is {how}", seen, command)


def _refused(facts: CredentialFacts, shape: KeyShape, answer: Answer) -> Finding:
    """Why a key of the right form is refused."""
    said = answer.told
    if answer.code in _EXPIRED:
        return _expired(facts, said)
    told = _by_record(facts, shape, facts.local, said) if facts.local is not None else None
    if told is not None:
        return told
    if answer.code in _UNKNOWN and shape.token_length and not shape.is_temporary:
        return _superfluous(said)
    if answer.code in _UNKNOWN and "session token" in answer.message and shape.is_temporary:
        return _of_other_session(facts, said)
    return _by_answer(facts, shape, answer)


def _by_answer(facts: CredentialFacts, shape: KeyShape, answer: Answer) -> Finding:
    """Why, as far as the service's answer tells."""
    source = facts.resolution.source
    renewed = remedies.renew(source, None)
    evidence = f"{answer.told}; from {source.place}"
    if answer.code in _UNKNOWN:
        return _bad(
            Cause.KEY_UNKNOWN,
            f"the service has no active access key {shape.access_key_id}",
            f"{evidence}. It was deleted, rotated or deactivated, or is another installation's",
            _anew(facts) if shape.is_temporary else renewed,
            "An administrator of the account sees it with: aws iam list-access-keys --user-name "
            "USER",
        )
    if answer.code in _WRONG:
        return _bad(
            Cause.SECRET_WRONG,
            f"the secret access key is not that of {shape.access_key_id}",
            evidence,
            renewed,
            "A secret cannot be read again: an administrator makes a new key with "
            "`aws iam create-access-key --user-name USER`.",
        )
    return _bad(Cause.CALL_REFUSED, "the service refuses the call", evidence, renewed)


def _by_record(facts: CredentialFacts, shape: KeyShape, local: Local, said: str) -> Finding | None:
    """Why, as the installation's own store knows it."""
    record = local.record
    renewed = remedies.renew(facts.resolution.source, local)
    if record is None:
        return _bad(
            Cause.KEY_UNKNOWN,
            f"this installation has no access key {shape.access_key_id}",
            f"{said}. It was deleted, its session was ended, or it is another installation's; the "
            f"administrator's key is {local.administrator_key}",
            _anew(facts) if shape.is_temporary else renewed,
            "That is the administrator's key. He makes one of yours with `aws iam "
            "create-access-key --user-name USER`.",
        )
    whose = f"it is {record.principal_arn}'s"
    if not record.active:
        newer = [each for each in record.active_keys if each != shape.access_key_id]
        return _inactive(facts, shape, local, record, newer, said)
    if not record.secret_matches:
        of_other = f"the secret belongs to that user's other key, {record.secret_of}"
        return _bad(
            Cause.SECRET_OF_OTHER if record.secret_of else Cause.SECRET_WRONG,
            f"the secret access key is not that of {shape.access_key_id}",
            f"{said}; {whose}" + (f"; {of_other}" if record.secret_of else ""),
            f"export AWS_ACCESS_KEY_ID={record.secret_of}"
            if record.secret_of and facts.resolution.source.method == ENVIRONMENT
            else renewed,
            f"A user has two keys at most, so this deletes {record.id}."
            if record.is_last and not record.secret_of
            else _in_config(facts),
        )
    if not record.token_matches:
        return _of_other_session(facts, said) if shape.is_temporary else _superfluous(said)
    return None


def _in_config(facts: CredentialFacts) -> str:
    if facts.resolution.source.method != "config-file":
        return ""
    return "Take the key out of the configuration file before: `aws configure` writes another."


def _inactive(
    facts: CredentialFacts,
    shape: KeyShape,
    local: Local,
    record: KeyRecord,
    newer: list[str],
    said: str,
) -> Finding:
    env = local.env_of(record.account_id)
    if newer:
        return _bad(
            Cause.KEY_ROTATED,
            f"the access key {shape.access_key_id} was rotated: it is inactive",
            f"{said}; {record.principal_arn} has the active key {', '.join(newer)}",
            remedies.new_key(env, record.name, shape.access_key_id)
            if facts.resolution.source.method == ENVIRONMENT
            else remedies.renew(facts.resolution.source, None),
            f"Or use {newer[-1]}, if you have its secret.",
        )
    change = remedies.activate(record.name, shape.access_key_id)
    return _bad(
        Cause.KEY_INACTIVE,
        f"the access key {shape.access_key_id} is deactivated",
        f"{said}; it is {record.principal_arn}'s",
        remedies.as_administrator(env, change),
        "Unless it was deactivated because somebody else had it: then make a new one.",
    )


def _superfluous(said: str) -> Finding:
    return _bad(
        Cause.TOKEN_SUPERFLUOUS,
        "a session token is sent with a long-term access key, which has none",
        f"{said}; AWS_SESSION_TOKEN is set, left from a session",
        "unset AWS_SESSION_TOKEN AWS_SECURITY_TOKEN",
    )


def _of_other_session(facts: CredentialFacts, said: str) -> Finding:
    return _bad(
        Cause.TOKEN_OF_OTHER,
        "the session token is not that of the temporary access key: it is of another session",
        said,
        _anew(facts),
        "The three values of a session belong together.",
    )


def _expired(facts: CredentialFacts, said: str) -> Finding:
    record = facts.local.record if facts.local else None
    ended = ""
    if record is not None and record.expires_at is not None:
        ended = f"; the session ended at {record.expires_at:%Y-%m-%dT%H:%M:%SZ}"
    return _bad(Cause.TOKEN_EXPIRED, "the session has expired", f"{said}{ended}", _anew(facts))


def _anew(facts: CredentialFacts) -> str:
    """Begin the session again."""
    local = facts.local
    if local is None:
        return remedies.new_session("", "ROLE_ARN")
    record = local.record
    if record is None or record.kind == "user":
        return remedies.renew(facts.resolution.source, local)
    env = local.env_of(record.account_id)
    return remedies.new_session(env, f"arn:aws:iam::{record.account_id}:role/{record.name}")


def _swap(profile: str, *, in_environment: bool) -> str:
    if not in_environment:
        return f"aws configure --profile {quote(profile)}"
    return (
        'hansa_id="$AWS_SECRET_ACCESS_KEY"; export AWS_SECRET_ACCESS_KEY="$AWS_ACCESS_KEY_ID" '
        'AWS_ACCESS_KEY_ID="$hansa_id"; unset hansa_id'
    )


def _strip(names: tuple[str, ...]) -> str:
    strip = 'tr -d "[:space:]\\"\'"'
    return "; ".join(f'export {name}="$(printf %s "${name}" | {strip})"' for name in names)


def _bad(cause: Cause, what: str, evidence: str, command: str, advice: str = "") -> Finding:
    return Finding(Family.CREDENTIALS, cause, Grade.BAD, what, evidence, command, advice)
