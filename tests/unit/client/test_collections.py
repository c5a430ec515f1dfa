"""Private data collections in either spelling."""

from __future__ import annotations

import json

import pytest

from hansa.client.collections import read_collections
from hansa.client.installation import ClientError


def test_the_spelling_of_fabrics_tools_is_taken() -> None:
    given = {
        "name": "secret",
        "policy": "OR('m-A.member')",
        "requiredPeerCount": 0,
        "maxPeerCount": 2,
        "blockToLive": 5,
        "memberOnlyRead": True,
        "endorsementPolicy": {"signaturePolicy": "OR('m-A.peer')"},
    }
    assert read_collections(json.dumps([given])) == [
        {
            "Name": "secret",
            "MemberPolicy": "OR('m-A.member')",
            "RequiredPeerCount": 0,
            "MaxPeerCount": 2,
            "BlockToLive": 5,
            "MemberOnlyRead": True,
            "MemberOnlyWrite": False,
            "EndorsementPolicy": "OR('m-A.peer')",
        }
    ]


def test_the_spelling_of_the_api_is_taken_as_it_is() -> None:
    given = [{"Name": "secret", "MemberPolicy": "OR('m-A.member')"}]
    assert read_collections(json.dumps(given)) == given


@pytest.mark.parametrize(
    ("text", "told"),
    [("{", "no JSON"), ("{}", "a list"), ("[1]", "a list"), ('[{"nam": 1}]', "has no nam")],
)
def test_what_is_no_list_of_collections_is_refused(text: str, told: str) -> None:
    with pytest.raises(ClientError, match=told):
        read_collections(text)
