"""Signature policies as people write them: ``AND('m-A.member', OR('m-B.peer', 'm-C.admin'))``.

Source: "Endorsement policies" in Fabric's documentation, section on the syntax. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from fabric_protos.common.configtx_pb2 import ConfigPolicy
from fabric_protos.common.policies_pb2 import (
    ImplicitMetaPolicy,
    Policy,
    SignaturePolicy,
    SignaturePolicyEnvelope,
)
from fabric_protos.msp.msp_principal_pb2 import MSPPrincipal, MSPRole
from fabric_protos.peer.policy_pb2 import ApplicationPolicy

ROLES = {"member": 0, "admin": 1, "client": 2, "peer": 3, "orderer": 4}
_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z]+)|'(?P<quoted>[^']*)'|(?P<count>\d+)|(?P<mark>[(),]))"
)
_PRINCIPAL = re.compile(r"(?P<msp>[A-Za-z0-9.-]+)\.(?P<role>[a-z]+)\Z")
_DEPTH_MAX = 20
META = re.compile(r"(?P<rule>ANY|ALL|MAJORITY) (?P<name>[A-Za-z0-9.-]+)\Z")
"""A policy of a channel that counts policies one level below."""


class PolicySyntaxError(ValueError):
    """The text is not a policy; it says where, and what was expected."""


@dataclass
class _Parser:
    text: str
    tokens: Iterator[re.Match[str] | None]
    principals: list[tuple[str, str]] = field(default_factory=list)
    current: re.Match[str] | None = None

    def advance(self) -> None:
        self.current = next(self.tokens)

    def take(self, mark: str) -> None:
        if self.current is None or self.current["mark"] != mark:
            raise self.fault(f"'{mark}'")
        self.advance()

    def fault(self, expected: str) -> PolicySyntaxError:
        found = "its end" if self.current is None else f"{self.current[0].strip()!r}"
        return PolicySyntaxError(f"the policy {self.text!r} has {found} where {expected} belongs")

    def expression(self, depth: int = 0) -> SignaturePolicy:
        if depth > _DEPTH_MAX:
            raise PolicySyntaxError(f"the policy is nested more than {_DEPTH_MAX} deep")
        token = self.current
        if token is not None and token["quoted"] is not None:
            self.advance()
            return self.principal(token["quoted"])
        if token is None or token["name"] is None:
            raise self.fault("AND, OR, OutOf or 'MEMBER.role'")
        rule = token["name"].upper()
        if rule not in ("AND", "OR", "OUTOF"):
            raise self.fault("AND, OR or OutOf")
        self.advance()
        self.take("(")
        count = self.count() if rule == "OUTOF" else 0
        parts = [self.expression(depth + 1)]
        while self.current is not None and self.current["mark"] == ",":
            self.advance()
            parts.append(self.expression(depth + 1))
        self.take(")")
        needed = {"AND": len(parts), "OR": 1}.get(rule, count)
        if not 1 <= needed <= len(parts):
            raise PolicySyntaxError(
                f"the policy {self.text!r} asks for {needed} out of {len(parts)}, "
                "which is not possible or no condition"
            )
        return SignaturePolicy(n_out_of=SignaturePolicy.NOutOf(n=needed, rules=parts))

    def count(self) -> int:
        if self.current is None or self.current["count"] is None:
            raise self.fault("a number")
        count = int(self.current["count"])
        self.advance()
        self.take(",")
        return count

    def principal(self, quoted: str) -> SignaturePolicy:
        found = _PRINCIPAL.match(quoted)
        if found is None or found["role"] not in ROLES:
            raise PolicySyntaxError(
                f"{quoted!r} in the policy is not a member's id, a dot and one of "
                f"{', '.join(ROLES)}, such as 'm-ABC.member'"
            )
        named = (found["msp"], found["role"])
        if named not in self.principals:
            self.principals.append(named)
        return SignaturePolicy(signed_by=self.principals.index(named))


def parse_policy(text: str) -> tuple[SignaturePolicyEnvelope, list[str]]:
    """The policy, and the ids of the members it names. Raises :class:`PolicySyntaxError`."""
    parser = _Parser(text, _tokens(text))
    parser.advance()
    rule = parser.expression()
    if parser.current is not None:
        raise parser.fault("its end")
    identities = [
        MSPPrincipal(
            principal_classification=MSPPrincipal.ROLE,
            principal=MSPRole(msp_identifier=msp, role=ROLES[role]).SerializeToString(),
        )
        for msp, role in parser.principals
    ]
    envelope = SignaturePolicyEnvelope(version=0, rule=rule, identities=identities)
    return envelope, sorted({msp for msp, _ in parser.principals})


def application_policy(text: str) -> ApplicationPolicy:
    """A signature policy, or a reference to one of the channel's, which begins with a slash."""
    if text.startswith("/"):
        return ApplicationPolicy(channel_config_policy_reference=text)
    return ApplicationPolicy(signature_policy=parse_policy(text)[0])


