"""Contracts in Node.js and Java on a real peer, by the legacy lifecycle and as TypeScript.

tests/e2e/examples has the other examples, by the new lifecycle.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fabric.developer import LEGACY, NEW, Developer, developing, write

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

EXAMPLES = Path(__file__).parents[2] / "examples"
ASSET = EXAMPLES / "asset-contract"


@pytest.fixture(scope="module")
def developer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Developer]:
    with developing(tmp_path_factory.mktemp("languages")) as made:
        yield made


def use(developer: Developer, channel: str, name: str) -> None:
    """Call every function of the contract, and see that refusals come back."""
    developer.invoke(channel, name, "initLedger")
    developer.invoke(channel, name, "createAsset", "asset2", "Bob", "7")
    asset = json.loads(developer.query(channel, name, "readAsset", "asset2"))
    assert list(asset) == ["ID", "Owner", "Value", "Timestamp"]
    assert (asset["ID"], asset["Owner"], asset["Value"]) == ("asset2", "Bob", 7)
    assert asset["Timestamp"].endswith("Z")
    listed = json.loads(developer.query(channel, name, "getAllAssets"))
    assert [item["Key"] for item in listed] == ["asset1", "asset2"]
    assert listed[1]["Record"] == asset
    with pytest.raises(AssertionError, match="Asset asset3 does not exist"):
        developer.query(channel, name, "readAsset", "asset3")
    with pytest.raises(AssertionError, match="a whole number as value"):
        developer.query(channel, name, "createAsset", "asset3", "Bob", "many")


def package(developer: Developer, name: str, language: str, code: Path) -> str:
    """Pack and install ``code``; the package's ID."""
    return developer.install(pack(developer, name, language, code, f"{name}_1"))


def pack(developer: Developer, name: str, language: str, code: Path, label: str) -> str:
    """Pack ``code`` as the peer command does; the file."""
    file = str(developer.user.home / f"{name}.tgz")
    developer.command(
        *("lifecycle", "chaincode", "package", file),
        *("-p", str(code), "--lang", language, "--label", label),
    )
    return file


def test_java_by_the_legacy_lifecycle(developer: Developer) -> None:
    code = EXAMPLES / "chaincode_example02" / "java"
    install = ("-n", "accounts", "-v", "v0", "-l", "java", "-p", str(code))
    developer.command("chaincode", "install", *install)
    developer.instantiate("accounts", "java", "init", "a", "100", "b", "200")
    developer.invoke(LEGACY, "accounts", "invoke", "a", "b", "10")
    developer.invoke(LEGACY, "accounts", "delete", "a")
    assert developer.query(LEGACY, "accounts", "query", "b") == "210"
    for call, told in (
        (("query", "a"), "there is no account a"),
        (("invoke", "b", "b", "much"), "not a whole number: much"),
        (("steal", "b"), "there are invoke, query and delete"),
    ):
        with pytest.raises(AssertionError, match=told):
            developer.query(LEGACY, "accounts", *call)


def test_typescript_by_the_new_lifecycle(developer: Developer) -> None:
    """Compiled by the builder: there is no JavaScript in the package."""
    code = ASSET / "typescript"
    developer.define("tsasset", package(developer, "tsasset", "node", code))
    use(developer, NEW, "tsasset")


FOURTEEN = {
    "package.json": json.dumps(
        {
            "name": "fourteen",
            "version": "0.0.1",
            "main": "index.js",
            "dependencies": {"fabric-contract-api": "~1.4.0", "fabric-shim": "~1.4.0"},
        }
    ),
    "index.js": "module.exports.contracts = [require('./lib/cars')];\n",
    "lib/cars.js": """'use strict';
const { Contract } = require('fabric-contract-api');
class Cars extends Contract {
    async initLedger(ctx) {
        await ctx.stub.putState('CAR0', Buffer.from(JSON.stringify({ owner: 'Tomoko' })));
    }
    async changeOwner(ctx, id, owner) {
        const bytes = await ctx.stub.getState(id);
        if (!bytes || bytes.length === 0) {
            throw new Error(`${id} does not exist`);
        }
        const car = JSON.parse(bytes.toString());
        car.owner = owner;
        await ctx.stub.putState(id, Buffer.from(JSON.stringify(car)));
    }
    async all(ctx) {
        const iterator = await ctx.stub.getStateByRange('CAR0', 'CAR999');
        const found = [];
        while (true) {
            const result = await iterator.next();
            if (result.value && result.value.value.toString()) {
                const record = JSON.parse(result.value.value.toString('utf8'));
                found.push({ Key: result.value.key, Record: record });
            }
            if (result.done) {
                await iterator.close();
                return JSON.stringify(found);
            }
        }
    }
}
module.exports = Cars;
""",
}


def test_a_node_contract_of_fabric_14_by_the_legacy_lifecycle(developer: Developer) -> None:
    code = write(developer.user.home / "cars", FOURTEEN)
    developer.command(
        *("chaincode", "install", "-n", "cars", "-v", "v0", "-l", "node", "-p", str(code))
    )
    developer.instantiate("cars", "node", "initLedger")
    developer.invoke(LEGACY, "cars", "changeOwner", "CAR0", "Max")
    assert json.loads(developer.query(LEGACY, "cars", "all")) == [
        {"Key": "CAR0", "Record": {"owner": "Max"}}
    ]
    with pytest.raises(AssertionError, match="CAR1 does not exist"):
        developer.query(LEGACY, "cars", "changeOwner", "CAR1", "Max")


@pytest.mark.parametrize(("language", "folder"), [("java", "java"), ("node", "typescript")])
def test_the_same_source_gives_the_same_package_id(
    developer: Developer, language: str, folder: str
) -> None:
    ids = []
    for turn in ("first", "second"):
        file = pack(developer, turn, language, ASSET / folder, "same_1")
        ids.append(developer.command("lifecycle", "chaincode", "calculatepackageid", file))
    assert ids[0] == ids[1]
