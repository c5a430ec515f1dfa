"""Every constraint of the model, violated: refused by name, and all in one answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.conformance.shapes import MODEL, OPERATIONS

from hansa.domain.errors import InvalidRequestError
from hansa.wire.parse import InputParser
from hansa.wire.validate import field_name

WRONG_TYPES = {
    "string": [1, True, [], {}],
    "integer": [True, "1", 1.5, []],
    "boolean": ["true", 0, 1, []],
    "structure": ["x", [], 1, True],
    "list": [{}, "x", 1],
    "map": [[], "x", 1],
}
# A value of the right length that does not meet the pattern; the last line of one that would.
UNLIKE_PATTERN = {
    "ArnString": ["arn", "arn:aws:managedblockchain:us-east-1::networks/x\n", "arn:" + ":" * 999],
    "NetworkMemberNameString": ["9lives", "-x", "x-", "x--y", "x_y", "x\n", "é"],
    "UsernameString": ["1a", "a_b", "a\n", "é"],
    "PasswordString": [
        "lowercase1",
        "UPPERCASE1",
        "NoDigits",
        "At@Sign12",
        "Password1\n",
        "Pass word1",
    ],
    "NameString": [" ", "\n", "a\nb"],
}


def violations(shape: Any) -> Iterator[tuple[Any, str]]:
    """Values that ``shape`` refuses, and a word of the answer."""
    limits = shape.metadata
    for value in WRONG_TYPES[shape.type_name]:
        yield value, "Member must be "
    if shape.type_name == "integer":
        yield 10**30, "Member must "
        if "min" in limits:
            yield limits["min"] - 1, f"greater than or equal to {limits['min']}"
        if "max" in limits:
            yield limits["max"] + 1, f"less than or equal to {limits['max']}"
    if shape.type_name == "string":
        yield from text_violations(shape)
    if shape.type_name == "list" and "max" in limits:
        yield ["x"] * (limits["max"] + 1), f"less than or equal to {limits['max']}"
    if shape.type_name == "map" and "max" in limits:
        many = {f"k{number}": "v" for number in range(limits["max"] + 1)}
        yield many, f"less than or equal to {limits['max']}"


def text_violations(shape: Any) -> Iterator[tuple[str, str]]:
    limits = shape.metadata
    if limits.get("min"):
        yield "a" * (limits["min"] - 1), f"length greater than or equal to {limits['min']}"
    if "max" in limits:
        yield "a" * (limits["max"] + 1), f"length less than or equal to {limits['max']}"
    if shape.enum:
        yield "NONE_OF_THEM", "satisfy enum value set"
        yield shape.enum[0].swapcase(), "satisfy enum value set"
    yield "\ud800" * limits.get("min", 1), "Unicode"
    for value in UNLIKE_PATTERN.get(shape.name, []):
        yield value, "satisfy regular expression pattern"


def body_places(shape: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every place in a JSON input, as the steps that lead to it, and its shape."""
    for name, member in shape.members.items():
        if not path and "location" in member.serialization:
            continue
        here = (*path, name)
        yield here, member
        if member.type_name == "structure":
            yield from body_places(member, here)
        elif member.type_name == "list":
            yield (*here, 0), member.member
            if member.member.type_name == "structure":
                yield from body_places(member.member, (*here, 0))


def spelt(path: tuple[Any, ...]) -> str:
    return ".".join("1.member" if step == 0 else field_name(step) for step in path)


