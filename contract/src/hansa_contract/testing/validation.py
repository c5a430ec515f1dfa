"""Whether an endorsed transaction is valid, by what is committed before it."""

from __future__ import annotations

from collections.abc import Collection as Members
from collections.abc import Mapping
from enum import Enum
from typing import Any

from fabric_protos.common import policies_pb2
from fabric_protos.msp import msp_principal_pb2

from hansa_contract.testing.collections import Collection, implicit
from hansa_contract.testing.simulation import ReadWriteSet
from hansa_contract.testing.state import Place, State


class Code(Enum):
    """Fabric's validation codes, as far as they can come up here."""

    VALID = "VALID"
    MVCC_READ_CONFLICT = "MVCC_READ_CONFLICT"
    PHANTOM_READ_CONFLICT = "PHANTOM_READ_CONFLICT"
    ENDORSEMENT_POLICY_FAILURE = "ENDORSEMENT_POLICY_FAILURE"


def validate(
    state: State,
    collections: Mapping[str, Mapping[str, Collection]],
    policies: Mapping[str, Members[str]],
    result: ReadWriteSet,
    endorsers: Members[str],
) -> Code:
    """``policies`` are the chaincodes': members that must all endorse; empty means anyone."""
    for place in result.changed:
        policy = state.item(place)
        if policy and policy.policy:
            satisfied = is_satisfied(policy.policy, endorsers)
        else:
            satisfied = set(_general(place, collections, policies)) <= set(endorsers)
        if not satisfied or not endorsers:
            return Code.ENDORSEMENT_POLICY_FAILURE
    for place, version in result.reads.items():
        item = state.item(place)
        if (item.version if item else None) != version:
            return Code.MVCC_READ_CONFLICT
    for read in result.ranges:
        found = tuple((key, item.version) for key, item in state.scan(read.start, read.end))
        if found != read.found:
            return Code.PHANTOM_READ_CONFLICT
    return Code.VALID


def is_satisfied(policy: bytes, endorsers: Members[str]) -> bool:
    """A signature policy, given the members whose peers have endorsed."""
    envelope = policies_pb2.SignaturePolicyEnvelope.FromString(policy)
    members = [
        msp_principal_pb2.MSPRole.FromString(identity.principal).msp_identifier
        for identity in envelope.identities
    ]

    def holds(rule: Any) -> bool:
        if rule.WhichOneof("Type") == "signed_by":
            return members[rule.signed_by] in endorsers
        needed: int = rule.n_out_of.n
        return sum(holds(part) for part in rule.n_out_of.rules) >= needed

    return holds(envelope.rule)


def _general(
    place: Place,
    collections: Mapping[str, Mapping[str, Collection]],
    policies: Mapping[str, Members[str]],
) -> Members[str]:
    """Of a key without a policy: the collection's, else the chaincode's."""
    known = collections.get(place.namespace, {}).get(place.collection)
    collection = known or implicit(place.collection)
    if collection and collection.policy:
        return collection.policy
    return policies.get(place.namespace, ())
