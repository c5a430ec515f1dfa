"""What the installation on this machine knows of keys, policies and roles, read from its store.

Nothing is written, and a store of another version of Hansa is let be: it would be migrated.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hansa.client.installation import ClientError, Installation
from hansa.diagnosis.facts import (
    BroadStatement,
    KeyRecord,
    Local,
    Permission,
    PolicyPlace,
    RoleStep,
)
from hansa.diagnosis.principals import holder_of, kind_of, policy_source
from hansa.diagnosis.remedies import allowing
from hansa.diagnosis.secrets_of import Keys
from hansa.diagnosis.variables import closest
from hansa.domain.caller import Caller
from hansa.domain.conditions import caller_context
from hansa.iam.authorizer import PolicyAuthorizer
from hansa.iam.managed import MANAGED_POLICIES
from hansa.iam.policy import (
    AccessRequest,
    Decision,
    Policy,
    PolicySet,
    evaluate,
    evaluate_assume_role,
    evaluate_trust,
    parse_policy,
)
from hansa.iam.policy_document import statements_of, strings
from hansa.iam.stored_policies import StoredPolicies, load_document, policies_of_principal
from hansa.iam.stored_trust import with_arns
from hansa.operations.assume_role import caller_names
from hansa.operations.iam_keys import KEYS_OF_A_USER_MAX
from hansa.store.cipher import CipherError
from hansa.store.database import SchemaError, Session, Store, is_current, open_store
from hansa.store.faults import StoreError
from hansa.store.policies import attached, inline_policies
from hansa.store.principals import (
    get_key,
    groups_of,
    keys_of,
    principal_of_id,
    principals,
)
from hansa.store.tables import AccessKey, Principal

Context = Mapping[str, str]


@dataclass(frozen=True)
class _Fixed:
    """The policies of one principal, whatever its key."""

    policies: PolicySet

    def policies_of(self, _caller: Caller) -> PolicySet:
        return self.policies


@contextmanager
def open_local(
    installation: Installation, env: str, now: Callable[[], datetime]
) -> Iterator[LocalStore | None]:
    """The store of the installation, or ``None`` where it cannot be read."""
    database = installation.data_dir / "hansa.db"
    try:
        store = None
        if database.exists() and is_current(database):
            store = open_store(database, installation.data_dir / "secrets" / "store.key")
    except (SchemaError, StoreError, CipherError, OSError):
        store = None
    if store is None:
        yield None
        return
    try:
        yield LocalStore(installation, store, env, now)
    finally:
        store.close()


class LocalStore:
    """Answers from the store; ``env`` is the command that makes a shell the administrator's."""

    def __init__(
        self,
        installation: Installation,
        store: Store,
        env: str,
        now: Callable[[], datetime],
    ) -> None:
        self._installation = installation
        self._store = store
        self._env = env
        self._now = now
        self._policies = StoredPolicies(store)

    def local(self, keys: Keys | None) -> Local:
        """What is known of the key in use."""
        administrator = None
        with suppress(ClientError):
            administrator = self._installation.administrator()
        with self._store.read() as session:
            row = get_key(session, keys.access_key_id) if keys is not None else None
            record = None
            if row is not None and keys is not None:
                record = self._record(session, row, keys)
            own = get_key(session, administrator.access_key_id) if administrator else None
        return Local(
            self._env,
            administrator.account_id if administrator else "",
            administrator.access_key_id if administrator else "",
            str(administrator.file) if administrator else "",
            administrator_works=own is not None and own.status == "Active",
            record=record,
        )

    def _record(self, session: Session, row: AccessKey, keys: Keys) -> KeyRecord:
        cipher = self._store.cipher
        principal = principal_of_id(session, row.principal_id)
        is_session = row.expires_at is not None
        own = keys_of(session, row.principal_id) if not is_session else []
        token = cipher.decrypt(row.session_token) if row.session_token else ""
        matches = _same(cipher.decrypt(row.secret), keys.secret_access_key)
        of_other = [
            each.id
            for each in own
            if each.id != row.id and _same(cipher.decrypt(each.secret), keys.secret_access_key)
        ]
        return KeyRecord(
            row.id,
            row.account_id,
            row.principal_arn,
            principal.kind if principal is not None else "user",
            principal.name if principal is not None else "",
            active=row.status == "Active",
            secret_matches=matches,
            token_matches=_same(token, keys.session_token),
            secret_of=of_other[0] if of_other and not matches else "",
            expires_at=row.expires_at,
            active_keys=tuple(each.id for each in own if each.status == "Active"),
            is_last=len(own) >= KEYS_OF_A_USER_MAX,
        )

    def record_of(self, access_key_id: str) -> KeyRecord | None:
        """What is kept of a key; nothing is compared with it."""
        with self._store.read() as session:
            row = get_key(session, access_key_id)
            if row is None:
                return None
            token = self._store.cipher.decrypt(row.session_token) if row.session_token else ""
            secret = self._store.cipher.decrypt(row.secret)
            return self._record(session, row, Keys(row.id, secret, token))

    def assuming(self, role_arn: str, caller: Caller) -> RoleStep:
        """How it stands with a role that a caller wants to assume."""
        return self.role_step(RoleStep(role_arn, caller.principal_arn), caller)

    def caller_of(self, access_key_id: str, region: str) -> Caller | None:
        """The caller that a key makes, if it is known."""
        with self._store.read() as session:
            row = get_key(session, access_key_id)
        if row is None:
            return None
        return Caller(row.account_id, row.principal_arn, row.id, region, "127.0.0.1")

    def permission(self, caller: Caller, action: str, resource: str) -> Permission | None:
        """What policies decide; ``None`` for a principal that is not known.

        The caller may have no key: then its policies are those of the principal with its ARN.
        """
        principal = self._principal(caller)
        if principal is None:
            return None
        stored = self._policies
        authorizer = PolicyAuthorizer(
            _Fixed(self._policies_of(caller)),
            self._now,
            principal_context=stored.principal_context if caller.access_key_id else _no_context,
            resource_tags=stored.resource_tags,
            resource_context=stored.resource_context,
        )
        ((_, decision),) = authorizer.decisions(
            caller, action, (resource,), caller_context(caller, self._now())
        )
        return self._told(caller, principal, action, resource, decision)

    def _told(
        self, caller: Caller, principal: Principal, action: str, resource: str, decision: Decision
    ) -> Permission:
        kind = kind_of(decision.reason)
        told = Permission(
            caller.principal_arn,
            *holder_of(caller.principal_arn),
            action,
            resource,
            decision.allowed,
            decision.reason,
            kind,
            decision.explicit_deny,
            decision.policy,
            decision.statement,
            boundary_arn=principal.boundary_arn or "",
        )
        if decision.allowed:
            return told
        with self._store.read() as session:
            if decision.explicit_deny and kind != "session":
                return replace(told, place=_place(session, principal, decision))
            if kind == "boundary" and principal.boundary_arn not in MANAGED_POLICIES:
                document = load_document(session, principal.boundary_arn or "")
                return replace(told, boundary_with=_with(document, action, resource))
        return told

    def _principal(self, caller: Caller) -> Principal | None:
        kind, name = holder_of(caller.principal_arn)
        with self._store.read() as session:
            if caller.access_key_id:
                row = get_key(session, caller.access_key_id)
                return principal_of_id(session, row.principal_id) if row is not None else None
            for principal in principals(session, caller.account_id, kind):
                if principal.arn == policy_source(caller.principal_arn) or principal.name == name:
                    return principal
        return None

    def role_step(self, step: RoleStep, caller: Caller | None) -> RoleStep:
        """Whether the role is there, trusts the caller, and the caller may assume it."""
        account = step.role_arn.split(":")[4] if step.role_arn.count(":") > 4 else ""
        with self._store.read() as session:
            there = principals(session, account, "role") if account else []
            role = next((each for each in there if each.arn == step.role_arn), None)
            if role is None:
                near = closest(step.role_arn, (each.arn for each in there), 3)
                return replace(step, known=False, closest=near or "")
            shown = with_arns(session, role.trust or "")
        principal = self._principal(caller) if caller is not None else None
        if caller is None or principal is None:
            return step
        trust = Policy(role.arn, parse_policy(role.trust or "", trust=True))
        names = caller_names(caller, principal.id)
        asked, own = self._assuming(caller, step.role_arn), self._policies_of(caller)
        trusted = evaluate_trust(asked, trust, names)
        allowed = evaluate(asked, own)
        passed = evaluate(replace(asked, action="iam:PassRole"), own)
        return replace(
            step,
            caller_arn=caller.principal_arn,
            known=True,
            trusted=trusted.allowed,
            trust_reason=trusted.reason,
            trust_document=shown,
            allowed=allowed.allowed,
            allow_reason=allowed.reason,
            may_pass=passed.allowed and not allowed.allowed,
            assumable=evaluate_assume_role(asked, trust, names, own).allowed,
        )

    def _assuming(self, caller: Caller, role_arn: str) -> AccessRequest:
        context = {
            **caller_context(caller, self._now()),
            **(self._policies.principal_context(caller) if caller.access_key_id else {}),
        }
        values = {key: (value,) for key, value in context.items()}
        return AccessRequest(caller.principal_arn, "sts:AssumeRole", role_arn, values)

    def _policies_of(self, caller: Caller) -> PolicySet:
        if caller.access_key_id:
            return self._policies.policies_of(caller)
        principal = self._principal(caller)
        if principal is None:
            return PolicySet(())
        with self._store.read() as session:
            return policies_of_principal(session, principal)

    def broad(self, caller: Caller) -> tuple[BroadStatement, ...]:
        """The statements of the caller's identity policies that allow too much."""
        principal = self._principal(caller)
        if principal is None:
            return ()
        with self._store.read() as session:
            return tuple(_broad_statements(session, principal))