def document_with(path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    inner = document_with(path[1:], value)
    return [inner] if path[0] == 0 else {path[0]: inner}


CASES = [
    pytest.param(name, path, value, words, id=f"{name}-{spelt(path)}-{number}")
    for name in OPERATIONS
    for path, shape in body_places(MODEL.operation_model(name).input_shape)
    for number, (value, words) in enumerate(violations(shape))
]


def refusal(name: str, body: Any, query: str = "", label: str = "x") -> str:
    operation = MODEL.operation_model(name)
    members = operation.input_shape.members.values()
    keys = [m.serialization["name"] for m in members if m.serialization.get("location") == "uri"]
    with pytest.raises(InvalidRequestError) as caught:
        InputParser(operation).parse(dict.fromkeys(keys, label), query, json.dumps(body).encode())
    assert caught.value.code == "InvalidRequestException"
    return caught.value.message


@pytest.mark.parametrize(("name", "path", "value", "words"), CASES)
def test_each_violation_in_a_body_is_named(
    name: str, path: tuple[Any, ...], value: Any, words: str
) -> None:
    message = refusal(name, document_with(path, value))
    faults = message.partition(" detected: ")[2].split("; ")
    mine = [fault for fault in faults if fault.startswith(f"Value at '{spelt(path)}'")]
    assert len(mine) >= 1
    assert any(words in fault for fault in mine)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_required_member_of_a_body_is_asked_for_at_once(name: str) -> None:
    shape = MODEL.operation_model(name).input_shape
    required = [
        member
        for member in shape.required_members
        if shape.members[member].serialization.get("location") is None
    ]
    if required:
        message = refusal(name, {})
        for member in required:
            assert (
                f"Value null at '{field_name(member)}' failed to satisfy constraint: "
                "Member must not be null" in message
            )


@pytest.mark.parametrize("name", OPERATIONS)
def test_query_and_path_are_checked_with_the_body(name: str) -> None:
    shape = MODEL.operation_model(name).input_shape
    query, expected = [], []
    for member, member_shape in shape.members.items():
        location = member_shape.serialization.get("location")
        key = member_shape.serialization.get("name")
        limited = "max" in member_shape.metadata or getattr(member_shape, "enum", None)
        if location == "uri":
            expected.append(field_name(member))
        elif location == "querystring" and member_shape.type_name == "list":
            query.append(f"{key}=")
            expected.append(f"{field_name(member)}.1.member")
        elif location == "querystring" and (limited or member_shape.type_name != "string"):
            query.append(f"{key}={'9' * 200}")
            expected.append(field_name(member))
    if expected:
        message = refusal(name, {}, "&".join(query), label="x" * 1100)
        for field in expected:
            assert f"Value at '{field}' failed to satisfy constraint" in message


def test_all_faults_of_a_bad_network_are_told_together_and_no_secret() -> None:
    secret = "secret"
    message = refusal(
        "CreateNetwork",
        {
            "ClientRequestToken": "t" * 65,
            "Name": " ",
            "Framework": "CORDA",
            "FrameworkVersion": "",
            "FrameworkConfiguration": {"Fabric": {}},
            "VotingPolicy": {
                "ApprovalThresholdPolicy": {
                    "ThresholdPercentage": 500,
                    "ProposalDurationInHours": 0,
                    "ThresholdComparator": "X",
                }
            },
            "MemberConfiguration": {
                "Name": "9bad-",
                "FrameworkConfiguration": {
                    "Fabric": {"AdminUsername": "a_b", "AdminPassword": secret}
                },
            },
            "Tags": {"": "v", "k": "v" * 257, "n": None},
        },
    )
    assert message.startswith("15 validation errors detected: ")
    assert secret not in message
    for field in (
        "clientRequestToken",
        "name",
        "framework",
        "frameworkVersion",
        "frameworkConfiguration.fabric.edition",
        "votingPolicy.approvalThresholdPolicy.thresholdPercentage",
        "votingPolicy.approvalThresholdPolicy.proposalDurationInHours",
        "votingPolicy.approvalThresholdPolicy.thresholdComparator",
        "memberConfiguration.name",
        "memberConfiguration.frameworkConfiguration.fabric.adminUsername",
        "memberConfiguration.frameworkConfiguration.fabric.adminPassword",
        "tags.1.key",
        "tags.2.value",
        "tags.3.value",
    ):
        assert f" at '{field}'" in message


def test_one_fault_is_told_in_the_singular() -> None:
    message = refusal("TagResource", {}, label="arn:aws:managedblockchain:us-east-1::networks/n")
    assert message == (
        "1 validation error detected: Value null at 'tags' failed to satisfy constraint: "
        "Member must not be null"
    )