def policy_text(policy: SignaturePolicyEnvelope) -> str:
    """The inverse of :func:`parse_policy`."""
    names = {number: name for name, number in ROLES.items()}
    principals = [MSPRole.FromString(identity.principal) for identity in policy.identities]
    quoted = [f"'{role.msp_identifier}.{names[role.role]}'" for role in principals]
    return _rule_text(policy.rule, quoted)


def _rule_text(rule: SignaturePolicy, quoted: Sequence[str]) -> str:
    if rule.WhichOneof("Type") == "signed_by":
        return quoted[int(rule.signed_by)]
    needed, parts = rule.n_out_of.n, [_rule_text(part, quoted) for part in rule.n_out_of.rules]
    joined = ", ".join(parts)
    if needed == len(parts):
        return f"AND({joined})"
    return f"OR({joined})" if needed == 1 else f"OutOf({needed}, {joined})"


def _tokens(text: str) -> Iterator[re.Match[str] | None]:
    position, end = 0, len(text.rstrip())
    while position < end:
        found = _TOKEN.match(text, position)
        if found is None:
            raise PolicySyntaxError(
                f"the policy {text!r} has {text[position:].lstrip()[0]!r}, which has no meaning"
            )
        position = found.end()
        yield found
    yield None


def normal_policy(text: str) -> str:
    """The policy in the one spelling that all equal ones have."""
    return policy_text(parse_policy(text)[0])


def channel_policy(text: str) -> Policy:
    """A policy of a channel: ``MAJORITY Admins`` and the like, or a signature policy.

    Raises :class:`PolicySyntaxError`.
    """
    found = META.match(text)
    if found is None:
        value = parse_policy(text)[0].SerializeToString(deterministic=True)
        return Policy(type=Policy.SIGNATURE, value=value)
    rule = ImplicitMetaPolicy.Rule.Value(found["rule"])
    meta = ImplicitMetaPolicy(rule=rule, sub_policy=found["name"])
    return Policy(type=Policy.IMPLICIT_META, value=meta.SerializeToString(deterministic=True))


def in_short(policy: ConfigPolicy) -> str:
    """The inverse of :func:`channel_policy`, or the kind of a policy that has no words."""
    kind: Any = policy.policy.type
    if kind == Policy.IMPLICIT_META:
        meta = ImplicitMetaPolicy.FromString(policy.policy.value)
        return f"{ImplicitMetaPolicy.Rule.Name(meta.rule)} {meta.sub_policy}"
    if kind == Policy.SIGNATURE:
        signature = SignaturePolicyEnvelope.FromString(policy.policy.value)
        kinds = {principal.principal_classification for principal in signature.identities}
        if kinds <= {MSPPrincipal.ROLE}:  # others have no words
            return policy_text(signature)
    return str(Policy.PolicyType.Name(kind))
