"""Accessors: AMB's billing tokens for public networks, kept so that programs that make them work.

They have no effect on Fabric networks.
"""

from __future__ import annotations

from hansa.awsapi import managedblockchain as api
from hansa.domain import names
from hansa.domain.caller import Caller
from hansa.domain.lifecycle import Status
from hansa.operations.context import OperationContext
from hansa.operations.lists import page
from hansa.operations.lookups import not_found
from hansa.operations.tags import check_tags
from hansa.operations.tokens import answer_once
from hansa.store.accessors import ACCESSORS_OF_ACCOUNT, get_accessor
from hansa.store.database import Session
from hansa.store.pages import Filters
from hansa.store.tables import Accessor
from hansa.store.tags import get_tags, put_tags, remove_tags

_TOKEN_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"  # noqa: S105
_TOKEN_LENGTH = 42  # the service model: BillingTokenString is exactly so long


class Accessors:
    """CreateAccessor, GetAccessor, ListAccessors, DeleteAccessor."""

    def __init__(self, context: OperationContext) -> None:
        self._context = context

    def create(self, caller: Caller, request: api.CreateAccessorInput) -> api.CreateAccessorOutput:
        check_tags(request.get("Tags") or {})
        now = self._context.now()
        with self._context.store.write() as session:
            return answer_once(
                session, caller, "CreateAccessor", request, now,
                lambda: self._create(session, caller, request),
            )  # fmt: skip

    def _create(
        self, session: Session, caller: Caller, request: api.CreateAccessorInput
    ) -> api.CreateAccessorOutput:
        choice = self._context.choice
        accessor = Accessor(
            id=names.new_id("accessor", choice),
            account_id=caller.account_id,
            region=caller.region,
            type=request["AccessorType"],
            network_type=request.get("NetworkType"),
            billing_token="".join(choice(_TOKEN_ALPHABET) for _ in range(_TOKEN_LENGTH)),
            status=Status.AVAILABLE,
            created_at=self._context.now(),
        )
        session.add(accessor)
        put_tags(session, accessor.id, request.get("Tags") or {})
        return {
            "AccessorId": accessor.id,
            "BillingToken": accessor.billing_token,
            "NetworkType": accessor.network_type,
        }

    def get(self, caller: Caller, request: api.GetAccessorInput) -> api.GetAccessorOutput:
        with self._context.store.read() as session:
            accessor = get_accessor(session, caller.account_id, request["AccessorId"])
            if accessor is None:
                raise not_found("Accessor", request["AccessorId"])
            return {
                "Accessor": {
                    **_summary(accessor),
                    "BillingToken": accessor.billing_token,
                    "Tags": get_tags(session, accessor.id),
                }
            }

    def list(self, caller: Caller, request: api.ListAccessorsInput) -> api.ListAccessorsOutput:
        equal = {"network_type": request["NetworkType"]} if "NetworkType" in request else {}
        filters = Filters({"account_id": caller.account_id}, equal)
        with self._context.store.read() as session:
            rows, token = page(session, "ListAccessors", ACCESSORS_OF_ACCOUNT, filters, request)
            return {"Accessors": [_summary(row) for row in rows], "NextToken": token}

    def delete(self, caller: Caller, request: api.DeleteAccessorInput) -> api.DeleteAccessorOutput:
        with self._context.store.write() as session:
            accessor = get_accessor(session, caller.account_id, request["AccessorId"])
            if accessor is None:
                raise not_found("Accessor", request["AccessorId"])
            accessor.status = Status.DELETED
            accessor.deleted_at = self._context.now()
            remove_tags(session, accessor.id)
        return {}


def _summary(accessor: Accessor) -> api.AccessorSummary:
    return {
        "Id": accessor.id,
        "Type": accessor.type,
        "Status": accessor.status,
        "CreationDate": accessor.created_at,
        "Arn": names.accessor_arn(accessor.region, accessor.account_id, accessor.id),
        "NetworkType": accessor.network_type,
    }
