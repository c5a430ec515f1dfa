"""Contracts as users write them, called through the channel in memory."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from hansa_contract import (
    AsyncContext,
    BaseContext,
    ChaincodeError,
    Context,
    Contract,
    ContractChaincode,
    Info,
    Response,
    default,
    evaluate,
    info,
    submit,
    transaction,
)
from hansa_contract.testing import MockChannel, TransactionError
from hansa_contract.types import Type

if TYPE_CHECKING:
    from some_module_that_is_not_there import Mystery


@dataclass
class Asset:
    id: str
    value: int


class Counting(Context):
    def __init__(self) -> None:
        self.steps: list[str] = []


class Shop(Contract):
    def create_context(self) -> Counting:
        return Counting()

    async def before_transaction(self, ctx: Counting) -> None:
        ctx.steps.append("before")

    def after_transaction(self, ctx: Counting, result: Any) -> None:
        ctx.stub.set_event("done", ",".join([*ctx.steps, repr(result)]))

    @transaction
    def create(self, ctx: Counting, asset: Asset, times: int = 2, *rest: int) -> Asset:
        ctx.steps.append("create")
        return Asset(asset.id, asset.value * times + sum(rest))

    @transaction("evaluate", name="howMany")
    async def how_many(self, ctx: AsyncContext, prefix: str | None) -> int:
        return len([kv async for kv in ctx.stub.get_state_by_range(prefix or "", "")])

    @submit
    def fails(self, ctx: Counting) -> None:
        ctx.stub.put_state("left", "behind")
        raise ChaincodeError("no such luck")

    @submit
    def breaks(self, _ctx: Counting, secret: str) -> None:
        raise RuntimeError(f"broken by {secret}")

    @evaluate
    def promises(self, _ctx: Counting) -> int:
        return "nothing"  # type: ignore[return-value]

    @evaluate(name="teapot")
    def answers_itself(self, _ctx: Counting) -> Response:
        return Response(418, "short and stout")

    def helper(self, _ctx: Counting) -> str:
        return "not for clients"


@default
@info(title="The other", version="2.0", license={"name": "Apache-2.0"})
class Other(Contract):
    name = "org.example.other"

    def hello(self, ctx: Mystery, name) -> str:  # type: ignore[no-untyped-def]  # noqa: ANN001
        return f"hello {name}, {ctx.client_identity.mspid}"

    def _hidden(self, ctx: Context) -> None: ...

    async def unknown_transaction(self, ctx: BaseContext[Any]) -> str:
        return f"what is {ctx.stub.get_args()[0].decode()}?"


@pytest.fixture
def channel() -> MockChannel:
    return MockChannel({"shop": [Shop, Other]})


def test_arguments_are_converted_and_defaults_put_in(channel: MockChannel) -> None:
    made = channel.submit("Shop:create", Asset("a", 4))
    assert made.json() == {"id": "a", "value": 8}
    assert channel.submit("Shop:create", '{"id":"a","value":4}', 3, 10, 20).json()["value"] == 42


def test_hooks_run_around_a_transaction_and_share_the_context(channel: MockChannel) -> None:
    event = channel.submit("Shop:create", Asset("a", 4)).event
    assert event
    assert event.payload == b"before,create,Asset(id='a', value=8)"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (("Shop:create",), "create takes 1 or more arguments (asset, times), not 0"),
        (("Shop:create", "{}"), "create: parameter asset.id is missing"),
        (
            ("Shop:create", Asset("a", 1), "x"),
            'create: parameter times must be an integer, not "x"',
        ),
        (("Shop:create", Asset("a", 1), 1, "y"), 'create: parameter 3 must be an integer, not "y"'),
        (("Shop:fails",), "no such luck"),
        (("Shop:fails", "x"), "fails takes 0 arguments (none), not 1"),
        (("Shop:breaks", "xyz"), "broken by xyz"),
        (("Shop:promises",), "promises: result must be an integer"),
        (("Shop:helper",), "the contract Shop has no function 'Shop:helper'"),
        (("Shop:before_transaction",), "has no function"),
        (("Nobody:hello",), "there is no contract 'Nobody'; there are: Shop, org.example.other"),
        ((b"\xff",), "must be text in UTF-8"),
        ((), "names no function"),
    ],
)
def test_what_is_wrong_is_said(
    channel: MockChannel, call: tuple[object, ...], message: str
) -> None:
    with pytest.raises(TransactionError) as refusal:
        channel.submit(*(call or ("",)))  # type: ignore[arg-type]
    assert message in str(refusal.value)
    assert channel.state.values("shop") == {}


def test_functions_may_be_async(channel: MockChannel) -> None:
    assert channel.evaluate("Shop:howMany").payload == b"0"
    assert channel.evaluate("Shop:howMany", "a").payload == b"0"


def test_a_function_may_answer_with_a_response(channel: MockChannel) -> None:
    with pytest.raises(TransactionError, match="short and stout") as refusal:
        channel.evaluate("Shop:teapot")
    assert refusal.value.status == 418


def test_the_default_contract_and_its_undecorated_functions(channel: MockChannel) -> None:
    assert channel.evaluate("hello", "you").text == "hello you, Org1MSP"
    assert channel.evaluate("org.example.other:hello", "you").text == "hello you, Org1MSP"
    assert channel.evaluate("_hidden").text == "what is _hidden?"


def test_init_without_arguments_succeeds_and_with_them_runs(channel: MockChannel) -> None:
    assert channel.endorse("", is_init=True).response.ok
    assert channel.endorse("hello", "init", is_init=True).result.text == "hello init, Org1MSP"


def test_a_broken_function_is_logged_without_values(
    channel: MockChannel, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(TransactionError):
        channel.submit("Shop:breaks", "my-password")
    assert "RuntimeError in a transaction function" in caplog.text
    assert "in breaks" in caplog.text
    assert "my-password" not in caplog.text


def test_own_serializers() -> None:
    class Shouting:
        def from_bytes(self, data: bytes, kind: Type, path: str) -> Any:
            return kind.from_json(data.decode().upper(), path)

        def to_bytes(self, value: Any, kind: Type, path: str) -> bytes:
            return f"{kind.to_json(value, path)}!".encode()

    chaincode = ContractChaincode([Other], serializer=Shouting())
    channel = MockChannel({"other": chaincode})
    assert channel.evaluate("hello", "you").payload == b"hello YOU, Org1MSP!"


class Empty(Contract):
    pass


class Twice(Contract):
    name = "Shop"

    def anything(self, ctx: Context) -> None: ...


class Unservable(Contract):
    @transaction
    def odd(self, ctx: Context, numbers: set[int]) -> None: ...


class Unknowable(Contract):
    @transaction
    def odd(self, ctx: Context, what: Mystery) -> None: ...


class Contextless(Contract):
    @transaction
    def odd() -> None: ...  # type: ignore[misc]


class Named(Contract):
    @transaction
    def odd(self, ctx: Context, *, only: str) -> None: ...


class Doubled(Contract):
    @transaction(name="x")
    def one(self, ctx: Context) -> None: ...

    @transaction(name="x")
    def two(self, ctx: Context) -> None: ...


@default
class AlsoDefault(Other):
    name = "third"


@pytest.mark.parametrize(
    ("contracts", "message"),
    [
        ([], "a chaincode needs a contract"),
        ([Empty], "the contract Empty has no transactions"),
        ([Shop, Twice], "two contracts are named Shop"),
        ([Unservable], "Unservable.odd, parameter numbers: the items of a set have no fixed order"),
        ([Unknowable], "Unknowable.odd, parameter what: name 'Mystery' is not defined"),
        ([Contextless], "must take a context"),
        ([Named], "arguments have no names, so only gets none"),
        ([Doubled], "Doubled has two transactions named x"),
        ([Other, AlsoDefault], "only one contract can be the default"),
        ([Other("a:b")], "is no name of a contract"),
    ],
)
def test_contracts_that_cannot_be_served_are_refused_at_once(
    contracts: list[type[Contract]], message: str
) -> None:
    with pytest.raises(TypeError) as refusal:
        ContractChaincode(contracts)
    assert message in str(refusal.value)


def test_metadata_has_the_shape_of_the_other_contract_apis() -> None:
    chaincode = ContractChaincode([Shop, Other], info=Info("shop", "1.0"))
    told = MockChannel({"shop": chaincode}).evaluate("org.hyperledger.fabric:GetMetadata").json()
    assert told == chaincode.metadata
    assert told["info"] == {"title": "shop", "version": "1.0"}
    assert told["contracts"]["org.example.other"]["contractInstance"]["default"]
    assert told["contracts"]["org.example.other"]["info"]["license"] == {"name": "Apache-2.0"}
    create, how_many = told["contracts"]["Shop"]["transactions"][:2]
    assert create == {
        "name": "create",
        "tag": ["SUBMIT", "submitTx"],
        "parameters": [
            {"name": "asset", "required": True, "schema": {"$ref": "#/components/schemas/Asset"}},
            {"name": "times", "required": False, "schema": {"type": "integer"}},
        ],
        "returns": {"$ref": "#/components/schemas/Asset"},
    }
    assert (how_many["name"], how_many["tag"]) == ("howMany", ["EVALUATE"])
    assert told["components"]["schemas"]["Asset"]["$id"] == "Asset"


def test_an_unknown_intent_is_refused() -> None:
    with pytest.raises(ValueError, match='"submit" or "evaluate"'):
        transaction("both")  # type: ignore[call-overload]
