"""Calls of ``_lifecycle``, Fabric 2's chaincode lifecycle: arguments and answers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fabric_protos.peer.collection_pb2 import (
    CollectionConfig,
    CollectionConfigPackage,
    CollectionPolicyConfig,
    StaticCollectionConfig,
)
from fabric_protos.peer.lifecycle.lifecycle_pb2 import (
    ApproveChaincodeDefinitionForMyOrgArgs,
    ChaincodeSource,
    CheckCommitReadinessArgs,
    CommitChaincodeDefinitionArgs,
    QueryApprovedChaincodeDefinitionResult,
    QueryChaincodeDefinitionResult,
)
from fabric_protos.peer.policy_pb2 import ApplicationPolicy

from hansa.fabric.chaincodes import Collection, Committed, Definition
from hansa.fabric.rpc.policies import application_policy, parse_policy, policy_text

LIFECYCLE = "_lifecycle"
# What peers put in place of an endorsement policy that was not given.
_DEFAULT_POLICY = "/Channel/Application/Endorsement"


def approve_arguments(definition: Definition, package_id: str) -> tuple[bytes, bytes]:
    """``package_id`` is empty for a member that runs none of it."""
    source = ChaincodeSource(unavailable=ChaincodeSource.Unavailable())
    if package_id:
        source = ChaincodeSource(local_package=ChaincodeSource.Local(package_id=package_id))
    message = ApproveChaincodeDefinitionForMyOrgArgs(**_fields(definition), source=source)
    return b"ApproveChaincodeDefinitionForMyOrg", message.SerializeToString(deterministic=True)


def readiness_arguments(definition: Definition) -> tuple[bytes, bytes]:
    message = CheckCommitReadinessArgs(**_fields(definition))
    return b"CheckCommitReadiness", message.SerializeToString(deterministic=True)


def commit_arguments(definition: Definition) -> tuple[bytes, bytes]:
    message = CommitChaincodeDefinitionArgs(**_fields(definition))
    return b"CommitChaincodeDefinition", message.SerializeToString(deterministic=True)


def committed_of(name: str, answer: bytes) -> Committed:
    """From the answer to ``QueryChaincodeDefinition``."""
    result = QueryChaincodeDefinitionResult.FromString(answer)
    return Committed(_definition_of(name, result), dict(result.approvals))


def approved_of(name: str, answer: bytes) -> tuple[Definition, str]:
    """From the answer to ``QueryApprovedChaincodeDefinition``: with the package's id, or ``""``."""
    result = QueryApprovedChaincodeDefinitionResult.FromString(answer)
    return _definition_of(name, result), str(result.source.local_package.package_id)


def _definition_of(name: str, result: Any) -> Definition:
    policy = ApplicationPolicy.FromString(result.validation_parameter)
    return Definition(
        name=name,
        version=str(result.version),
        sequence=int(result.sequence),
        endorsement=_in_words(policy),
        needs_init=bool(result.init_required),
        collections=tuple(
            collection_of(config.static_collection_config) for config in result.collections.config
        ),
    )


def _fields(definition: Definition) -> dict[str, Any]:
    policy = application_policy(definition.endorsement) if definition.endorsement else None
    return {
        "name": definition.name,
        "version": definition.version,
        "sequence": definition.sequence,
        "endorsement_plugin": "escc",
        "validation_plugin": "vscc",
        "validation_parameter": policy.SerializeToString(deterministic=True) if policy else b"",
        "init_required": definition.needs_init,
        "collections": collections_package(definition.collections),
    }


def collections_package(collections: Sequence[Collection]) -> CollectionConfigPackage | None:
    """None where there are none."""
    if not collections:
        return None
    return CollectionConfigPackage(config=[_collection(collection) for collection in collections])


def _collection(collection: Collection) -> CollectionConfig:
    members = CollectionPolicyConfig(signature_policy=parse_policy(collection.members)[0])
    static = StaticCollectionConfig(
        name=collection.name,
        member_orgs_policy=members,
        required_peer_count=collection.required_peers,
        maximum_peer_count=collection.peers_max,
        block_to_live=collection.blocks_to_live,
        member_only_read=collection.member_only_read,
        member_only_write=collection.member_only_write,
    )
    if collection.endorsement:
        static.endorsement_policy.CopyFrom(application_policy(collection.endorsement))
    return CollectionConfig(static_collection_config=static)


def collection_of(static: StaticCollectionConfig) -> Collection:
    """As a ledger has it."""
    return Collection(
        name=str(static.name),
        members=policy_text(static.member_orgs_policy.signature_policy),
        required_peers=int(static.required_peer_count),
        peers_max=int(static.maximum_peer_count),
        blocks_to_live=int(static.block_to_live),
        member_only_read=bool(static.member_only_read),
        member_only_write=bool(static.member_only_write),
        endorsement=_in_words(static.endorsement_policy),
    )


def _in_words(policy: ApplicationPolicy) -> str:
    kind = policy.WhichOneof("Type")
    if kind == "signature_policy":
        return policy_text(policy.signature_policy)
    reference = str(policy.channel_config_policy_reference)
    return "" if reference == _DEFAULT_POLICY else reference
