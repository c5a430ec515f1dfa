"""Operations: recorded when they are asked for, claimed under a lease by whoever performs them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from hansa.domain.lifecycle import Status
from hansa.domain.operation import FINAL, OperationStatus
from hansa.store.operation_tables import Operation
from hansa.store.pages import Listing
from hansa.store.tables import Member

_OF_ACCOUNT = select(Operation).where(Operation.account_id == bindparam("account_id"))
_OF_ID = _OF_ACCOUNT.where(Operation.id == bindparam("operation_id"))

OPERATIONS_OF_NETWORK = Listing(
    Operation, _OF_ACCOUNT.where(Operation.network_id == bindparam("network_id"))
)
"""The operations of the account ``account_id`` in the network ``network_id``."""


def get_operation(session: Session, account_id: str, operation_id: str) -> Operation | None:
    values = {"account_id": account_id, "operation_id": operation_id}
    return session.scalars(_OF_ID, values).one_or_none()


def open_operations(session: Session, network_id: str) -> Sequence[Operation]:
    """The network's operations that have not ended, oldest first."""
    return session.scalars(
        select(Operation)
        .where(Operation.network_id == network_id, Operation.ended_at.is_(None))
        .order_by(Operation.number)
    ).all()


def newest_operations_about(
    session: Session, account_id: str, network_id: str, subject: str
) -> Iterator[Operation]:
    """The account's operations on something of this name, newest first."""
    return iter(
        session.scalars(
            select(Operation)
            .where(
                Operation.account_id == account_id,
                Operation.network_id == network_id,
                Operation.subject == subject,
            )
            .order_by(Operation.number.desc())
        )
    )


def get_proposed_operation(session: Session, operation_id: str) -> Operation | None:
    """The operation, whosever it is, if it is or was one to be voted on."""
    return session.scalars(
        select(Operation).where(Operation.id == operation_id, Operation.proposal_id.is_not(None))
    ).one_or_none()


def operation_of_proposal(session: Session, proposal_id: str) -> Operation | None:
    """The operation that a proposal is about, if it is about one."""
    return session.scalars(
        select(Operation).where(Operation.proposal_id == proposal_id)
    ).one_or_none()


def operations_to_vote_on(session: Session, account_id: str) -> Sequence[Operation]:
    """What awaits approval in the networks that the account has a member in."""
    joined = select(Member.network_id).where(
        Member.account_id == account_id, Member.status != Status.DELETED
    )
    return session.scalars(
        select(Operation).where(
            Operation.status == OperationStatus.AWAITING_APPROVAL, Operation.network_id.in_(joined)
        )
    ).all()


def begin_approved(operation: Operation, signers: Sequence[str], now: datetime) -> None:
    """Have an operation performed whose proposal was approved; ``signers`` have voted for it."""
    operation.request = {**operation.request, "Signers": [*signers]}
    operation.status = OperationStatus.PENDING
    operation.due_at = now


def claim_operation(
    session: Session, owner: str, now: datetime, lease: timedelta
) -> Operation | None:
    """The operation that is longest due and that nobody has a living lease on, for ``owner``."""
    operation = session.scalars(
        select(Operation)
        .where(
            Operation.due_at <= now,
            or_(Operation.lease_until.is_(None), Operation.lease_until <= now),
        )
        .order_by(Operation.due_at)
        .limit(1)
    ).one_or_none()
    if operation is not None:
        operation.lease_owner = owner
        operation.lease_until = now + lease
        operation.status = OperationStatus.IN_PROGRESS
    return operation


def held_operation(session: Session, operation_id: str, owner: str) -> Operation | None:
    """The operation, if the lease is still ``owner``'s."""
    return session.scalars(
        select(Operation).where(Operation.id == operation_id, Operation.lease_owner == owner)
    ).one_or_none()


def set_step(operation: Operation, index: int, **changes: Any) -> None:
    """Change one step. (A list in a JSON column has to be set anew to be saved.)"""
    steps = [dict(step) for step in operation.steps]
    steps[index] |= changes
    operation.steps = steps


def end_operation(
    operation: Operation, status: OperationStatus, reason: str, now: datetime
) -> None:
    if status not in FINAL:
        raise ValueError(f"{status} is not an end")
    operation.status = status
    operation.status_reason = reason
    operation.ended_at = now
    operation.due_at = None
    release_operation(operation)


def release_operation(operation: Operation, due_at: datetime | None = None) -> None:
    """Give the lease back; the operation goes on at ``due_at``."""
    if due_at is not None:
        operation.due_at = due_at
    operation.lease_owner = None
    operation.lease_until = None


def next_operation_due(session: Session) -> datetime | None:
    """When there is something to claim."""
    moments = [
        max(operation.due_at, operation.lease_until) if operation.lease_until else operation.due_at
        for operation in session.scalars(select(Operation).where(Operation.due_at.is_not(None)))
        if operation.due_at is not None
    ]
    return min(moments, default=None)


def expire_operation_leases(session: Session) -> None:
    """End every lease. For the start of the one service that uses this store."""
    held = select(Operation).where(Operation.lease_until.is_not(None))
    for operation in session.scalars(held):
        release_operation(operation)
