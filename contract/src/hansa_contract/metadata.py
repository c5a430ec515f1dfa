"""A chaincode's metadata, in the form of Fabric's contract APIs.

The form is ``contract-schema.json`` of fabric-contract-api for Node.js.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hansa_contract.contract import Contract, Info
from hansa_contract.functions import Function
from hansa_contract.types import Components

SCHEMA = "https://hyperledger.github.io/fabric-chaincode-node/main/api/contract-schema.json"
SYSTEM_CONTRACT = "org.hyperledger.fabric"


def describe(
    contracts: Iterable[tuple[Contract, Mapping[str, Function]]], default: str, info: Info
) -> dict[str, Any]:
    """The whole of it, as JSON's types. Raises :class:`TypeError` as :meth:`Components.refer`."""
    components = Components()
    described = {
        contract.get_name(): _contract(contract, functions, default, components)
        for contract, functions in contracts
    }
    return {
        "$schema": SCHEMA,
        "info": info.to_json(),
        "contracts": described,
        "components": {"schemas": components.schemas},
    }


def _contract(
    contract: Contract, functions: Mapping[str, Function], default: str, components: Components
) -> dict[str, Any]:
    name = contract.get_name()
    instance: dict[str, Any] = {"name": name}
    if name == default:
        instance["default"] = True
    return {
        "name": name,
        "contractInstance": instance,
        "info": contract.info.to_json(),
        "transactions": [_transaction(function, components) for function in functions.values()],
    }


def _transaction(function: Function, components: Components) -> dict[str, Any]:
    told: dict[str, Any] = {"name": function.name}
    if function.contract != SYSTEM_CONTRACT:
        told["tag"] = ["SUBMIT", "submitTx"] if function.intent == "submit" else ["EVALUATE"]
    told["parameters"] = [
        {
            "name": parameter.name,
            "required": parameter.required,
            "schema": parameter.type.schema(components),
        }
        for parameter in function.parameters
    ]
    returns = function.returns.schema(components)
    if returns not in ({}, {"type": "null"}):
        told["returns"] = returns
    return told
