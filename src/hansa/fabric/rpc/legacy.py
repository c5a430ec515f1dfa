"""Calls of ``lscc``, Fabric 1's chaincode lifecycle: arguments and answers. Pure.

Source: ``core/scc/lscc`` and ``core/common/ccprovider`` of Fabric.
"""

from __future__ import annotations

from collections.abc import Sequence

from fabric_protos.peer.chaincode_pb2 import (
    ChaincodeData,
    ChaincodeDeploymentSpec,
    ChaincodeID,
    ChaincodeInput,
    ChaincodeSpec,
)
from fabric_protos.peer.collection_pb2 import CollectionConfigPackage
from fabric_protos.peer.query_pb2 import ChaincodeQueryResponse

from hansa.fabric.chaincodes import Definition
from hansa.fabric.legacy import Installed, Instantiated, LegacyPackage
from hansa.fabric.rpc.lifecycle import collection_of, collections_package
from hansa.fabric.rpc.policies import parse_policy, policy_text

LSCC = "lscc"
# Fabric 1 has no numbers for the others; our builders tell those by their files.
_TYPES = {"golang": ChaincodeSpec.GOLANG, "java": ChaincodeSpec.JAVA, "node": ChaincodeSpec.NODE}


def install_arguments(package: LegacyPackage) -> tuple[bytes, bytes]:
    chaincode = ChaincodeID(name=package.name, version=package.version, path=package.path)
    kind = _TYPES.get(package.language, ChaincodeSpec.UNDEFINED)
    specification = ChaincodeDeploymentSpec(
        chaincode_spec=ChaincodeSpec(type=kind, chaincode_id=chaincode, input=ChaincodeInput()),
        code_package=package.code,
    )
    return b"install", specification.SerializeToString(deterministic=True)


def force_arguments(
    channel: str, definition: Definition, arguments: Sequence[str], *, is_upgrade: bool
) -> tuple[bytes, ...]:
    """To instantiate, or to upgrade; ``arguments`` are those of ``Init``."""
    specification = ChaincodeDeploymentSpec(
        chaincode_spec=ChaincodeSpec(
            type=ChaincodeSpec.GOLANG,  # peers take what is installed
            chaincode_id=ChaincodeID(name=definition.name, version=definition.version),
            input=ChaincodeInput(args=[argument.encode() for argument in arguments]),
        )
    )
    collections = collections_package(definition.collections)
    return (
        b"upgrade" if is_upgrade else b"deploy",
        channel.encode(),
        specification.SerializeToString(deterministic=True),
        parse_policy(definition.endorsement)[0].SerializeToString(deterministic=True),
        b"escc",
        b"vscc",
        *((collections.SerializeToString(deterministic=True),) if collections else ()),
    )


def installed_of(answer: bytes) -> list[Installed]:
    """From the answer to ``getinstalledchaincodes``."""
    found = ChaincodeQueryResponse.FromString(answer).chaincodes
    return [Installed(str(each.name), str(each.version), each.id.hex()) for each in found]


def names_of(answer: bytes) -> list[str]:
    """From the answer to ``getchaincodes``."""
    found = ChaincodeQueryResponse.FromString(answer).chaincodes
    return sorted(str(each.name) for each in found)


def instantiated_of(data: bytes, collections: bytes) -> Instantiated:
    """From the answers to ``getccdata`` and ``getcollectionsconfig``, where empty is none."""
    found = ChaincodeData.FromString(data)
    package = CollectionConfigPackage.FromString(collections)
    definition = Definition(
        name=str(found.name),
        version=str(found.version),
        sequence=0,
        endorsement=policy_text(found.policy),
        needs_init=True,
        collections=tuple(
            collection_of(config.static_collection_config) for config in package.config
        ),
    )
    return Instantiated(definition, found.id.hex())
