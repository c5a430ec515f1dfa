"""Users, groups and roles: created, shown, tagged, bounded and deleted."""

from __future__ import annotations

from typing import Any

from hansa.domain.caller import Caller
from hansa.domain.iam_errors import (
    DeleteConflictError,
    EntityAlreadyExistsError,
    LimitExceededError,
    MalformedPolicyDocumentError,
    NoSuchEntityError,
)
from hansa.domain.iam_names import new_iam_id
from hansa.iam.policy import PolicySyntaxError
from hansa.iam.policy_size import PolicyQuota
from hansa.iam.stored_trust import with_ids
from hansa.operations.iam_context import (
    NAME_MEMBER,
    IamContext,
    Request,
    caller_user_name,
    check_document,
    check_new_tags,
    find_principal,
    named,
    page,
)
from hansa.operations.iam_managed import check_policy_exists
from hansa.operations.iam_shapes import principal_shape
from hansa.store.database import Session
from hansa.store.policies import attached, inline_policies
from hansa.store.principals import (
    add_membership,
    count_principals,
    get_principal,
    groups_of,
    keys_of,
    principals,
    remove_membership,
    remove_principal,
    users_of,
)
from hansa.store.tables import Principal
from hansa.store.tags import get_tags, put_tags, remove_tags

# "IAM and AWS STS quotas" of the IAM user guide: the defaults.
COUNTS_MAX = {"user": 5000, "group": 300, "role": 1000}
GROUPS_OF_A_USER_MAX = 10
SESSION_SECONDS = 3600


