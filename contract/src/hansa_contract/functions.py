"""The transaction functions of a contract: their parameters, results, and intents."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, get_type_hints

from hansa_contract.canonical import InvalidValueError
from hansa_contract.contract import MARK, Contract, Intent, Mark
from hansa_contract.errors import ChaincodeError
from hansa_contract.serializer import Serializer
from hansa_contract.types import ANY, Type, resolve

PACKAGE = "hansa_contract."
HOOK_NAMES = ("get_ignored_functions", "get_evaluate_transactions")
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class Parameter:
    name: str
    type: Type
    required: bool
    default: Any = None


@dataclass(frozen=True)
class Function:
    """A method that clients may call. ``rest`` is the type of ``*arguments``, where there are."""

    contract: str
    name: str
    method: Callable[..., Any]
    intent: Intent
    parameters: tuple[Parameter, ...]
    rest: Type | None
    returns: Type

    def read(self, arguments: Sequence[bytes], serializer: Serializer) -> list[Any]:
        """Checked and converted arguments, defaults put in.

        Raises :class:`ChaincodeError`: it names the parameter and the rule that is broken.
        """
        self._count(len(arguments))
        try:
            given = [
                serializer.from_bytes(argument, kind, name)
                for argument, (name, kind) in zip(arguments, self._kinds(), strict=False)
            ]
        except InvalidValueError as fault:
            raise ChaincodeError(f"{self.name}: parameter {fault}") from fault
        return given + [parameter.default for parameter in self.parameters[len(given) :]]

    def write(self, result: Any, serializer: Serializer) -> bytes:
        """Raises :class:`ChaincodeError` where the result is not of the type that was promised."""
        try:
            return serializer.to_bytes(result, self.returns, "result")
        except InvalidValueError as fault:
            raise ChaincodeError(f"{self.name}: {fault}") from fault

    def _kinds(self) -> Iterator[tuple[str, Type]]:
        for parameter in self.parameters:
            yield parameter.name, parameter.type
        place = len(self.parameters)
        while self.rest:
            place += 1
            yield f"{place}", self.rest

    def _count(self, given: int) -> None:
        least = sum(parameter.required for parameter in self.parameters)
        most = None if self.rest else len(self.parameters)
        if given >= least and (most is None or given <= most):
            return
        names = ", ".join(parameter.name for parameter in self.parameters) or "none"
        if least == most:
            count = f"{least}"
        else:
            count = f"{least} to {most}" if most is not None else f"{least} or more"
        raise ChaincodeError(f"{self.name} takes {count} arguments ({names}), not {given}")


def functions_of(contract: Contract) -> dict[str, Function]:
    """By the name that clients call.

    Raises :class:`TypeError` for a method that no client could call, and for a name given twice.
    """
    found: dict[str, Function] = {}
    for attribute, mark in _marked(type(contract)) or _public(contract):
        method = getattr(contract, attribute)
        name = mark.name or attribute
        if name in found:
            raise TypeError(f"{contract.get_name()} has two transactions named {name}")
        found[name] = _function(contract.get_name(), name, method, mark.intent)
    return found


def _marked(cls: type[Contract]) -> list[tuple[str, Mark]]:
    methods = ((name, getattr(cls, name, None)) for name in _names(cls.__mro__))
    marked = ((name, getattr(method, MARK, None)) for name, method in methods)
    return [(name, mark) for name, mark in marked if isinstance(mark, Mark)]


def _public(contract: Contract) -> list[tuple[str, Mark]]:
    """What a contract's classes define and this package's do not, where nothing is marked."""
    ours = [base for base in type(contract).__mro__ if base.__module__.startswith(PACKAGE)]
    own = [base for base in type(contract).__mro__ if base not in ours]
    skipped = {*_names(ours), *_listed(contract, "get_ignored_functions"), *HOOK_NAMES}
    evaluated = _listed(contract, "get_evaluate_transactions")
    return [
        (name, Mark("evaluate" if name in evaluated else "submit", ""))
        for name in _names(own)
        if not name.startswith("_")
        and name not in skipped
        and inspect.isfunction(inspect.getattr_static(type(contract), name))
    ]


def _listed(contract: Contract, name: str) -> set[str]:
    """What contracts in the style of Go's contract API list by a method."""
    method = getattr(contract, name, None)
    return set(method() or ()) if callable(method) else set()


def _names(classes: Iterable[type]) -> list[str]:
    """In the order in which they are written; what is inherited comes first."""
    bases = reversed(list(classes))
    return list(dict.fromkeys(name for base in bases for name in vars(base)))


def _function(contract: str, name: str, method: Callable[..., Any], intent: Intent) -> Function:
    where = f"{contract}.{name}"
    try:
        declared = list(inspect.signature(method).parameters.values())
    except ValueError:  # not even a self
        declared = []
    if not declared or declared[0].kind not in POSITIONAL:
        raise TypeError(f"{where} must take a context as its first parameter")
    parameters, rest = [], None
    for parameter in declared[1:]:
        kind = _type(method, parameter.name, f"{where}, parameter {parameter.name}", "str")
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            rest = kind
        elif parameter.kind in POSITIONAL:
            parameters.append(_parameter(parameter, kind))
        else:
            raise TypeError(f"{where}: arguments have no names, so {parameter.name} gets none")
    returns = _type(method, "return", f"{where}, its result", None)
    return Function(contract, name, method, intent, tuple(parameters), rest, returns)


def _parameter(parameter: inspect.Parameter, kind: Type) -> Parameter:
    given = parameter.default is not parameter.empty
    required = not given and not kind.optional
    return Parameter(parameter.name, kind, required, parameter.default if given else None)


def _type(method: Callable[..., Any], name: str, where: str, missing: str | None) -> Type:
    """The type by its hint alone: the context's may be known to type checkers only."""
    function = inspect.unwrap(getattr(method, "__func__", method))
    hints = function.__annotations__
    if name not in hints:
        return ANY if missing is None else resolve(str, where)
    holder = SimpleNamespace(__annotations__={name: hints[name]})
    names = {**function.__globals__}
    try:
        hint = get_type_hints(holder, names, include_extras=True)[name]
    except NameError as fault:
        raise TypeError(
            f"{where}: {fault}. The hint must name what its module imports at run time, "
            "not only for type checkers"
        ) from fault
    return resolve(hint, where)
