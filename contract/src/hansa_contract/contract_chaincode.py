"""Contracts as a chaincode: which function a transaction means, and how it is called."""

from __future__ import annotations

import functools
import inspect
import logging
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hansa_contract import canonical
from hansa_contract.context import BaseContext, enter, turn
from hansa_contract.contract import Contract, Info, evaluate
from hansa_contract.errors import ChaincodeError
from hansa_contract.functions import Function, functions_of
from hansa_contract.metadata import SYSTEM_CONTRACT, describe
from hansa_contract.response import Response, error, success
from hansa_contract.serializer import JSONSerializer, Serializer
from hansa_contract.stub import AsyncChaincodeStub
from hansa_contract.types import ANY

logger = logging.getLogger("hansa_contract")


class SystemContract(Contract):
    """What every chaincode answers: its metadata."""

    name = SYSTEM_CONTRACT

    def __init__(self) -> None:
        super().__init__()
        self.metadata: dict[str, Any] = {}

    @evaluate(name="GetMetadata")
    def get_metadata(self, _ctx: BaseContext[Any]) -> str:
        return canonical.write(self.metadata).decode()


@dataclass(frozen=True)
class _Entry:
    contract: Contract
    functions: dict[str, Function]
    before: Callable[..., Any] | None
    after: Callable[..., Any] | None
    unknown: Callable[..., Any]


class ContractChaincode:
    """A :class:`~hansa_contract.chaincode.Chaincode` made of contracts.

    The default contract is the one with ``@default``, else the first. Raises :class:`TypeError`
    for contracts that cannot be served: no transactions, a name twice, a type without a form.
    """

    def __init__(
        self,
        contracts: Sequence[Contract | type[Contract]],
        *,
        info: Info | None = None,
        serializer: Serializer | None = None,
    ) -> None:
        made = [item() if isinstance(item, type) else item for item in contracts]
        if not made:
            raise TypeError("a chaincode needs a contract")
        self._system = SystemContract()
        self._info = info
        self._entries: dict[str, _Entry] = {}
        for contract in (*made, self._system):
            self._add(contract)
        self._serializer: Serializer = serializer or JSONSerializer()
        self.default = _default(made)

    @property
    def default(self) -> str:
        """The name of the contract that is meant where a client names none."""
        return self._default

    @default.setter
    def default(self, name: str) -> None:
        if name not in self._entries:
            raise TypeError(f"there is no contract {name!r}; there are: {', '.join(self._entries)}")
        self._default = name
        self._system.metadata = describe(
            ((entry.contract, entry.functions) for entry in self._entries.values()),
            name,
            self._info or self._entries[name].contract.info,
        )

    @property
    def metadata(self) -> dict[str, Any]:
        """What ``org.hyperledger.fabric:GetMetadata`` answers."""
        return self._system.metadata

    def _add(self, contract: Contract) -> None:
        name = contract.get_name()
        if ":" in name or not name.strip():
            raise TypeError(f"{name!r} is no name of a contract: it must have text and no colon")
        if name in self._entries:
            raise TypeError(f"two contracts are named {name}; give one another name")
        functions = functions_of(contract)
        if not functions:
            raise TypeError(f"the contract {name} has no transactions")
        self._entries[name] = _Entry(
            contract,
            functions,
            _hook(contract, "before_transaction"),
            _hook(contract, "after_transaction"),
            _hook(contract, "unknown_transaction") or contract.unknown_transaction,
        )

    async def init(self, stub: AsyncChaincodeStub) -> Response:
        """Instantiation and upgrade: the function that the arguments name, if they name one."""
        if not stub.get_args() or not stub.get_args()[0]:
            return success()
        return await self.invoke(stub)

    async def invoke(self, stub: AsyncChaincodeStub) -> Response:
        """A transaction. What goes wrong is the response's message, and never an exception."""
        try:
            return await self._invoke(stub)
        except ChaincodeError as fault:
            return error(str(fault))
        except Exception as fault:  # noqa: BLE001  a contract may raise anything
            # The message may tell of values, which have no place in a log; the client gets it.
            places = "".join(traceback.format_tb(fault.__traceback__))
            logger.error("%s in a transaction function\n%s", type(fault).__name__, places)  # noqa: TRY400
            return error(str(fault) or type(fault).__name__)

    async def _invoke(self, stub: AsyncChaincodeStub) -> Response:
        entry, name, arguments = self._route(stub.get_args())
        contract, function = entry.contract, entry.functions.get(name)
        ctx = enter(contract.create_context(), stub, contract.get_name())
        if function is None:
            result = await _call(ctx, entry.unknown, [])
            return _answer(result, lambda: self._serializer.to_bytes(result, ANY, "result"))
        given = function.read(arguments, self._serializer)
        if entry.before:
            await _call(ctx, entry.before, [])
        result = await _call(ctx, function.method, given)
        if entry.after:
            await _call(ctx, entry.after, [result])
        return _answer(result, lambda: function.write(result, self._serializer))

    def _route(self, args: Sequence[bytes]) -> tuple[_Entry, str, Sequence[bytes]]:
        if not args:
            raise ChaincodeError("the transaction names no function: give one as first argument")
        try:
            contract, _, function = args[0].decode().rpartition(":")
        except UnicodeDecodeError as fault:
            raise ChaincodeError("the function's name must be text in UTF-8") from fault
        entry = self._entries.get(contract or self._default)
        if entry is None:
            known = ", ".join(self._entries)
            raise ChaincodeError(f"there is no contract {contract!r}; there are: {known}")
        return entry, function, args[1:]


def _default(contracts: Sequence[Contract]) -> str:
    marked = [contract.get_name() for contract in contracts if _marked(contract)]
    if len(marked) > 1:
        raise TypeError(f"only one contract can be the default, not {' and '.join(marked)}")
    return marked[0] if marked else contracts[0].get_name()


def _marked(contract: Contract) -> bool:
    """The class itself has ``@default``, or the contract was told so; it is not inherited."""
    return bool({**vars(type(contract)), **vars(contract)}.get("is_default"))


def _hook(contract: Contract, name: str) -> Callable[..., Any] | None:
    """What the contract has put in the place of a hook that does nothing."""
    getter = getattr(contract, f"get_{name}", None)
    hook: Callable[..., Any] | None = getter() if callable(getter) else None
    inherited = getattr(type(contract), name) is getattr(Contract, name)
    if hook is None and not (inherited and name not in vars(contract)):
        hook = getattr(contract, name)
    return hook


async def _call(ctx: BaseContext[Any], method: Callable[..., Any], given: Sequence[Any]) -> Any:
    """Awaits what is ``async``; what is not runs where it may block."""
    asynchronous = inspect.iscoroutinefunction(inspect.unwrap(method))
    turn(ctx, asynchronous=asynchronous)
    if asynchronous:
        return await method(ctx, *given)
    return await ctx.async_stub.runner.run(functools.partial(method, ctx, *given))


def _answer(result: Any, write: Callable[[], bytes]) -> Response:
    return result if isinstance(result, Response) else success(write())