class Principals:
    """The operations of users, groups and roles, by kind."""

    def __init__(self, context: IamContext) -> None:
        self._context = context

    def create(self, kind: str, caller: Caller, request: Request) -> Any:
        name = request[NAME_MEMBER[kind]]
        tags = request.get("Tags") or []
        check_new_tags(tags)
        with self._context.write() as session:
            trust = None
            if kind == "role":
                trust = _trust(session, request["AssumeRolePolicyDocument"])
            self._check_room(session, caller, kind, name)
            boundary = request.get("PermissionsBoundary")
            if boundary is not None:
                check_policy_exists(session, caller, boundary)
            principal = Principal(
                id=new_iam_id(kind, self._context.choice),
                account_id=caller.account_id,
                kind=kind,
                name=name,
                folded_name=name.lower(),
                path=request.get("Path", "/"),
                description=request.get("Description"),
                trust=trust,
                session_seconds_max=(
                    request.get("MaxSessionDuration", SESSION_SECONDS) if kind == "role" else None
                ),
                boundary_arn=boundary,
                created_at=self._context.now(),
            )
            session.add(principal)
            session.flush()
            put_tags(session, principal.id, {tag["Key"]: tag["Value"] for tag in tags})
            session.flush()
            return {kind.capitalize(): principal_shape(session, principal)}

    def _check_room(self, session: Session, caller: Caller, kind: str, name: str) -> None:
        if get_principal(session, caller.account_id, kind, name) is not None:
            raise EntityAlreadyExistsError(
                f"{kind.capitalize()} with name {name} already exists. Choose another name."
            )
        if count_principals(session, caller.account_id, kind) >= COUNTS_MAX[kind]:
            raise LimitExceededError(
                f"Cannot exceed quota for {kind}s per account: {COUNTS_MAX[kind]}. Delete one."
            )

    def get(self, kind: str, caller: Caller, request: Request) -> Any:
        name = request.get(NAME_MEMBER[kind]) or caller_user_name(caller)
        with self._context.store.read() as session:
            principal = find_principal(session, caller, kind, name)
            return {kind.capitalize(): principal_shape(session, principal)}

    def get_group(self, caller: Caller, request: Request) -> Any:
        """The group with a page of its users."""
        with self._context.store.read() as session:
            group = named(session, caller, "group", request)
            answer = page(users_of(session, group.id), _folded, request, "Users")
            answer["Users"] = [principal_shape(session, u, brief=True) for u in answer["Users"]]
            return {"Group": principal_shape(session, group), **answer}

    def list(self, kind: str, caller: Caller, request: Request) -> Any:
        member = f"{kind.capitalize()}s"
        with self._context.store.read() as session:
            found = principals(session, caller.account_id, kind, request.get("PathPrefix", "/"))
            answer = page(found, _folded, request, member)
            answer[member] = [principal_shape(session, p, brief=True) for p in answer[member]]
        return answer

    def delete(self, kind: str, caller: Caller, request: Request) -> Any:
        with self._context.write() as session:
            principal = named(session, caller, kind, request)
            _check_bare(session, principal)
            remove_tags(session, principal.id)
            remove_principal(session, principal)
        return {}

    def update_trust(self, caller: Caller, request: Request) -> Any:
        with self._context.write() as session:
            role = named(session, caller, "role", request)
            role.trust = _trust(session, request["PolicyDocument"])
        return {}

    def update_role(self, caller: Caller, request: Request) -> Any:
        with self._context.write() as session:
            role = named(session, caller, "role", request)
            if "Description" in request:
                role.description = request["Description"]
            if "MaxSessionDuration" in request:
                role.session_seconds_max = request["MaxSessionDuration"]
        return {}

    def put_boundary(self, kind: str, caller: Caller, request: Request) -> Any:
        with self._context.write() as session:
            principal = named(session, caller, kind, request)
            check_policy_exists(session, caller, request["PermissionsBoundary"])
            principal.boundary_arn = request["PermissionsBoundary"]
        return {}

    def delete_boundary(self, kind: str, caller: Caller, request: Request) -> Any:
        with self._context.write() as session:
            principal = named(session, caller, kind, request)
            if principal.boundary_arn is None:
                raise NoSuchEntityError(f"{principal.arn} has no permissions boundary.")
            principal.boundary_arn = None
        return {}

    def tag(self, kind: str, caller: Caller, request: Request) -> Any:
        with self._context.write() as session:
            principal = named(session, caller, kind, request)
            check_new_tags(request["Tags"], list(get_tags(session, principal.id)))
            given = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
            put_tags(session, principal.id, given)
        return {}

    def untag(self, kind: str, caller: Caller, request: Request) -> Any:
        with self._context.write() as session:
            principal = named(session, caller, kind, request)
            remove_tags(session, principal.id, request["TagKeys"])
        return {}

    def list_tags(self, kind: str, caller: Caller, request: Request) -> Any:
        with self._context.store.read() as session:
            tags = get_tags(session, named(session, caller, kind, request).id)
        answer = page(list(tags), str, request, "Tags")
        answer["Tags"] = [{"Key": key, "Value": tags[key]} for key in answer["Tags"]]
        return answer

    def add_to_group(self, caller: Caller, request: Request) -> Any:
        with self._context.write() as session:
            group = named(session, caller, "group", request)
            user = named(session, caller, "user", request)
            others = [found for found in groups_of(session, user.id) if found.id != group.id]
            if len(others) >= GROUPS_OF_A_USER_MAX:
                raise LimitExceededError(
                    f"Cannot exceed quota for groups per user: {GROUPS_OF_A_USER_MAX}."
                )
            add_membership(session, group.id, user.id)
        return {}

    def remove_from_group(self, caller: Caller, request: Request) -> Any:
        with self._context.write() as session:
            group = named(session, caller, "group", request)
            user = named(session, caller, "user", request)
            if not remove_membership(session, group.id, user.id):
                raise NoSuchEntityError(f"The user {user.name} is not in the group {group.name}.")
        return {}

    def list_groups_for_user(self, caller: Caller, request: Request) -> Any:
        with self._context.store.read() as session:
            user = named(session, caller, "user", request)
            answer = page(groups_of(session, user.id), _folded, request, "Groups")
            answer["Groups"] = [principal_shape(session, group) for group in answer["Groups"]]
        return answer


def _trust(session: Session, text: str) -> str:
    """A trust policy as it is kept."""
    document = check_document(text, PolicyQuota.TRUST, trust=True)
    try:
        return with_ids(session, document)
    except PolicySyntaxError as fault:
        raise MalformedPolicyDocumentError(str(fault)) from fault


def _folded(principal: Principal) -> str:
    return principal.folded_name


def _check_bare(session: Session, principal: Principal) -> None:
    """AWS deletes only what has nothing left; all that is left is told at once."""
    left = []
    if principal.kind == "user" and keys_of(session, principal.id):
        left.append("delete its access keys")
    if principal.kind == "user" and groups_of(session, principal.id):
        left.append("remove it from its groups")
    if principal.kind == "group" and users_of(session, principal.id):
        left.append("remove its users")
    if inline_policies(session, principal.id):
        left.append("delete its inline policies")
    if attached(session, principal.id):
        left.append("detach its policies")
    if left:
        raise DeleteConflictError(
            f"Cannot delete entity, {principal.arn} is in use; first {', '.join(left)}."
        )
