"""Hyperledger Fabric contracts in Python: shim, contract API, mock stub."""

from __future__ import annotations

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
from hansa_contract.running import start
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
