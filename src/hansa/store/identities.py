"""What the store knows of identities: which have been revoked by an operation."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from hansa.domain.operation import StepStatus
from hansa.store.operation_tables import Operation


def revoked_identities(session: Session, member_id: str) -> set[str]:
    """The names of the member's identities whose authority has been told to revoke them."""
    rows = session.execute(
        select(Operation.subject, Operation.steps).where(
            Operation.member_id == member_id, Operation.action == "RevokeIdentity"
        )
    )
    return {name for name, steps in rows if steps and steps[0]["Status"] == StepStatus.DONE}
