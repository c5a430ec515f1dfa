"""A chaincode of contracts, made and started as with the official API."""

from __future__ import annotations

from typing import Any, Self

import hansa_contract
from hansa_contract import contract, contract_chaincode
from hansa_contract.metadata import SYSTEM_CONTRACT

SystemContractName = SYSTEM_CONTRACT


class ContractChaincode(contract_chaincode.ContractChaincode):
    """``DefaultContract`` may be set after it is made."""

    @classmethod
    def new_chaincode(cls, *contracts: contract.Contract) -> Self:
        """Raises :class:`TypeError` for contracts that cannot be served."""
        return cls(contracts)

    @property
    def DefaultContract(self) -> str:  # noqa: N802  the official name
        return self.default

    @DefaultContract.setter
    def DefaultContract(self, name: str) -> None:  # noqa: N802  the official name
        self.default = name

    def start(self, **_options: Any) -> None:
        """As the environment says; options are the environment's too."""
        hansa_contract.start(self)


def start(cc: Any = None, **_options: Any) -> None:
    """Run a chaincode, given as an object or a class, as the environment says."""
    hansa_contract.start(cc)