def _no_context(_caller: Caller) -> Context:
    return {}


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "replace"))


def _documents(
    session: Session, principal: Principal
) -> Iterator[tuple[Principal, str, str, dict[str, Any]]]:
    """Every identity policy: its holder, its ARN or an empty text, its name, its document."""
    holders = [principal, *(groups_of(session, principal.id) if principal.kind == "user" else [])]
    for holder in holders:
        for policy in inline_policies(session, holder.id):
            yield holder, "", policy.name, json.loads(policy.document)
        for arn in attached(session, holder.id):
            document = load_document(session, arn)
            if document is not None:
                yield holder, arn, arn, document


def _place(session: Session, principal: Principal, decision: Decision) -> PolicyPlace | None:
    """Where the policy is that decided, and what it is without the statement that did."""
    for holder, arn, name, document in _documents(session, principal):
        if name == decision.policy and _has(document, decision.statement):
            rest = "" if arn in MANAGED_POLICIES else _without(document, decision.statement)
            return PolicyPlace(arn, holder.kind, holder.name, name, rest)
    if principal.boundary_arn is not None and principal.boundary_arn == decision.policy:
        document = load_document(session, principal.boundary_arn) or {}
        rest = "" if decision.policy in MANAGED_POLICIES else _without(document, decision.statement)
        return PolicyPlace(decision.policy, principal.kind, principal.name, decision.policy, rest)
    return None


