"""Operations that take long: recorded, watched, cancelled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hansa.awsapi import hansafabric as api
from hansa.domain import names
from hansa.domain.caller import Caller
from hansa.domain.errors import IllegalActionError
from hansa.domain.operation import FINAL, OperationStatus
from hansa.operations.context import OperationContext
from hansa.operations.lists import given, page
from hansa.operations.lookups import find_network, not_found
from hansa.store.database import Session
from hansa.store.networks import get_visible_network
from hansa.store.operation_tables import Operation
from hansa.store.operations import (
    OPERATIONS_OF_NETWORK,
    end_operation,
    get_operation,
    get_proposed_operation,
)
from hansa.store.pages import Filters
from hansa.store.tables import Member


class LongOperations:
    """GetOperation, ListOperations, CancelOperation."""

    def __init__(self, context: OperationContext) -> None:
        self._context = context

    def get(self, caller: Caller, request: api.GetOperationInput) -> api.GetOperationOutput:
        with self._context.store.read() as session:
            operation = _find_seen(session, caller, request["OperationId"])
            return {"Operation": _describe(operation, caller.region)}

    def list(self, caller: Caller, request: api.ListOperationsInput) -> api.ListOperationsOutput:
        with self._context.store.read() as session:
            network = find_network(self._context, session, caller, request["NetworkId"])
            filters = Filters(
                {"account_id": caller.account_id, "network_id": network.id},
                given(request, "Status"),
            )
            rows, token = page(session, "ListOperations", OPERATIONS_OF_NETWORK, filters, request)
            return {
                "Operations": [_describe(row, caller.region) for row in rows],
                "NextToken": token,
            }

    def cancel(
        self, caller: Caller, request: api.CancelOperationInput
    ) -> api.CancelOperationOutput:
        """End it before its next step. One that has been cancelled already stays so."""
        with self._context.store.write() as session:
            operation = _find(session, caller, request["OperationId"])
            if operation.status == OperationStatus.CANCELLED:
                return {}
            if operation.status == OperationStatus.AWAITING_APPROVAL:
                raise IllegalActionError(
                    f"Operation {operation.id} awaits the members' votes on proposal "
                    f"{operation.proposal_id}; it is withdrawn by voting NO on that"
                )
            if operation.status in FINAL:
                raise IllegalActionError(
                    f"Operation {operation.id} is {operation.status}; there is nothing to cancel"
                )
            operation.cancel_requested = True
            if operation.lease_owner is None:
                reason = "It was cancelled; the steps that are done stay done"
                now = self._context.now()
                end_operation(operation, OperationStatus.CANCELLED, reason, now)
        return {}


def record_operation(
    context: OperationContext,
    session: Session,
    member: Member,
    action: str,
    subject: str,
    request: Mapping[str, Any],
    proposal_id: str | None = None,
) -> Operation:
    """Have ``action`` performed on behalf of ``member``: now, or once a proposal is approved.

    The caller commits, and then wakes those who perform. ``request`` must hold no secret.
    """
    is_proposed = proposal_id is not None
    now = context.now()
    operation = Operation(
        id=names.new_id("operation", context.choice),
        network_id=member.network_id,
        member_id=member.id,
        account_id=member.account_id,
        action=action,
        subject=subject,
        request=dict(request),
        proposal_id=proposal_id,
        status=OperationStatus.AWAITING_APPROVAL if is_proposed else OperationStatus.PENDING,
        status_reason="",
        steps=[],
        created_at=now,
        due_at=None if is_proposed else now,
    )
    session.add(operation)
    session.flush()
    return operation


def _find(session: Session, caller: Caller, operation_id: str) -> Operation:
    operation = get_operation(session, caller.account_id, operation_id)
    if operation is None:
        raise not_found("Operation", operation_id)
    return operation


def _find_seen(session: Session, caller: Caller, operation_id: str) -> Operation:
    """One of the account's own, or one that its members have or had to vote on."""
    operation = get_proposed_operation(session, operation_id)
    if operation is not None and get_visible_network(
        session, caller.account_id, operation.network_id
    ):
        return operation
    return _find(session, caller, operation_id)


def _describe(operation: Operation, region: str) -> api.Operation:
    return {
        "Id": operation.id,
        "Action": operation.action,
        "NetworkId": operation.network_id,
        "MemberId": operation.member_id,
        "Subject": operation.subject,
        "Request": json.dumps(operation.request, sort_keys=True),
        "ProposalId": operation.proposal_id,
        "Status": operation.status,
        "StatusReason": operation.status_reason,
        "Steps": [
            {"Name": step["Name"], "Status": step["Status"], "Detail": step["Detail"]}
            for step in operation.steps
        ],
        "CreationDate": operation.created_at,
        "EndDate": operation.ended_at,
        "Arn": names.operation_arn(region, operation.account_id, operation.id),
    }
