"""The names of the official contract API for Python, so that its contracts go on working.

Inside a package that ``hansa-contract`` runs, ``fabric_chaincode_python`` can be imported as it is;
elsewhere, import from here instead. What differs: ``get_tx_timestamp`` returns a datetime, a
serializer of one's own has the form of :class:`hansa_contract.Serializer`, and JSON results have
their keys sorted.
"""

from __future__ import annotations

from hansa_contract.aliases import register
from hansa_contract.chaincode import Chaincode
from hansa_contract.compat.chaincode import ContractChaincode, SystemContractName, start
from hansa_contract.compat.contract import (
    ClientIdentity,
    ContactMetadata,
    Contract,
    InfoMetadata,
    LicenseMetadata,
    TransactionContext,
)
from hansa_contract.response import Response, error, success
from hansa_contract.serializer import JSONSerializer
from hansa_contract.serializer import Serializer as TransactionSerializer
from hansa_contract.stub import AsyncChaincodeStub

ChaincodeStub = ChaincodeStubInterface = AsyncChaincodeStub
ContractInterface = Contract
TransactionContextInterface = SettableTransactionContextInterface = TransactionContext


class IgnoreContractInterface:
    """For contracts with ``get_ignored_functions``; having the method is enough."""


class EvaluationContractInterface:
    """For contracts with ``get_evaluate_transactions``; having the method is enough."""


class ResponseCode:
    OK, ERRORTHRESHOLD, ERROR = 200, 400, 500


__all__ = [
    "Chaincode",
    "ChaincodeStub",
    "ChaincodeStubInterface",
    "ClientIdentity",
    "ContactMetadata",
    "Contract",
    "ContractChaincode",
    "ContractInterface",
    "EvaluationContractInterface",
    "IgnoreContractInterface",
    "InfoMetadata",
    "JSONSerializer",
    "LicenseMetadata",
    "Response",
    "ResponseCode",
    "SettableTransactionContextInterface",
    "SystemContractName",
    "TransactionContext",
    "TransactionContextInterface",
    "TransactionSerializer",
    "error",
    "register",
    "start",
    "success",
]