def _names(document: Mapping[str, Any]) -> list[str]:
    numbered = enumerate(statements_of(document), 1)
    return [str(statement.get("Sid") or f"#{number}") for number, statement in numbered]


def _has(document: Mapping[str, Any], statement: str) -> bool:
    return statement in _names(document)


def _without(document: Mapping[str, Any], statement: str) -> str:
    names = _names(document)
    kept = [
        each for name, each in zip(names, statements_of(document), strict=True) if name != statement
    ]
    return json.dumps({**document, "Statement": kept}, separators=(",", ":")) if kept else ""


def _with(document: Mapping[str, Any] | None, action: str, resource: str) -> str:
    added = json.loads(allowing(action, resource))
    kept = list(statements_of(document)) if document else []
    return json.dumps(
        {**(document or added), "Statement": [*kept, *added["Statement"]]}, separators=(",", ":")
    )


def _broad_statements(session: Session, principal: Principal) -> Iterator[BroadStatement]:
    for holder, arn, name, document in _documents(session, principal):
        for number, statement in enumerate(statements_of(document), 1):
            if statement["Effect"] != "Allow" or "*" not in strings(statement.get("Resource", [])):
                continue
            actions = tuple(
                action
                for action in strings(statement.get("Action", []))
                if action == "*" or action.endswith(":*")
            )
            if actions or "NotAction" in statement:
                yield BroadStatement(
                    name,
                    str(statement.get("Sid") or f"#{number}"),
                    actions or ("everything but NotAction",),
                    holder.kind,
                    holder.name,
                    is_managed=bool(arn),
                )
