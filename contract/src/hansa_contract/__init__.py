"""Hyperledger Fabric contracts in Python: shim, contract API, mock stub."""

from __future__ import annotations

import os
from typing import Any, NoReturn

from hansa_contract.blocking import ChaincodeStub
from hansa_contract.canonical import InvalidValueError, from_json, to_json
from hansa_contract.chaincode import Chaincode
from hansa_contract.context import AsyncContext, BaseContext, Context
from hansa_contract.contract import (
    Contract,
    Info,
    default,
    evaluate,
    info,
    submit,
    transaction,
)
from hansa_contract.contract_chaincode import ContractChaincode
from hansa_contract.endorsement import KeyEndorsementPolicy
from hansa_contract.errors import ChaincodeError, DisconnectedError, KeyFormError, PeerError
from hansa_contract.identity import ClientIdentity
from hansa_contract.response import Response, error, success
from hansa_contract.results import KV, KeyModification, QueryMetadata
from hansa_contract.serializer import JSONSerializer, Serializer
from hansa_contract.stub import AsyncChaincodeStub
from hansa_contract.types import Rule

__all__ = [
    "KV",
    "AsyncChaincodeStub",
    "AsyncContext",
    "BaseContext",
    "Chaincode",
    "ChaincodeError",
    "ChaincodeStub",
    "ClientIdentity",
    "Context",
    "Contract",
    "ContractChaincode",
    "DisconnectedError",
    "Info",
    "InvalidValueError",
    "JSONSerializer",
    "KeyEndorsementPolicy",
    "KeyFormError",
    "KeyModification",
    "PeerError",
    "QueryMetadata",
    "Response",
    "Rule",
    "Serializer",
    "default",
    "error",
    "evaluate",
    "from_json",
    "info",
    "start",
    "submit",
    "success",
    "to_json",
    "transaction",
]


def start(*contracts: Any) -> NoReturn:
    """Run these contracts, or one chaincode, as the environment says, and end the process.

    ``CHAINCODE_SERVER_ADDRESS`` makes it a service; else it connects to its peer, whose address is
    the argument ``--peer.address`` or ``CORE_PEER_ADDRESS``.
    """
    # gRPC's core would write lines of its own form into the log; it reads this when it is imported.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    from hansa_contract import running  # noqa: PLC0415  tests of contracts need no gRPC

    running.start(*contracts)
