"""Users, groups and roles, and the access keys of users."""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hansa.store.tables import AccessKey, GroupMembership, Principal


def get_principal(session: Session, account_id: str, kind: str, name: str) -> Principal | None:
    """The principal of this name, in whatever case it is given."""
    return session.scalars(
        select(Principal).where(
            Principal.account_id == account_id,
            Principal.kind == kind,
            Principal.folded_name == name.lower(),
        )
    ).one_or_none()


def principal_of_id(session: Session, principal_id: str) -> Principal | None:
    return session.get(Principal, principal_id)


def principals(
    session: Session, account_id: str, kind: str, path_prefix: str = "/"
) -> list[Principal]:
    rows = session.scalars(
        select(Principal).where(
            Principal.account_id == account_id,
            Principal.kind == kind,
            Principal.path.startswith(path_prefix, autoescape=True),
        )
    )
    return list(rows)


def count_principals(session: Session, account_id: str, kind: str) -> int:
    return session.scalar(
        select(func.count())
        .select_from(Principal)
        .where(Principal.account_id == account_id, Principal.kind == kind)
    ) or 0  # fmt: skip


def groups_of(session: Session, user_id: str) -> list[Principal]:
    rows = session.scalars(
        select(Principal)
        .join(GroupMembership, GroupMembership.group_id == Principal.id)
        .where(GroupMembership.user_id == user_id)
        .order_by(Principal.folded_name)
    )
    return list(rows)


def users_of(session: Session, group_id: str) -> list[Principal]:
    rows = session.scalars(
        select(Principal)
        .join(GroupMembership, GroupMembership.user_id == Principal.id)
        .where(GroupMembership.group_id == group_id)
        .order_by(Principal.folded_name)
    )
    return list(rows)


def add_membership(session: Session, group_id: str, user_id: str) -> None:
    """Put the user into the group, or leave him there."""
    session.merge(GroupMembership(group_id=group_id, user_id=user_id))


def remove_membership(session: Session, group_id: str, user_id: str) -> bool:
    """Whether the user was in the group."""
    row = session.get(GroupMembership, (group_id, user_id))
    if row is None:
        return False
    session.delete(row)
    return True


def keys_of(session: Session, user_id: str) -> list[AccessKey]:
    """The user's own keys, oldest first; not those of sessions."""
    rows = session.scalars(
        select(AccessKey)
        .where(AccessKey.principal_id == user_id, AccessKey.expires_at.is_(None))
        .order_by(AccessKey.created_at, AccessKey.id)
    )
    return list(rows)


def get_key(session: Session, access_key_id: str) -> AccessKey | None:
    return session.get(AccessKey, access_key_id)


def remove_principal(session: Session, principal: Principal) -> None:
    """Remove it with the keys of its sessions, which end with it."""
    session.execute(delete(AccessKey).where(AccessKey.principal_id == principal.id))
    session.flush()
    session.delete(principal)
