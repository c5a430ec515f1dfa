"""Makes the official packages' names importable where those packages are not installed."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

CONTRACT_API = (
    "",
    ".contractapi",
    ".contractapi.contract",
    ".contractapi.contract_chaincode",
    ".contractapi.system_contract",
    ".contractapi.transaction_context",
    ".metadata",
    ".metadata.metadata",
    ".serializer",
)
SHIM = ("", ".chaincode", ".interfaces", ".response", ".server", ".stub")
ROOT = "fabric_chaincode_python"
NAMES = frozenset(
    [ROOT]
    + [f"{place}fabric_contract_api{part}" for place in ("", f"{ROOT}.") for part in CONTRACT_API]
    + [f"{place}fabric_shim{part}" for place in ("", f"{ROOT}.") for part in SHIM]
)


class _Names(MetaPathFinder, Loader):
    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in NAMES:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def exec_module(self, module: ModuleType) -> None:
        ours = importlib.import_module("hansa_contract.compat")
        module.__dict__.update({name: getattr(ours, name) for name in ours.__all__})


_NAMES = _Names()


def register() -> None:
    """Comes last, so that an installed package of these names is what is imported."""
    if _NAMES not in sys.meta_path:
        sys.meta_path.append(_NAMES)
