"""Chaincode of the networks that this installation runs: Fabric 2's lifecycle by its own calls."""

from __future__ import annotations

import threading
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
from fabric_protos.peer.transaction_pb2 import ProcessedTransaction, TxValidationCode

from hansa.chaincode.output import log_file
from hansa.chaincode.package import build_log_name
from hansa.domain.chaincode import BUILD_LOGS, CHAINCODE_LOGS
from hansa.fabric.base import FabricError, NetworkFacts, NodeFacts
from hansa.fabric.chaincode_metrics import ChaincodeMetrics, read_chaincode_metrics
from hansa.fabric.chaincodes import Committed, Definition, LogPart
from hansa.fabric.log_files import log_ends, read_log
from hansa.fabric.metrics import Metrics
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
from hansa.fabric.rpc.peer import INSTALL_SECONDS_MAX, ChaincodeError, PeerClient, endorsed
from hansa.fabric.rpc.proposals import Call

_LOOKS_MAX = 400
_LOOK_SECONDS = 0.05
_LOG_CHARACTERS_MAX = 2000


class LocalChaincodes:
    """Implements :class:`hansa.fabric.chaincodes.Chaincodes`. Safe for several threads."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._metrics = Metrics()

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
            raise FabricError(f"{fault}{self._build_log(node, package_id)}") from fault
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
        self._submit(network, [node], call)
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
        self._submit(network, nodes, Call(channel, LIFECYCLE, commit_arguments(definition)))
        return True

    def metrics(self, node: NodeFacts, channel: str, name: str) -> ChaincodeMetrics:
        committed = self.committed(node, channel, name)
        package_id = committed and self.approved_package(node, channel, committed.definition)
        text = self._metrics.read(self._reach.peer_metrics(node))
        return read_chaincode_metrics(text, channel, name, package_id or name)

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
        return self._read(self._build_file(node, label), position, lines_max)

    def _read(self, file: Path, position: str | None, lines_max: int) -> LogPart:
        try:
            return read_log(file, position, lines_max)
        except OSError as fault:
            raise FabricError(f"the log cannot be read: {fault.strerror}") from fault

    def _is_committed(self, node: NodeFacts, channel: str, definition: Definition) -> bool:
        committed = self.committed(node, channel, definition.name)
        return committed is not None and committed.definition == definition

    def _submit(self, network: NetworkFacts, nodes: Sequence[NodeFacts], call: Call) -> None:
        """Have ``call`` endorsed by these peers, ordered, and committed by the first of them.

        Signed for the first one's member.
        """
        signer = self._reach.member(nodes[0].member_id)
        peers = [self._reach.peer(node, signer) for node in nodes]
        transaction_id, envelope = endorsed(self._reach.signing(signer), call, peers)
        self._reach.by_first(network, lambda orderer: orderer.broadcast(envelope))
        pause = threading.Event()
        for _ in range(_LOOKS_MAX):
            code = _validation(peers[0], call.channel, transaction_id)
            if code is None:
                pause.wait(_LOOK_SECONDS)
                continue
            if code != TxValidationCode.VALID:
                raise FabricError(
                    f"transaction {transaction_id} is in the ledger, but not valid: "
                    f"{TxValidationCode.Name(code)}"
                )
            return
        raise UnreachableError(f"transaction {transaction_id} is not in the ledger yet")

    def _build_log(self, node: NodeFacts, package_id: str) -> str:
        """The end of what the builder of the package has said, as a sentence; empty if nothing."""
        label = package_id.rpartition(":")[0]
        try:
            text = self._build_file(node, label).read_text(errors="replace")
        except OSError:
            return ""
        return f". The builder's last words:\n{text.strip()[-_LOG_CHARACTERS_MAX:]}"

    def _build_file(self, node: NodeFacts, label: str) -> Path:
        return self._reach.peer_data(node) / BUILD_LOGS / build_log_name(label)


def _validation(peer: PeerClient, channel: str, transaction_id: str) -> int | None:
    """Whether a transaction is valid, as a peer's ledger says; None where it is not there yet."""
    try:
        answer = peer.query(
            "qscc",
            *(b"GetTransactionByID", channel.encode(), transaction_id.encode()),
            channel=channel,
        )
    except ChaincodeError as refusal:
        if "no such transaction ID" in str(refusal):
            return None
        raise
    return int(ProcessedTransaction.FromString(answer).validationCode)
