"""Which contracts a package holds.

1. ``[tool.hansa-contract]`` of ``pyproject.toml`` names them, each ``MODULE`` or ``MODULE:NAME``:
   ``contracts = ["asset:AssetContract"]``.
2. Else the module is the one that ``[project]`` is named after (``-`` written ``_``), else
   ``contract``, ``chaincode`` or ``main``, else the only one there is.

Of a module without a name, its list ``contracts`` counts, else its ``chaincode``, else every
contract class that it defines. Modules are looked for in the package's ``src`` and at its top.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import tomllib
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from hansa_contract import aliases
from hansa_contract.chaincode import Chaincode
from hansa_contract.contract import Contract
from hansa_contract.contract_chaincode import ContractChaincode

USUAL_NAMES = ("contract", "chaincode", "main")
NOT_CONTRACTS = re.compile(r"^(?:_.*|\..*|tests?|test_.*|.*_test|conftest|setup|docs|wheels)$")


class LoadingError(Exception):
    """The package's contracts cannot be found or imported; the text names file and line."""


def load_chaincode(directory: Path, names: Iterable[str] = ()) -> Chaincode:
    """The chaincode made of a package's contracts, or its own. Raises :class:`LoadingError`."""
    places = [place for place in (directory / "src", directory) if place.is_dir()]
    wanted = list(names) or _configured(directory) or [_find_module(directory, places)]
    aliases.register()
    sys.path[:0] = [str(place) for place in places if str(place) not in sys.path]
    found: list[Any] = []
    for name in wanted:
        found += _load(name, directory)
    return to_chaincode(found)


def to_chaincode(found: list[Any]) -> Chaincode:
    """One chaincode, or contracts (classes or objects). Raises :class:`LoadingError`."""
    if len(found) == 1 and not _is_contract(found[0]):
        chaincode: Any = found[0]() if inspect.isclass(found[0]) else found[0]
        for method in ("init", "invoke"):
            if not inspect.iscoroutinefunction(getattr(chaincode, method, None)):
                raise LoadingError(
                    f"{found[0]!r} is no contract, and no chaincode either: "
                    f"it has no 'async def {method}'"
                )
        own: Chaincode = chaincode
        return own
    strangers = [item for item in found if not _is_contract(item)]
    if strangers:
        raise LoadingError(f"{strangers[0]!r} is no contract: derive it from Contract")
    try:
        return ContractChaincode(found)
    except Exception as fault:
        raise LoadingError(f"the contracts cannot be served: {fault}") from fault


def _configured(directory: Path) -> list[str]:
    section = _pyproject(directory).get("tool", {}).get("hansa-contract", {})
    given = section.get("contracts") if isinstance(section, dict) else None
    if given is None:
        return []
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise LoadingError(
            "pyproject.toml: 'contracts' of [tool.hansa-contract] must be a list of "
            '"MODULE" or "MODULE:NAME"'
        )
    return names


def _find_module(directory: Path, places: list[Path]) -> str:
    modules = sorted({name for place in places for name in _modules(place)})
    project = _pyproject(directory).get("project", {}).get("name")
    named = re.sub(r"[-.]+", "_", project).lower() if isinstance(project, str) else ""
    for name in (named, *USUAL_NAMES):
        if name in modules:
            return name
    if len(modules) == 1:
        return modules[0]
    told = ", ".join(modules) if modules else "no Python module"
    raise LoadingError(
        f"cannot tell where the contract is: there is {told}. Name it in pyproject.toml: "
        '[tool.hansa-contract] contracts = ["MODULE:CLASS"]'
    )


def _modules(place: Path) -> Iterable[str]:
    for entry in place.iterdir():
        name = entry.stem if entry.suffix == ".py" else entry.name
        is_module = entry.suffix == ".py" or (entry / "__init__.py").is_file()
        if is_module and name.isidentifier() and not NOT_CONTRACTS.match(name):
            yield name


def _pyproject(directory: Path) -> dict[str, Any]:
    try:
        return tomllib.loads((directory / "pyproject.toml").read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as fault:
        raise LoadingError(f"pyproject.toml cannot be read: {fault}") from fault


def _load(name: str, directory: Path) -> list[Any]:
    module_name, _, attribute = name.partition(":")
    module = _import(module_name, directory)
    if attribute:
        if not hasattr(module, attribute):
            raise LoadingError(f"{module_name} has no {attribute}, which pyproject.toml names")
        value = getattr(module, attribute)
        return list(value) if isinstance(value, list | tuple) else [value]
    listed = getattr(module, "contracts", None)
    if isinstance(listed, list | tuple) and listed:
        return list(listed)
    own = getattr(module, "chaincode", None)
    if own is not None and not isinstance(own, ModuleType):
        return [own]
    classes = [value for value in vars(module).values() if _is_own_contract(value, module_name)]
    if not classes:
        raise LoadingError(
            f"{module_name} defines no contract: derive a class from hansa_contract.Contract, "
            "or list them: contracts = [MyContract]"
        )
    return classes


def _is_own_contract(value: Any, module_name: str) -> bool:
    return (
        inspect.isclass(value)
        and issubclass(value, Contract)
        and (value.__module__ == module_name or value.__module__.startswith(module_name + "."))
    )


def _is_contract(value: Any) -> bool:
    return isinstance(value, Contract) or (inspect.isclass(value) and issubclass(value, Contract))


def _import(name: str, directory: Path) -> ModuleType:
    try:
        return importlib.import_module(name)
    except SyntaxError as fault:
        place = f"{_shown(fault.filename or '?', directory)}:{fault.lineno}:{fault.offset}"
        raise LoadingError(f"{place}: {type(fault).__name__}: {fault.msg}") from fault
    except BaseException as fault:
        frames = traceback.extract_tb(fault.__traceback__)
        own = [f for f in frames if Path(f.filename).is_relative_to(directory.absolute())]
        place = f"{_shown(own[-1].filename, directory)}:{own[-1].lineno}: " if own else ""
        raise LoadingError(f"{place}{type(fault).__name__}: {fault}") from fault


def _shown(file: str, directory: Path) -> str:
    path = Path(file)
    root = directory.absolute()
    return str(path.relative_to(root)) if path.is_relative_to(root) else file
