"""Chaincode packages of accounts. Their content lies in files."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from hansa.store.operation_tables import ChaincodePackage
from hansa.store.pages import Listing

_OF_ACCOUNT = select(ChaincodePackage).where(ChaincodePackage.account_id == bindparam("account_id"))
_OF_ID = _OF_ACCOUNT.where(ChaincodePackage.package_id == bindparam("package_id"))

PACKAGES_OF_ACCOUNT = Listing(ChaincodePackage, _OF_ACCOUNT)
"""The packages of the account ``account_id``."""


def get_package(session: Session, account_id: str, package_id: str) -> ChaincodePackage | None:
    values = {"account_id": account_id, "package_id": package_id}
    return session.scalars(_OF_ID, values).one_or_none()


def share_package(
    session: Session, owner: str, package_id: str, account_ids: Collection[str], now: datetime
) -> None:
    """Make a package of the account ``owner`` one of these accounts, too."""
    package = get_package(session, owner, package_id)
    if package is None:
        return
    for account_id in sorted({*account_ids}):
        if get_package(session, account_id, package_id) is None:
            session.add(
                ChaincodePackage(
                    account_id=account_id,
                    package_id=package_id,
                    label=package.label,
                    language=package.language,
                    size=package.size,
                    created_at=now,
                )
            )
