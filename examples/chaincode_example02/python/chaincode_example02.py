"""A chaincode that holds two accounts and moves whole amounts between them, on the shim alone:
init A a B b, invoke A B x, query A, and delete A.
"""

from __future__ import annotations

import re

from hansa_contract import AsyncChaincodeStub, ChaincodeError, Response, success

WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")


class Accounts:
    """Its state is one balance per account name."""

    async def init(self, stub: AsyncChaincodeStub) -> Response:
        """Open the accounts: a name and a balance, and again a name and a balance."""
        _, args = stub.get_function_and_parameters()
        if len(args) != 4:
            raise ChaincodeError("init takes two accounts and their balances: A a B b")
        for account, balance in (args[:2], args[2:]):
            await _put(stub, account, _number(balance, f"the balance of {account}"))
        return success()

    async def invoke(self, stub: AsyncChaincodeStub) -> Response:
        """Run one of invoke, query and delete."""
        function, args = stub.get_function_and_parameters()
        match function:
            case "invoke":
                return await self._move(stub, args)
            case "query":
                return await self._query(stub, args)
            case "delete":
                return await self._delete(stub, args)
        raise ChaincodeError(f'unknown function "{function}": there are invoke, query and delete')

    async def _move(self, stub: AsyncChaincodeStub, args: list[str]) -> Response:
        if len(args) != 3:
            raise ChaincodeError("invoke takes two accounts and an amount: A B x")
        source, target = args[:2]
        amount = _number(args[2], "the amount")
        balances = await _get(stub, source), await _get(stub, target)
        if source != target:
            await _put(stub, source, balances[0] - amount)
            await _put(stub, target, balances[1] + amount)
        return success()

    async def _query(self, stub: AsyncChaincodeStub, args: list[str]) -> Response:
        if len(args) != 1:
            raise ChaincodeError("query takes an account: A")
        return success(str(await _get(stub, args[0])))

    async def _delete(self, stub: AsyncChaincodeStub, args: list[str]) -> Response:
        if len(args) != 1:
            raise ChaincodeError("delete takes an account: A")
        await _get(stub, args[0])
        await stub.delete_state(args[0])
        return success()


async def _get(stub: AsyncChaincodeStub, account: str) -> int:
    state = await stub.get_state(account)
    if not state:
        raise ChaincodeError(f"there is no account {account}")
    return int(state)


async def _put(stub: AsyncChaincodeStub, account: str, balance: int) -> None:
    await stub.put_state(account, str(balance))


def _number(text: str, name: str) -> int:
    if not WHOLE_NUMBER.fullmatch(text):
        raise ChaincodeError(f"{name} is not a whole number: {text}")
    return int(text)
