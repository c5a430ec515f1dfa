"""Policies: inline, managed in versions, and which principals have which."""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hansa.store.tables import (
    Attachment,
    InlinePolicy,
    ManagedPolicy,
    PolicyVersion,
    Principal,
)


def inline_policies(session: Session, principal_id: str) -> list[InlinePolicy]:
    rows = session.scalars(
        select(InlinePolicy)
        .where(InlinePolicy.principal_id == principal_id)
        .order_by(InlinePolicy.name)
    )
    return list(rows)


def get_inline(session: Session, principal_id: str, name: str) -> InlinePolicy | None:
    return session.get(InlinePolicy, (principal_id, name))


def put_inline(session: Session, principal_id: str, name: str, document: str) -> None:
    session.merge(InlinePolicy(principal_id=principal_id, name=name, document=document))


def get_policy(session: Session, arn: str) -> ManagedPolicy | None:
    return session.scalars(select(ManagedPolicy).where(ManagedPolicy.arn == arn)).one_or_none()


def policy_named(session: Session, account_id: str, name: str) -> ManagedPolicy | None:
    return session.scalars(
        select(ManagedPolicy).where(
            ManagedPolicy.account_id == account_id, ManagedPolicy.folded_name == name.lower()
        )
    ).one_or_none()


def policies(session: Session, account_id: str) -> list[ManagedPolicy]:
    rows = session.scalars(select(ManagedPolicy).where(ManagedPolicy.account_id == account_id))
    return list(rows)


def get_version(session: Session, policy_id: str, version: int) -> PolicyVersion | None:
    return session.get(PolicyVersion, (policy_id, version))


def versions(session: Session, policy_id: str) -> list[PolicyVersion]:
    """All versions, newest first."""
    rows = session.scalars(
        select(PolicyVersion)
        .where(PolicyVersion.policy_id == policy_id)
        .order_by(PolicyVersion.version.desc())
    )
    return list(rows)


def remove_policy(session: Session, policy: ManagedPolicy) -> None:
    session.execute(delete(PolicyVersion).where(PolicyVersion.policy_id == policy.id))
    session.delete(policy)


def attached(session: Session, principal_id: str) -> list[str]:
    """The ARNs of the managed policies that the principal has."""
    rows = session.scalars(
        select(Attachment.policy_arn)
        .where(Attachment.principal_id == principal_id)
        .order_by(Attachment.policy_arn)
    )
    return list(rows)


def attach(session: Session, principal_id: str, policy_arn: str) -> None:
    session.merge(Attachment(principal_id=principal_id, policy_arn=policy_arn))


def detach(session: Session, principal_id: str, policy_arn: str) -> bool:
    """Whether it was attached."""
    row = session.get(Attachment, (principal_id, policy_arn))
    if row is None:
        return False
    session.delete(row)
    return True


def attached_to(session: Session, account_id: str, policy_arn: str) -> list[Principal]:
    """The principals of the account that have the policy."""
    rows = session.scalars(
        select(Principal)
        .join(Attachment, Attachment.principal_id == Principal.id)
        .where(Attachment.policy_arn == policy_arn, Principal.account_id == account_id)
        .order_by(Principal.folded_name)
    )
    return list(rows)


def count_bounded(session: Session, account_id: str, policy_arn: str) -> int:
    """How many principals of the account have the policy as their permissions boundary."""
    return session.scalar(
        select(func.count())
        .select_from(Principal)
        .where(Principal.boundary_arn == policy_arn, Principal.account_id == account_id)
    ) or 0  # fmt: skip
