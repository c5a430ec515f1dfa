"""chaincode_example02, on the shim alone, with an initialization.

The one in Java is in tests/fabric/test_languages.py, by the legacy lifecycle.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.e2e.examples.deploying import CHANNEL, EXAMPLES, deploy_code
from tests.e2e.network import Pair, refused
from tests.e2e.test_chaincode_api import archive

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

ACCOUNTS = EXAMPLES / "chaincode_example02"
DESCRIBED = {
    "go": {"Language": "golang", "Path": "github.com/chaincode_example02/go"},
    "javascript": {"Language": "node"},
    "python": {"Language": "python"},
}


@pytest.mark.parametrize("folder", DESCRIBED)
def test_amounts_are_moved_in(pair: Pair, folder: str) -> None:
    name = f"accounts-{folder}"
    top = "github.com/chaincode_example02/go/" if folder == "go" else ""
    code = archive(ACCOUNTS / folder, top=top)
    deploy_code(pair, name, code, DESCRIBED[folder], InitRequired=True)

    def submit(function: str, *arguments: str, **options: Any) -> None:
        pair.fabric.invoke_chaincode(**call(pair, name, function, *arguments), **options)

    def refusal(function: str, *arguments: str) -> str:
        given = call(pair, name, function, *arguments)
        return refused(pair.fabric.query_chaincode, "IllegalActionException", **given)

    submit("init", "a", "100", "b", "200", IsInit=True)
    submit("invoke", "a", "b", "10")
    submit("invoke", "b", "b", "5")
    answers = [
        pair.fabric.query_chaincode(**call(pair, name, "query", account))["ResultText"]
        for account in ("a", "b")
    ]
    assert answers == ["90", "210"]
    submit("delete", "a")
    assert "there is no account a" in refusal("query", "a")
    assert "not a whole number: much" in refusal("invoke", "b", "b", "much")
    assert "there are invoke, query and delete" in refusal("steal", "b")


def call(pair: Pair, name: str, function: str, *arguments: str) -> dict[str, Any]:
    return {
        **pair.first.member_keys,
        "ChannelName": CHANNEL,
        "ChaincodeName": name,
        "Function": function,
        "Arguments": [*arguments],
    }
