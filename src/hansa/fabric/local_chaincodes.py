"""Chaincode of the networks that this installation runs: Fabric 2's lifecycle by its own calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from fabric_protos.peer.lifecycle.lifecycle_pb2 import (
    CheckCommitReadinessResult,
    InstallChaincodeArgs,
    QueryApprovedChaincodeDefinitionArgs,
    QueryChaincodeDefinitionArgs,
    QueryChaincodeDefinitionsArgs,
    QueryChaincodeDefinitionsResult,
    QueryInstalledChaincodesArgs,
    QueryInstalledChaincodesResult,
)

from hansa.chaincode.output import log_file
from hansa.domain.chaincode import CHAINCODE_LOGS
from hansa.fabric.base import FabricError, NetworkFacts, NodeFacts
from hansa.fabric.chaincode_metrics import ChaincodeMetrics, read_chaincode_metrics
from hansa.fabric.chaincodes import Committed, Definition, LogPart
from hansa.fabric.local_legacy import LocalLegacy
from hansa.fabric.log_files import log_ends, read_log
from hansa.fabric.reach import Reach
from hansa.fabric.rpc.connections import UnreachableError
from hansa.fabric.rpc.lifecycle import (
    LIFECYCLE,
    approve_arguments,
    approved_of,
    commit_arguments,
    committed_of,
    readiness_arguments,
)
from hansa.fabric.rpc.peer import INSTALL_SECONDS_MAX, ChaincodeError
from hansa.fabric.rpc.proposals import Call
from hansa.fabric.submission import build_file, build_log, submit
from hansa.fabric.transactions import VALID


class LocalChaincodes:
    """Implements :class:`hansa.fabric.chaincodes.Chaincodes`. Safe for several threads."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self.legacy = LocalLegacy(reach)

    def installed(self, node: NodeFacts) -> list[str]:
        arguments = QueryInstalledChaincodesArgs().SerializeToString()
        answer = self._reach.peer(node).query(LIFECYCLE, b"QueryInstalledChaincodes", arguments)
        found = QueryInstalledChaincodesResult.FromString(answer).installed_chaincodes
        return sorted(str(chaincode.package_id) for chaincode in found)

    def install(self, node: NodeFacts, package_id: str, package: bytes) -> bool:
        if package_id in self.installed(node):
            return False
        arguments = InstallChaincodeArgs(chaincode_install_package=package).SerializeToString()
        try:
            self._reach.peer(node).query(
                LIFECYCLE, b"InstallChaincode", arguments, seconds_max=INSTALL_SECONDS_MAX
            )
        except ChaincodeError as fault:
            raise FabricError(
                f"{fault}{build_log(self._reach, node, package_id.rpartition(':')[0])}"
            ) from fault
        return True

    def committed(self, node: NodeFacts, channel: str, name: str) -> Committed | None:
        arguments = QueryChaincodeDefinitionArgs(name=name).SerializeToString()
        try:
            answer = self._reach.peer(node).query(
                LIFECYCLE, b"QueryChaincodeDefinition", arguments, channel=channel
            )
        except ChaincodeError as refusal:
            if "is not defined" in str(refusal):
                return None
            raise
        return committed_of(name, answer)

    def committed_names(self, node: NodeFacts, channel: str) -> list[str]:
        arguments = QueryChaincodeDefinitionsArgs().SerializeToString()
        answer = self._reach.peer(node).query(
            LIFECYCLE, b"QueryChaincodeDefinitions", arguments, channel=channel
        )
        found = QueryChaincodeDefinitionsResult.FromString(answer).chaincode_definitions
        return sorted(str(definition.name) for definition in found)

    def approved_package(self, node: NodeFacts, channel: str, definition: Definition) -> str | None:
        arguments = QueryApprovedChaincodeDefinitionArgs(
            name=definition.name, sequence=definition.sequence
        ).SerializeToString()
        try:
            answer = self._reach.peer(node).query(
                LIFECYCLE, b"QueryApprovedChaincodeDefinition", arguments, channel=channel
            )
        except ChaincodeError as refusal:
            if "could not fetch approved chaincode definition" in str(refusal):
                return None
            raise
        approved, package_id = approved_of(definition.name, answer)
        return package_id if approved == definition else None

    def approve(
        self,
        network: NetworkFacts,
        node: NodeFacts,
        channel: str,
        definition: Definition,
        package_id: str,
    ) -> bool:
        if self.approved_package(node, channel, definition) == package_id:
            return False
        call = Call(channel, LIFECYCLE, approve_arguments(definition, package_id))
        submit(self._reach, network, [node], call)
        return True

    def readiness(
        self, node: NodeFacts, channel: str, definition: Definition
    ) -> Mapping[str, bool]:
        answer = self._reach.peer(node).query(
            LIFECYCLE, *readiness_arguments(definition), channel=channel
        )
        return dict(CheckCommitReadinessResult.FromString(answer).approvals)

    def commit(
        self,
        network: NetworkFacts,
        nodes: Sequence[NodeFacts],
        channel: str,
        definition: Definition,
    ) -> bool:
        if self._is_committed(nodes[0], channel, definition):
            return False
        submit(self._reach, network, nodes, Call(channel, LIFECYCLE, commit_arguments(definition)))
        return True

    def initialize(
        self, node: NodeFacts, channel: str, name: str, arguments: Sequence[str]
    ) -> bool:
        words = tuple(argument.encode() for argument in arguments)
        try:
            outcome = self._reach.gateway(node).submit(
                Call(channel, name, words, is_init=True), endorsers=()
            )
        except UnreachableError:
            raise
        except FabricError as refusal:
            if "is already initialized" in str(refusal):
                return False
            if _is_too_early(str(refusal)):
                raise UnreachableError(str(refusal)) from refusal
            raise
        if outcome.code != VALID:
            raise FabricError(
                f"the initialization, transaction {outcome.transaction_id}, is in the ledger, but "
                f"not valid: {outcome.code}"
            )
        return True

    def metrics(
        self, node: NodeFacts, channel: str, name: str, chaincode_id: str
    ) -> ChaincodeMetrics:
        text = self._reach.metrics.read(self._reach.peer_metrics(node))
        return read_chaincode_metrics(text, channel, name, chaincode_id)

    def output_ends(self, node: NodeFacts) -> Mapping[str, str]:
        try:
            return log_ends(self._reach.peer_data(node) / CHAINCODE_LOGS)
        except OSError as fault:
            raise FabricError(f"the logs cannot be read: {fault.strerror}") from fault

    def read_output(
        self, node: NodeFacts, chaincode_id: str, position: str | None, lines_max: int
    ) -> LogPart:
        folder = self._reach.peer_data(node) / CHAINCODE_LOGS
        return self._read(log_file(folder, chaincode_id), position, lines_max)

    def read_build(
        self, node: NodeFacts, label: str, position: str | None, lines_max: int
    ) -> LogPart:
        return self._read(build_file(self._reach, node, label), position, lines_max)

    def _read(self, file: Path, position: str | None, lines_max: int) -> LogPart:
        try:
            return read_log(file, position, lines_max)
        except OSError as fault:
            raise FabricError(f"the log cannot be read: {fault.strerror}") from fault

    def _is_committed(self, node: NodeFacts, channel: str, definition: Definition) -> bool:
        committed = self.committed(node, channel, definition.name)
        return committed is not None and committed.definition == definition


def _is_too_early(refusal: str) -> bool:
    """Whether peers have yet to learn from each other who runs the chaincode."""
    return "no combination of peers" in refusal or "no peers available" in refusal
