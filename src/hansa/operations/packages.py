"""Chaincode packages of an account."""

from __future__ import annotations

from pathlib import Path

from hansa.awsapi import hansafabric as api
from hansa.domain import names
from hansa.domain.caller import Caller
from hansa.domain.errors import InvalidRequestError
from hansa.domain.fabric_arns import tag_key
from hansa.fabric import vault
from hansa.fabric.packages import Package, PackageError, make_package, read_package, unpack_source
from hansa.operations.context import OperationContext
from hansa.operations.lists import page
from hansa.operations.lookups import not_found
from hansa.operations.tags import check_tags
from hansa.store.database import Session
from hansa.store.operation_tables import ChaincodePackage
from hansa.store.operations import operations_to_vote_on
from hansa.store.packages import PACKAGES_OF_ACCOUNT, get_package
from hansa.store.pages import Filters
from hansa.store.tags import put_tags


class Packages:
    """PackageChaincode, GetPackage, ListPackages."""

    def __init__(self, context: OperationContext) -> None:
        self._context = context

    def package(
        self, caller: Caller, request: api.PackageChaincodeInput
    ) -> api.PackageChaincodeOutput:
        package = _package(request)
        # The file first: a row whose file is missing would be a promise that is not kept.
        file = package_file(self._context, package.package_id)
        if not file.exists():
            vault.replace_private(file, package.content)
        with self._context.store.write() as session:
            if get_package(session, caller.account_id, package.package_id) is None:
                session.add(
                    ChaincodePackage(
                        account_id=caller.account_id,
                        package_id=package.package_id,
                        label=package.label,
                        language=package.language,
                        size=len(package.content),
                        created_at=self._context.now(),
                    )
                )
            tags = request.get("Tags") or {}
            check_tags(tags)
            put_tags(session, tag_key(caller.account_id, package.package_id), tags)
        return {"PackageId": package.package_id}

    def list(self, caller: Caller, request: api.ListPackagesInput) -> api.ListPackagesOutput:
        with self._context.store.read() as session:
            filters = Filters({"account_id": caller.account_id})
            rows, token = page(session, "ListPackages", PACKAGES_OF_ACCOUNT, filters, request)
            return {"Packages": [_describe(caller, row) for row in rows], "NextToken": token}

    def get(self, caller: Caller, request: api.GetPackageInput) -> api.GetPackageOutput:
        package_id = request["PackageId"]
        with self._context.store.read() as session:
            package = get_package(session, caller.account_id, package_id)
            if package is None:
                package = _to_vote_on(session, caller, package_id)
            described = _describe(caller, package)
        content = package_file(self._context, package_id).read_bytes()
        return {"Package": described, "Content": content}


def package_file(context: OperationContext, package_id: str) -> Path:
    """Where the content of a package lies."""
    digest = package_id.rpartition(":")[2]
    return context.settings.data_dir / "packages" / f"{digest}.tar.gz"


def find_package(session: Session, caller: Caller, package_id: str) -> ChaincodePackage:
    package = get_package(session, caller.account_id, package_id)
    if package is None:
        raise not_found("Package", package_id)
    return package


def _to_vote_on(session: Session, caller: Caller, package_id: str) -> ChaincodePackage:
    """The package of an operation that the caller's members are asked to agree to."""
    for operation in operations_to_vote_on(session, caller.account_id):
        if operation.request.get("PackageId") == package_id:
            package = get_package(session, operation.account_id, package_id)
            if package is not None:
                return package
    raise not_found("Package", package_id)


def _describe(caller: Caller, package: ChaincodePackage) -> api.Package:
    return {
        "Id": package.package_id,
        "Label": package.label,
        "Language": package.language,
        "Size": package.size,
        "CreationDate": package.created_at,
        "Arn": names.package_arn(caller.region, package.account_id, package.package_id),
    }


def _package(request: api.PackageChaincodeInput) -> Package:
    finished = request.get("Package")
    of_code = [name for name in ("Code", "Language", "Label") if request.get(name)]
    if (finished is None) == (len(of_code) < 3) or (finished is not None and of_code):
        raise InvalidRequestError(
            "The request is not valid: give 'package', or 'code' with 'language' and 'label'"
        )
    try:
        if finished is not None:
            return read_package(finished)
        files = unpack_source(request["Code"])
        return make_package(request["Label"], request["Language"], request.get("Path", ""), files)
    except PackageError as fault:
        member = "code" if finished is None else "package"
        raise InvalidRequestError(f"Value at '{member}' is not valid: {fault}") from fault
