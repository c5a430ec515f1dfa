"""Managed policies: the account's own in versions, and AWS's, which are built in and fixed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hansa.domain.caller import Caller
from hansa.domain.iam_errors import (
    DeleteConflictError,
    EntityAlreadyExistsError,
    InvalidInputError,
    LimitExceededError,
    NoSuchEntityError,
    UnmodifiableEntityError,
)
from hansa.domain.iam_names import new_iam_id
from hansa.iam.managed import MANAGED_POLICIES
from hansa.iam.policy_size import PolicyQuota
from hansa.operations.iam_context import (
    IamContext,
    Request,
    check_document,
    check_new_tags,
    page,
    tag_list,
)
from hansa.store.database import Session
from hansa.store.policies import (
    attached_to,
    count_bounded,
    get_policy,
    get_version,
    policies,
    policy_named,
    remove_policy,
    versions,
)
from hansa.store.tables import ManagedPolicy, PolicyVersion
from hansa.store.tags import get_tags, put_tags, remove_tags

# "IAM and AWS STS quotas" of the IAM user guide.
POLICIES_MAX = 1500
VERSIONS_MAX = 5
_VERSION_ID = re.compile(r"v([1-9][0-9]{0,8})\Z")
# AWS's policies have no date of their own here; this is that of the API.
_BUILT_IN_AT = datetime(2018, 9, 24, tzinfo=UTC)


def check_policy_exists(session: Session, caller: Caller, arn: str) -> None:
    """Raise :class:`NoSuchEntityError` unless ``arn`` is AWS's policy or the caller's account's."""
    if arn not in MANAGED_POLICIES:
        _own(session, caller, arn)


def _own(session: Session, caller: Caller, arn: str) -> ManagedPolicy:
    """A policy of the account. Raises for AWS's own, which nobody may change."""
    if arn in MANAGED_POLICIES:
        raise UnmodifiableEntityError(
            f"{arn} is AWS's own policy and cannot be changed; make a policy of the account."
        )
    found = get_policy(session, arn)
    if found is None or found.account_id != caller.account_id:
        raise NoSuchEntityError(f"Policy {arn} does not exist or is not attachable.")
    return found


def _built_in_shape(session: Session, caller: Caller, arn: str) -> dict[str, Any]:
    policy = MANAGED_POLICIES[arn]
    return {
        "PolicyName": policy.name,
        "PolicyId": "ANPA" + policy.name.upper()[-17:].rjust(17, "A"),
        "Arn": arn,
        "Path": "/",
        "DefaultVersionId": "v1",
        "Description": policy.description,
        "AttachmentCount": len(attached_to(session, caller.account_id, arn)),
        "PermissionsBoundaryUsageCount": count_bounded(session, caller.account_id, arn),
        "IsAttachable": True,
        "CreateDate": _BUILT_IN_AT,
        "UpdateDate": _BUILT_IN_AT,
    }


def _shape(session: Session, policy: ManagedPolicy) -> dict[str, Any]:
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": f"v{policy.default_version}",
        "AttachmentCount": len(attached_to(session, policy.account_id, policy.arn)),
        "PermissionsBoundaryUsageCount": count_bounded(session, policy.account_id, policy.arn),
        "IsAttachable": True,
        "Description": policy.description,
        "CreateDate": policy.created_at,
        "UpdateDate": policy.updated_at,
        "Tags": tag_list(session, policy.id) or None,
    }


def _version_shape(policy: ManagedPolicy, version: PolicyVersion) -> dict[str, Any]:
    return {
        "VersionId": f"v{version.version}",
        "IsDefaultVersion": version.version == policy.default_version,
        "CreateDate": version.created_at,
    }


