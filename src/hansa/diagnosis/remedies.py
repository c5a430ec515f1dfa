"""The commands that mend things, for bash and zsh. None of them ever shows or carries a secret."""

from __future__ import annotations

import json
from shlex import quote

from hansa.diagnosis.facts import ENVIRONMENT, Local, Source

KEY_VARIABLES = "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"
UNSET_KEY = f"unset {KEY_VARIABLES} AWS_SECURITY_TOKEN"
_OUTPUT = "--output text"


def as_administrator(env: str, command: str) -> str:
    """``command`` in a shell of its own that is the administrator's, where ``env`` makes one."""
    return f'(eval "$({env})" && {command})' if env else command


def in_this_shell(env: str) -> str:
    """Make this shell the administrator's."""
    return f'eval "$({env})"'


def take_key(env: str, command: str, query: str) -> str:
    """Put the access key that ``command`` makes into this shell, unseen."""
    run = as_administrator(env, f"{command} --query {quote(query)} {_OUTPUT}")
    names = KEY_VARIABLES if "SessionToken" in query else KEY_VARIABLES.rpartition(" ")[0]
    rest = "" if "SessionToken" in query else " && unset AWS_SESSION_TOKEN AWS_SECURITY_TOKEN"
    return f"read -r {names} < <({run}) && export {names}{rest}"


def new_key(env: str, user: str, instead_of: str = "") -> str:
    """Make an access key of a user and use it in this shell; ``instead_of`` is deleted first."""
    command = f"aws iam create-access-key --user-name {quote(user)}"
    if instead_of:
        which = f"--user-name {quote(user)} --access-key-id {instead_of}"
        command = f"aws iam delete-access-key {which} && {command}"
    return take_key(env, command, "AccessKey.[AccessKeyId,SecretAccessKey]")


def activate(user: str, access_key_id: str) -> str:
    """Let a deactivated access key work again."""
    which = f"--user-name {quote(user)} --access-key-id {access_key_id}"
    return f"aws iam update-access-key {which} --status Active"


def new_session(env: str, role_arn: str) -> str:
    """Assume a role and use the session in this shell."""
    command = f"aws sts assume-role --role-arn {quote(role_arn)} --role-session-name hansa"
    if not env:
        return f"{UNSET_KEY}; {take_key(env, command, _SESSION)}"
    return take_key(env, command, _SESSION)


_SESSION = "Credentials.[AccessKeyId,SecretAccessKey,SessionToken]"


def renew(source: Source, local: Local | None) -> str:
    """Get an access key that works, to where the refused one came from."""
    record = local.record if local else None
    administrator = local is not None and (
        record is None or record.principal_arn.endswith(":user/administrator")
    )
    if source.method == ENVIRONMENT:
        if local is not None and record is not None and not administrator:
            env = local.env_of(record.account_id)
            # A user has two keys at most.
            return new_key(env, record.name, record.id if record.is_last else "")
        return in_this_shell(_administrators(local)) if local else f"aws configure && {UNSET_KEY}"
    if administrator and local is not None:
        command = _administrators(local).replace("hansa env", "hansa configure", 1)
        return f"{command} --profile {quote(source.profile)} --force"
    return f"aws configure --profile {quote(source.profile)}"


def _administrators(local: Local) -> str:
    return local.env_of(local.record.account_id if local.record is not None else "")


def allow(holder_kind: str, holder: str, action: str, resource: str) -> str:
    """Give a principal an inline policy that allows one action on one resource."""
    name = "allow-" + "".join(c if c.isalnum() else "-" for c in action.replace("*", "all"))
    return (
        f"aws iam put-{holder_kind}-policy --{holder_kind}-name {quote(holder)} "
        f"--policy-name {quote(name)} --policy-document {quote(allowing(action, resource))}"
    )


def allowing(action: str, resource: str) -> str:
    """A policy document that allows one action on one resource."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))
