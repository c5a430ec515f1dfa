"""The policies in a channel's configuration as conditions on its members' signatures. Pure.

Source: ``common/policies`` and ``common/cauthdsl`` of Fabric. The ordering service signs whatever
the members agree on, so that its own signature is taken as given.
"""

from __future__ import annotations

from collections.abc import Sequence

from fabric_protos.common.configtx_pb2 import ConfigGroup
from fabric_protos.common.policies_pb2 import (
    ImplicitMetaPolicy,
    Policy,
    SignaturePolicy,
    SignaturePolicyEnvelope,
)
from fabric_protos.msp.msp_principal_pb2 import MSPPrincipal, MSPRole

from hansa.domain.agreement import ALWAYS, NEVER, Condition, OutOf, Signature
from hansa.fabric.genesis import ORDERER_MSP_ID

TOP = "/Channel"
ADMINISTRATOR = frozenset({MSPRole.MEMBER, MSPRole.ADMIN})
"""The roles of the identity with which the service signs for a member."""
PEER = frozenset({MSPRole.MEMBER, MSPRole.PEER})
ANYONE = frozenset({MSPRole.MEMBER, MSPRole.ADMIN, MSPRole.CLIENT, MSPRole.PEER})


def roles_of(policy_name: str) -> frozenset[int]:
    """The roles of those who are to satisfy policies of this name."""
    if policy_name.endswith("Endorsement"):
        return PEER
    return ADMINISTRATOR if policy_name == "Admins" else ANYONE


def find_group(top: ConfigGroup, path: str) -> ConfigGroup | None:
    """The group at a path such as ``/Channel/Application``."""
    group = top
    for name in path.strip("/").split("/")[1:]:
        if name not in group.groups:
            return None
        group = group.groups[name]
    return group


def condition_of(top: ConfigGroup, path: str, roles: frozenset[int]) -> Condition:
    """What the policy at ``path`` asks for of members that sign in ``roles``.

    Nothing fulfils a policy that is not there.
    """
    group_path, _, name = path.rpartition("/")
    group = find_group(top, group_path)
    if group is None or name not in group.policies:
        return NEVER
    policy = group.policies[name].policy
    if policy.type == Policy.IMPLICIT_META:
        meta = ImplicitMetaPolicy.FromString(policy.value)
        parts = [
            condition_of(top, f"{group_path}/{inner}/{meta.sub_policy}", roles)
            for inner in sorted(group.groups)
        ]
        return OutOf(_threshold(meta.rule, len(parts)), tuple(parts))
    if policy.type == Policy.SIGNATURE:
        envelope = SignaturePolicyEnvelope.FromString(policy.value)
        return _rule(
            envelope.rule, [_principal(each, roles) for each in envelope.identities], roles
        )
    return NEVER


def _threshold(rule: int, parts: int) -> int:
    if parts == 0:
        return 0
    needed = {ImplicitMetaPolicy.ANY: 1, ImplicitMetaPolicy.ALL: parts}
    return needed.get(rule, parts // 2 + 1)


def _rule(
    rule: SignaturePolicy, principals: Sequence[Condition], roles: frozenset[int]
) -> Condition:
    if rule.WhichOneof("Type") == "signed_by":
        return principals[int(rule.signed_by)]
    parts = tuple(_rule(part, principals, roles) for part in rule.n_out_of.rules)
    # A member has many clients and peers, and one identity that the service signs with.
    return OutOf(int(rule.n_out_of.n), parts, apart=roles == ADMINISTRATOR)


def _principal(principal: MSPPrincipal, roles: frozenset[int]) -> Condition:
    if principal.principal_classification != MSPPrincipal.ROLE:
        return NEVER
    role = MSPRole.FromString(principal.principal)
    if role.msp_identifier == ORDERER_MSP_ID:
        return ALWAYS
    return Signature(str(role.msp_identifier)) if role.role in roles else NEVER