class ManagedPolicies:
    """CreatePolicy and all that is done with a policy but attaching it."""

    def __init__(self, context: IamContext) -> None:
        self._context = context

    def create(self, caller: Caller, request: Request) -> Any:
        document = check_document(request["PolicyDocument"], PolicyQuota.MANAGED)
        tags = request.get("Tags") or []
        check_new_tags(tags)
        name, path, now = request["PolicyName"], request.get("Path", "/"), self._context.now()
        with self._context.write() as session:
            if policy_named(session, caller.account_id, name) is not None:
                raise EntityAlreadyExistsError(
                    f"A policy called {name} already exists. Duplicate names are not allowed."
                )
            if len(policies(session, caller.account_id)) >= POLICIES_MAX:
                raise LimitExceededError(f"Cannot exceed quota for policies: {POLICIES_MAX}.")
            policy = ManagedPolicy(
                id=new_iam_id("policy", self._context.choice),
                account_id=caller.account_id,
                name=name,
                folded_name=name.lower(),
                arn=f"arn:aws:iam::{caller.account_id}:policy{path}{name}",
                path=path,
                description=request.get("Description"),
                default_version=1,
                latest_version=1,
                created_at=now,
                updated_at=now,
            )
            session.add(policy)
            session.flush()
            session.add(
                PolicyVersion(policy_id=policy.id, version=1, document=document, created_at=now)
            )
            put_tags(session, policy.id, {tag["Key"]: tag["Value"] for tag in tags})
            session.flush()
            return {"Policy": _shape(session, policy)}

    def get(self, caller: Caller, request: Request) -> Any:
        arn = request["PolicyArn"]
        with self._context.store.read() as session:
            if arn in MANAGED_POLICIES:
                return {"Policy": _built_in_shape(session, caller, arn)}
            return {"Policy": _shape(session, _own(session, caller, arn))}

    def list(self, caller: Caller, request: Request) -> Any:
        scope = request.get("Scope", "All")
        prefix = request.get("PathPrefix", "/")
        with self._context.store.read() as session:
            found: list[dict[str, Any]] = []
            if scope in ("All", "AWS"):
                found += [_built_in_shape(session, caller, arn) for arn in MANAGED_POLICIES]
            if scope in ("All", "Local"):
                found += [_shape(session, p) for p in policies(session, caller.account_id)]
        count = {
            "PermissionsBoundary": "PermissionsBoundaryUsageCount",
        }.get(request.get("PolicyUsageFilter", ""), "AttachmentCount")
        shown = [
            policy
            for policy in found
            if policy["Path"].startswith(prefix)
            and (not request.get("OnlyAttached") or policy[count])
        ]
        return page(shown, lambda policy: str(policy["Arn"]), request, "Policies")

    def delete(self, caller: Caller, request: Request) -> Any:
        with self._context.write() as session:
            policy = _own(session, caller, request["PolicyArn"])
            left = []
            if attached_to(session, caller.account_id, policy.arn):
                left.append("detach it from every user, group and role")
            if count_bounded(session, caller.account_id, policy.arn):
                left.append("delete the permissions boundaries that it is")
            if len(versions(session, policy.id)) > 1:
                left.append("delete its versions but the default")
            if left:
                raise DeleteConflictError(
                    f"Cannot delete {policy.arn}, which is in use; first {', '.join(left)}."
                )
            remove_tags(session, policy.id)
            remove_policy(session, policy)
        return {}

    def tag(self, caller: Caller, request: Request) -> Any:
        with self._context.write() as session:
            policy = _own(session, caller, request["PolicyArn"])
            check_new_tags(request["Tags"], list(get_tags(session, policy.id)))
            put_tags(session, policy.id, {tag["Key"]: tag["Value"] for tag in request["Tags"]})
        return {}

    def untag(self, caller: Caller, request: Request) -> Any:
        with self._context.write() as session:
            policy = _own(session, caller, request["PolicyArn"])
            remove_tags(session, policy.id, request["TagKeys"])
        return {}

    def create_version(self, caller: Caller, request: Request) -> Any:
        document = check_document(request["PolicyDocument"], PolicyQuota.MANAGED)
        now = self._context.now()
        with self._context.write() as session:
            policy = _own(session, caller, request["PolicyArn"])
            if len(versions(session, policy.id)) >= VERSIONS_MAX:
                raise LimitExceededError(
                    f"A managed policy can have up to {VERSIONS_MAX} versions. Before you create a "
                    "new version, you must delete an existing version."
                )
            policy.latest_version += 1
            version = PolicyVersion(
                policy_id=policy.id, version=policy.latest_version, document=document,
                created_at=now,
            )  # fmt: skip
            session.add(version)
            if request.get("SetAsDefault"):
                policy.default_version, policy.updated_at = version.version, now
            return {"PolicyVersion": _version_shape(policy, version)}

    def list_versions(self, caller: Caller, request: Request) -> Any:
        arn = request["PolicyArn"]
        if arn in MANAGED_POLICIES:
            return page([_built_in_version()], _version_key, request, "Versions")
        with self._context.store.read() as session:
            policy = _own(session, caller, arn)
            found = [_version_shape(policy, version) for version in versions(session, policy.id)]
        return page(found, _version_key, request, "Versions")

    def get_version(self, caller: Caller, request: Request) -> Any:
        arn, number = request["PolicyArn"], _version_number(request)
        if arn in MANAGED_POLICIES and number == 1:
            document = _pretty(MANAGED_POLICIES[arn].document)
            return {"PolicyVersion": {"Document": document, **_built_in_version()}}
        with self._context.store.read() as session:
            policy = _own(session, caller, arn)
            version = _version(session, policy, number)
            shape = _version_shape(policy, version)
            return {"PolicyVersion": {"Document": version.document, **shape}}

    def set_default_version(self, caller: Caller, request: Request) -> Any:
        with self._context.write() as session:
            policy = _own(session, caller, request["PolicyArn"])
            version = _version(session, policy, _version_number(request))
            policy.default_version, policy.updated_at = version.version, self._context.now()
        return {}

    def delete_version(self, caller: Caller, request: Request) -> Any:
        with self._context.write() as session:
            policy = _own(session, caller, request["PolicyArn"])
            version = _version(session, policy, _version_number(request))
            if version.version == policy.default_version:
                raise DeleteConflictError(
                    "Cannot delete the default version of a policy. Set another one as default."
                )
            session.delete(version)
        return {}


def _pretty(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2)


def _built_in_version() -> dict[str, Any]:
    return {"VersionId": "v1", "IsDefaultVersion": True, "CreateDate": _BUILT_IN_AT}


def _version_key(version: Mapping[str, Any]) -> str:
    """Orders versions, newest first."""
    return f"{1_000_000_000 - int(version['VersionId'][1:]):010}"


def _version_number(request: Request) -> int:
    match = _VERSION_ID.match(request["VersionId"])
    if match is None:
        raise InvalidInputError("VersionId has to be 'v' and a number, such as v2.")
    return int(match[1])


def _version(session: Session, policy: ManagedPolicy, number: int) -> PolicyVersion:
    found = get_version(session, policy.id, number)
    if found is None:
        raise NoSuchEntityError(f"Policy {policy.arn} version v{number} does not exist.")
    return found
