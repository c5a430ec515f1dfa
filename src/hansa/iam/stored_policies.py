"""The policies that apply to a caller, read from the store."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from hansa.domain.caller import Caller
from hansa.domain.conditions import iso_time
from hansa.domain.fabric_arns import parse_fabric_arn
from hansa.domain.iam_names import root_arn
from hansa.iam.managed import MANAGED_POLICIES
from hansa.iam.policy import Policy, PolicySet
from hansa.store.database import Session, Store
from hansa.store.policies import attached, get_policy, get_version, inline_policies
from hansa.store.principals import get_key, get_principal, groups_of, principal_of_id
from hansa.store.resources import is_seen
from hansa.store.tables import AccessKey, ManagedPolicy, Principal
from hansa.store.tags import get_tags

KNOWN_MAX = 10_000
_IAM_RESOURCE = re.compile(
    r"arn:aws:iam::(?P<account>[0-9]{12}):(?P<kind>user|role|policy)/(?:.*/)?(?P<name>[^/]+)\Z"
)
_RESOURCE = re.compile(r"arn:aws:managedblockchain:[^:]*:[0-9]*:(?P<kind>[a-z]+)/(?P<id>[^/]+)\Z")
_ALL: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def load_document(session: Session, policy_arn: str) -> dict[str, Any] | None:
    """The default version of a managed policy, of an account or of AWS."""
    if policy_arn in MANAGED_POLICIES:
        return MANAGED_POLICIES[policy_arn].document
    policy = get_policy(session, policy_arn)
    if policy is None:
        return None
    version = get_version(session, policy.id, policy.default_version)
    return None if version is None else dict(json.loads(version.document))


def managed_policies(session: Session, arns: list[str]) -> tuple[Policy, ...]:
    found = ((arn, load_document(session, arn)) for arn in arns)
    return tuple(Policy(arn, document) for arn, document in found if document is not None)


def policies_of_principal(session: Session, principal: Principal) -> PolicySet:
    """Inline and attached policies, those of a user's groups, and the permissions boundary."""
    holders = [principal]
    if principal.kind == "user":
        holders += groups_of(session, principal.id)
    identity: list[Policy] = []
    for holder in holders:
        inline = inline_policies(session, holder.id)
        identity += [Policy(policy.name, json.loads(policy.document)) for policy in inline]
        identity += managed_policies(session, attached(session, holder.id))
    boundary = None
    if principal.boundary_arn is not None:
        boundary = managed_policies(session, [principal.boundary_arn])
    return PolicySet(tuple(identity), boundary)


def principal_facts(principal: Principal, own_id: str, tags: Mapping[str, str]) -> dict[str, str]:
    """The condition keys that a principal gives to every request of its own."""
    tagged = {f"aws:PrincipalTag/{name}": value for name, value in tags.items()}
    return {"aws:PrincipalArn": principal.arn, "aws:userid": own_id, **tagged}


def _session_facts(key: AccessKey, tags: Mapping[str, str]) -> dict[str, str]:
    """What a temporary key adds: AWS sets these for temporary credentials alone."""
    if key.expires_at is None:
        return {}
    facts = {
        "aws:TokenIssueTime": iso_time(key.created_at),
        "aws:MultiFactorAuthPresent": "false",
    }
    if key.source_identity is not None:
        facts["aws:SourceIdentity"] = key.source_identity
    # A tag of the session takes the place of the role's, whatever the case of their keys.
    spelt = {name.lower(): name for name in tags}
    for name, value in (key.session_tags or {}).items():
        facts[f"aws:PrincipalTag/{spelt.get(name.lower(), name)}"] = value
    return facts


def _iam_resource(session: Session, arn: str, account_id: str) -> Principal | ManagedPolicy | None:
    match = _IAM_RESOURCE.match(arn)
    if match is None or match["account"] != account_id:
        return None
    if match["kind"] == "policy":
        return get_policy(session, arn)
    found = get_principal(session, match["account"], match["kind"], match["name"])
    return found if found is not None and found.arn == arn else None


class StoredPolicies:
    """What is known of callers for their authorization.

    It is kept in memory; :meth:`forget` must follow every change of principals and policies.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, PolicySet] = {}
        self._contexts: dict[str, dict[str, str]] = {}

    def policies_of(self, caller: Caller) -> PolicySet:
        """None at all where the principal behind the caller's key is gone."""
        # Kept in hand: a set read while they are forgotten must not outlive that.
        known = self._known
        found = known.get(caller.access_key_id)
        if found is None:
            found = self._read(caller)
            if len(known) >= KNOWN_MAX:
                known.clear()
            known[caller.access_key_id] = found
        return found

    def forget(self) -> None:
        """Read everything anew."""
        self._known = {}
        self._contexts = {}

    def _read(self, caller: Caller) -> PolicySet:
        with self._store.read() as session:
            key = get_key(session, caller.access_key_id)
            if key is None or key.principal_arn != caller.principal_arn:
                return PolicySet(())
            narrowing = None
            if key.session_policies is not None:
                narrowing = tuple(
                    Policy("session policy", json.loads(text)) for text in key.session_policies
                )
            if caller.principal_arn == root_arn(caller.account_id):
                return PolicySet((Policy("root", _ALL),), None, narrowing)
            principal = principal_of_id(session, key.principal_id)
            if principal is None:
                return PolicySet(())
            own = policies_of_principal(session, principal)
            return PolicySet(own.identity, own.boundary, narrowing)

    def principal_context(self, caller: Caller) -> dict[str, str]:
        """The condition keys that only the principal's record knows."""
        known = self._contexts
        found = known.get(caller.access_key_id)
        if found is None:
            found = self._read_context(caller)
            if len(known) >= KNOWN_MAX:
                known.clear()
            known[caller.access_key_id] = found
        return found

    def _read_context(self, caller: Caller) -> dict[str, str]:
        with self._store.read() as session:
            key = get_key(session, caller.access_key_id)
            principal = principal_of_id(session, key.principal_id) if key is not None else None
            if principal is None:
                return {}
            tags = get_tags(session, principal.id)
        own_id = principal.id
        if principal.kind == "role":
            own_id = f"{own_id}:{caller.principal_arn.rpartition('/')[2]}"
        facts = principal_facts(principal, own_id, tags)
        return facts if key is None else {**facts, **_session_facts(key, tags)}

    def resource_context(self, arn: str, account_id: str) -> dict[str, str]:
        """What conditions on a user, role or policy of the account may ask beside its tags."""
        if _IAM_RESOURCE.match(arn) is None:
            return {}
        with self._store.read() as session:
            found = _iam_resource(session, arn, account_id)
            if found is None:
                return {}
            tags = get_tags(session, found.id)
        context = {f"iam:ResourceTag/{name}": value for name, value in tags.items()}
        boundary = getattr(found, "boundary_arn", None)
        return {**context, "iam:PermissionsBoundary": boundary} if boundary else context

    def resource_tags(self, arn: str, account_id: str) -> dict[str, str]:
        """The tags of a resource of a service or of IAM, if the account may see them.

        Else an account's own policies would tell it the tags of others' resources.
        """
        resource, fabric = _RESOURCE.match(arn), parse_fabric_arn(arn)
        if resource is None and fabric is None and _IAM_RESOURCE.match(arn) is None:
            return {}
        with self._store.read() as session:
            if fabric is not None:
                return get_tags(session, fabric.tag_key(account_id))
            if resource is None:
                found = _iam_resource(session, arn, account_id)
                return {} if found is None else get_tags(session, found.id)
            seen = is_seen(session, account_id, resource["kind"], resource["id"])
            return get_tags(session, resource["id"]) if seen else {}
