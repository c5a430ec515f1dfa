"""A contract as one writes it for the official contract API for Python."""

from __future__ import annotations

import base64
import importlib
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hansa_contract.loading import load_chaincode
from hansa_contract.testing import MockChannel, TransactionError

SAMPLE = '''
"""A ledger of cars."""

import json
from dataclasses import dataclass

from fabric_chaincode_python.fabric_contract_api.contractapi import (
    Contract,
    ContractChaincode,
    TransactionContext,
    TransactionContextInterface,
)
from fabric_chaincode_python.fabric_contract_api.metadata import InfoMetadata, LicenseMetadata


@dataclass
class Car:
    make: str
    owner: str


class Context(TransactionContext):
    def __init__(self):
        super().__init__()
        self.seen = []


class Cars(Contract):
    Name = "cars"
    Info = InfoMetadata(title="Cars", version="3", license=LicenseMetadata(name="MIT"))
    TransactionContextHandler = Context

    def __init__(self):
        super().__init__()
        self.BeforeTransaction = self.note
        self.UnknownTransaction = self.tell

    def get_ignored_functions(self):
        return ["note", "tell"]

    def get_evaluate_transactions(self):
        return ["read", "all", "who"]

    async def note(self, ctx):
        ctx.seen.append("before")

    def tell(self, ctx):
        return "no such thing"

    def AfterTransaction(self, ctx):
        ctx.get_stub().set_event("done", json.dumps(ctx.seen))

    async def create(self, ctx: TransactionContextInterface, id: str, make: str, owner: str) -> Car:
        stub = ctx.get_stub()
        if await stub.get_state(id):
            raise Exception(f"the car {id} exists")
        car = Car(make, owner)
        await stub.put_state(id, json.dumps(vars(car)))
        await stub.put_state(stub.create_composite_key("owner~id", [owner, id]), b"-")
        return car

    async def read(self, ctx: TransactionContextInterface, id: str) -> Car:
        return Car(**json.loads(await ctx.get_stub().get_state(id)))

    async def all(self, ctx) -> list[str]:
        found = await ctx.get_stub().get_state_by_range("", "")
        return [entry.key async for entry in found]

    def who(self, ctx) -> list[str]:
        identity = ctx.get_client_identity()
        return [identity.get_mspid(), identity.get_id(), ctx.get_stub().get_txid()]


class Wheels(Contract):
    def count(self, ctx) -> int:
        return 4
'''

START = """
chaincode = ContractChaincode.new_chaincode(Cars(), Wheels())
chaincode.DefaultContract = "Wheels"

if __name__ == "__main__":
    chaincode.start()
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    for name in [name for name in sys.modules if name.startswith("fabric_chaincode_python")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "cars", raising=False)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "cars"\n')
    (tmp_path / "cars.py").write_text(SAMPLE)
    return tmp_path


def test_a_contract_of_the_official_api_runs_unchanged(package: Path) -> None:
    channel = MockChannel({"cars": load_chaincode(package)})
    made = channel.submit("cars:create", "c1", "VW", "Ann")
    assert made.json() == {"make": "VW", "owner": "Ann"}
    assert made.event
    assert made.event.payload == b'["before"]'
    assert channel.evaluate("read", "c1").json() == {"make": "VW", "owner": "Ann"}
    assert channel.evaluate("all").json() == ["c1"]
    assert channel.evaluate("nonsense").text == "no such thing"
    assert channel.evaluate("Wheels:count").text == "4"
    with pytest.raises(TransactionError, match="the car c1 exists"):
        channel.submit("create", "c1", "VW", "Ann")
    with pytest.raises(TransactionError, match="create takes 3 arguments"):
        channel.submit("create", "c1")


def test_its_identity_is_the_certificate(package: Path) -> None:
    channel = MockChannel({"cars": load_chaincode(package)})
    mspid, identity, tx_id = channel.evaluate("who").json()
    certificate = x509.load_pem_x509_certificate(channel.identity().certificate)
    assert mspid == "Org1MSP"
    assert base64.b64decode(identity) == certificate.public_bytes(Encoding.DER)
    assert len(tx_id) == 64


def test_its_own_chaincode_object_is_taken(package: Path) -> None:
    (package / "cars.py").write_text(SAMPLE + START)
    channel = MockChannel({"cars": load_chaincode(package)})
    assert channel.evaluate("count").text == "4"
    told = channel.evaluate("org.hyperledger.fabric:GetMetadata").json()
    assert told["contracts"]["Wheels"]["contractInstance"]["default"]
    assert told["contracts"]["Wheels"]["info"] == {"title": "Wheels", "version": "latest"}
    cars = told["contracts"]["cars"]
    assert cars["info"] == {"title": "Cars", "version": "3", "license": {"name": "MIT"}}
    tags = {transaction["name"]: transaction["tag"][0] for transaction in cars["transactions"]}
    assert tags == {"create": "SUBMIT", "read": "EVALUATE", "all": "EVALUATE", "who": "EVALUATE"}


def test_a_chaincode_on_the_official_shim(package: Path) -> None:
    (package / "cars.py").write_text(
        dedent("""
        from fabric_shim.interfaces import Chaincode
        from fabric_shim.response import error, success

        class Own(Chaincode):
            async def init(self, stub):
                return success("ready")

            async def invoke(self, stub):
                function, parameters = stub.get_function_and_parameters()
                return success(function) if not parameters else error("too many")

        chaincode = Own()
        """)
    )
    channel = MockChannel({"own": load_chaincode(package)})
    assert channel.endorse("", is_init=True).result.text == "ready"
    assert channel.evaluate("hello").text == "hello"
    with pytest.raises(TransactionError, match="too many"):
        channel.evaluate("hello", "you")


def test_an_installed_package_comes_first(package: Path) -> None:
    load_chaincode(package)
    real = package / "fabric_contract_api"
    real.mkdir()
    (real / "__init__.py").write_text("REAL = True\n")
    sys.modules.pop("fabric_contract_api", None)
    importlib.invalidate_caches()
    assert importlib.import_module("fabric_contract_api").REAL
    sys.modules.pop("fabric_contract_api", None)
