"""Endorsement policies in plain words, and who is missing for one. Pure.

Members count here, not their single peers: each endorses with a peer of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from fabric_protos.common.policies_pb2 import SignaturePolicy
from fabric_protos.msp.msp_principal_pb2 import MSPRole

from hansa.fabric.rpc.policies import PolicySyntaxError, parse_policy

_META_WORDS = {"ANY": "any member", "ALL": "all members", "MAJORITY": "more than half of"}


def in_words(policy: str, members: Sequence[str]) -> str:
    """What a policy asks for; ``members`` are the channel's.

    ``policy`` is a signature policy, or one of the channel's in short, such as
    ``MAJORITY Endorsement``.
    """
    meta = policy.partition(" ")[0]
    if meta in _META_WORDS:
        few = "" if meta != "MAJORITY" else f" the {len(members)} members"
        return f"{_META_WORDS[meta]}{few} of the channel ({policy})"
    try:
        envelope, _ = parse_policy(policy)
    except PolicySyntaxError:
        return policy
    principals = [_msp_id(each.principal) for each in envelope.identities]
    return f"{_words(envelope.rule, principals)} ({policy})"


def missing(policy: str, endorsers: Collection[str], members: Sequence[str]) -> str:
    """Whose endorsement would have satisfied the policy, in words; empty where it is satisfied.

    Also empty for a policy that is not known.
    """
    meta = policy.partition(" ")[0]
    if meta in _META_WORDS:
        absent = [member for member in members if member not in endorsers]
        needed = {"ANY": 1, "ALL": len(members), "MAJORITY": len(members) // 2 + 1}[meta]
        lacking = needed - (len(members) - len(absent))
        if lacking <= 0:
            return ""
        few = f"{lacking} of " if lacking < len(absent) else ""
        return f"{few}{', '.join(absent)}"
    try:
        envelope, _ = parse_policy(policy)
    except PolicySyntaxError:
        return ""
    principals = [_msp_id(each.principal) for each in envelope.identities]
    return ", ".join(sorted(_lacking(envelope.rule, principals, endorsers)))


def _msp_id(principal: bytes) -> str:
    return str(MSPRole.FromString(principal).msp_identifier)


def _words(rule: SignaturePolicy, principals: Sequence[str]) -> str:
    if rule.WhichOneof("Type") == "signed_by":
        return principals[int(rule.signed_by)]
    parts = [_words(part, principals) for part in rule.n_out_of.rules]
    parts = [f"({part})" if " " in part else part for part in parts]
    if rule.n_out_of.n == len(parts):
        return " and ".join(parts)
    if rule.n_out_of.n == 1:
        return " or ".join(parts)
    return f"{rule.n_out_of.n} of {', '.join(parts)}"


def _lacking(
    rule: SignaturePolicy, principals: Sequence[str], endorsers: Collection[str]
) -> frozenset[str]:
    """The fewest members that would have to endorse as well."""
    if rule.WhichOneof("Type") == "signed_by":
        return frozenset({principals[int(rule.signed_by)]} - {*endorsers})
    parts = [_lacking(part, principals, endorsers) for part in rule.n_out_of.rules]
    needed = sorted(parts, key=lambda part: (len(part), sorted(part)))[: rule.n_out_of.n]
    return frozenset().union(*needed)
