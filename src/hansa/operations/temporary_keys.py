"""Temporary access keys: made, and forgotten a day after their end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hansa.domain.iam_names import new_iam_id, new_secret
from hansa.operations.iam_context import IamContext
from hansa.operations.session_marks import Marks
from hansa.store.database import Session
from hansa.store.sessions import remove_expired_sessions
from hansa.store.tables import AccessKey

# Kept so long after their end, so that whoever uses them is told that they are expired.
_REMEMBERED = timedelta(days=1)
_TOKEN_LENGTH = 256


@dataclass(frozen=True)
class Bearer:
    """Whom a temporary key stands for: a user, or a session of a role."""

    account_id: str
    principal_id: str
    principal_arn: str


def issue(
    context: IamContext,
    session: Session,
    bearer: Bearer,
    seconds: int,
    policies: list[str] | None = None,
    marks: Marks | None = None,
) -> dict[str, Any]:
    """Make a temporary key, as the shape Credentials; what is secret of it is sealed in the store.

    ``policies`` are the documents that narrow it.
    """
    choice, cipher, now = context.choice, context.store.cipher, context.now()
    secret, token = new_secret(choice), new_secret(choice, _TOKEN_LENGTH)
    key = AccessKey(
        id=new_iam_id("temporary key", choice),
        account_id=bearer.account_id,
        principal_id=bearer.principal_id,
        principal_arn=bearer.principal_arn,
        secret=cipher.encrypt(secret),
        session_token=cipher.encrypt(token),
        session_policies=policies,
        session_tags=dict(marks.tags) if marks else None,
        transitive_tag_keys=list(marks.transitive) if marks else None,
        source_identity=marks.source_identity if marks else None,
        status="Active",
        created_at=now,
        expires_at=now + timedelta(seconds=seconds),
    )
    session.add(key)
    remove_expired_sessions(session, now - _REMEMBERED)
    return {
        "AccessKeyId": key.id,
        "SecretAccessKey": secret,
        "SessionToken": token,
        "Expiration": key.expires_at,
    }
