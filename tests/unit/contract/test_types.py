"""Arguments and results by their type hints."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal, NewType, NotRequired, TypedDict

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hansa_contract import InvalidValueError, Rule, from_json, to_json
from hansa_contract.types import Components, resolve


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Grade(IntEnum):
    LOW = 1
    HIGH = 2


@dataclass
class Owner:
    name: str
    age: Annotated[int, Rule(minimum=0)] = 0


@dataclass
class Asset:
    id: str
    owner: Owner
    tags: list[str] = field(default_factory=list)
    parent: Asset | None = None
    serial: int = field(default=0, metadata={"name": "serialNumber"})

    def __post_init__(self) -> None:
        if self.id == "forbidden":
            raise ValueError("the id is taken")


class Bid(TypedDict):
    amount: Decimal
    note: NotRequired[str]


class Plain:
    def __init__(self, width: int, height: int = 1) -> None:
        self.width, self.height = width, height


class Person(pydantic.BaseModel):
    name: str = pydantic.Field(min_length=2)
    born: dt.date
    friends: list[Person] = []


AssetId = NewType("AssetId", str)
UTC = dt.UTC

ROUND_TRIPS: list[tuple[object, bytes, object]] = [
    (str, "grün".encode(), "grün"),
    (AssetId, b"a1", "a1"),
    (int, b"-12", -12),
    (int, b"9" * 400, int("9" * 400)),
    (float, b"1.5", 1.5),
    (bool, b"true", True),
    (bytes, b"\xff\x00", b"\xff\x00"),
    (Decimal, b"10.50", Decimal("10.50")),
    (dt.datetime, b"2026-07-31T12:00:00Z", dt.datetime(2026, 7, 31, 12, tzinfo=UTC)),
    (dt.date, b"2026-07-31", dt.date(2026, 7, 31)),
    (Literal["a", "b"], b"b", "b"),
    (Literal[1, "x"], b"1", 1),
    (Colour, b"red", Colour.RED),
    (Grade, b"2", Grade.HIGH),
    (int | None, b"", None),
    (int | None, b"7", 7),
    (list[int], b"[1,2]", [1, 2]),
    (dict[str, float], b'{"a":0.5}', {"a": 0.5}),
    (dict[Colour, int], b'{"red":1}', {Colour.RED: 1}),
    (tuple[int, str], b'[1,"x"]', (1, "x")),
    (tuple[int, ...], b"[1,2]", (1, 2)),
    (int | str, b"x", "x"),
    (Bid, b'{"amount":"1.10"}', {"amount": Decimal("1.10")}),
    (Owner, b'{"age":3,"name":"Ann"}', Owner("Ann", 3)),
    (
        Person,
        b'{"born":"2000-01-02","friends":[],"name":"Bo"}',
        Person(name="Bo", born=dt.date(2000, 1, 2)),
    ),
    (Any, b'{"a":[1,null]}', {"a": [1, None]}),
]


@pytest.mark.parametrize(("hint", "wire", "value"), ROUND_TRIPS)
def test_a_value_goes_there_and_back(hint: object, wire: bytes, value: object) -> None:
    kind = resolve(hint)
    found = kind.from_wire(wire, "p")
    assert found == value
    assert type(found) is type(value)
    assert kind.to_wire(value, "p") == wire


REFUSED: list[tuple[object, bytes, str]] = [
    (int, b"1.0", 'p must be an integer, not "1.0"'),
    (int, b"1_000", "p must be an integer"),
    (int, b" 1", "p must be an integer"),
    (int, "٣".encode(), "p must be an integer"),
    (int, b"", "p must be an integer"),
    (int, b"9" * 5000, "p must be an integer"),
    (float, b"nan", "p must be a number"),
    (float, b"1e999", "p must be a finite number"),
    (bool, b"1", "p must be true or false"),
    (str, b"\xff", "p must be text in UTF-8"),
    (Decimal, b"NaN", "p must be a decimal number"),
    (dt.datetime, b"2026-07-31T12:00:00", "p must be a time with its offset"),
    (dt.datetime, b"2026-02-31T12:00:00Z", "p must be a time with its offset"),
    (dt.datetime, b"0001-01-01T00:00:00+10:00", "p must be a time with its offset"),
    (dt.date, b"20260731", "p must be a day"),
    (Literal["a", "b"], b"c", 'p must be one of "a", "b", not "c"'),
    (Literal[1], b"true", "p must be one of 1"),
    (Colour, b"green", 'p must be one of "red", "blue"'),
    (int | None, b"x", "p must be an integer"),
    (list[int], b'[1,"2"]', 'p[1] must be an integer, not "2"'),
    (list[int], b"[true]", "p[0] must be an integer, not true"),
    (list[int], b"{}", "p must be an array"),
    (list[int], b"[", "p must be JSON"),
    (list[float], b"[NaN]", "p must be JSON"),
    (list[Any], b"[" * 100_000, "p must be JSON"),
    (dict[str, int], b'{"a":1,"a":2}', "p must not have the same key twice"),
    (dict[str, bytes], b'{"a":"%"}', "p['a'] must be base64"),
    (tuple[int, int], b"[1]", "p must be an array of 2"),
    (int | bool, b"x", "p fits none of its types"),
    (Owner, b'{"name":1}', "p.name must be text, not 1"),
    (Owner, b'{"name":"A","age":-1}', "p.age must be at least 0, not -1"),
    (Owner, b"{}", "p.name is missing"),
    (Owner, b'{"name":"A","x":1}', "p.x is no field; there are: name, age"),
    (Asset, b'{"id":"1","owner":{"name":2}}', "p.owner.name must be text"),
    (Asset, b'{"id":"forbidden","owner":{"name":"A"}}', "p is no valid Asset: the id is taken"),
    (Bid, b'{"amount":1.5}', "p.amount must be a decimal number in quotes"),
    (Person, b'{"name":"A","born":"2000-01-02"}', "p is not valid: p.name"),
    (Annotated[str, Rule(pattern="^[a-z]+$")], b"A", "p must be text that matches ^[a-z]+$"),
    (Annotated[str, Rule(pattern="^[a-z]+$")], b"a\n", "p must be text that matches ^[a-z]+$"),
    (Annotated[str, Rule(pattern=r"^[$]\$$")], b"$$\n", "p must be text that matches"),
    (Any | None, b"\xff", "p must be text in UTF-8"),
    (list[Any], b"[1e400]", "p must be JSON: 1e400 is more than a number can be"),
    (Decimal, b"1e99999", "p must be a decimal number"),
    (Annotated[list[int], Rule(max_length=1)], b"[1,2]", "p must be of length 1 or less"),
    (Annotated[int, pydantic.Field(gt=3)], b"3", "p must be above 3, not 3"),
    (Annotated[int, Rule(below=3, multiple_of=2)], b"1", "p must be a multiple of 2"),
]


@pytest.mark.parametrize(("hint", "wire", "message"), REFUSED)
def test_a_wrong_value_is_refused_by_name_and_rule(hint: object, wire: bytes, message: str) -> None:
    with pytest.raises(InvalidValueError) as refusal:
        resolve(hint).from_wire(wire, "p")
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("hint", "value"),
    [
        (int, "1"),
        (int, True),
        (str, 1),
        (float, float("inf")),
        (str, "\ud800"),
        (dt.datetime, dt.datetime(2026, 1, 1)),  # noqa: DTZ001  no time zone: that is the fault
        (Owner, {"name": "A"}),
        (list[int], {1, 2}),
        (None, 1),
        (Any, {1, 2}),
        (Any, object()),
        (Any, {1: 2}),
        (dict[int, int], {1: 2}),
        (Bid, {"amount": Decimal(1), "other": 1}),
    ],
)
def test_a_wrong_result_is_refused(hint: object, value: object) -> None:
    with pytest.raises(InvalidValueError):
        resolve(hint).to_wire(value, "result")


@pytest.mark.parametrize("hint", [set[int], frozenset, complex, list[set[int]], type, Owner | set])
def test_a_hint_without_a_form_is_refused_at_once(hint: object) -> None:
    with pytest.raises(TypeError):
        resolve(hint, "it")


def test_a_dollar_in_a_pattern_may_be_meant() -> None:
    assert resolve(Annotated[str, Rule(pattern=r"^[$]\$$")]).from_wire(b"$$", "p") == "$$"


def test_a_time_with_an_offset_becomes_utc() -> None:
    found = resolve(dt.datetime).from_wire(b"2026-07-31T12:00:00.5+02:00", "p")
    assert found.isoformat() == "2026-07-31T10:00:00.500000+00:00"


def test_a_type_that_contains_itself() -> None:
    wire = b'{"id":"1","owner":{"name":"A"},"parent":{"id":"2","owner":{"name":"B"}}}'
    asset = resolve(Asset).from_wire(wire, "p")
    assert asset.parent.owner == Owner("B")
    components = Components()
    assert resolve(Asset).schema(components) == {"$ref": "#/components/schemas/Asset"}
    assert set(components.schemas) == {"Asset", "Owner"}
    assert components.schemas["Asset"]["required"] == ["id", "owner"]
    assert "serialNumber" in components.schemas["Asset"]["properties"]


def test_two_types_of_one_name_are_refused() -> None:
    class Owner:
        def __init__(self, x: int) -> None:
            self.x = x

    components = Components()
    resolve(globals()["Owner"]).schema(components)
    with pytest.raises(TypeError, match="two types are named Owner"):
        resolve(Owner).schema(components)


def test_a_plain_class_is_read_by_its_constructor() -> None:
    found = resolve(Plain).from_wire(b'{"width":2}', "p")
    assert (found.width, found.height) == (2, 1)
    assert resolve(Plain).to_wire(found, "p") == b'{"height":1,"width":2}'


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        (int, {"type": "integer"}),
        (int | None, {"type": ["integer", "null"]}),
        (list[bytes], {"type": "array", "items": {"type": "string", "format": "byte"}}),
        (dict[str, bool], {"type": "object", "additionalProperties": {"type": "boolean"}}),
        (Colour, {"type": "string", "enum": ["red", "blue"]}),
        (int | str, {"type": ["integer", "string"]}),
        (
            Annotated[int, Rule(above=0, maximum=9), "how many"],
            {
                "type": "integer",
                "minimum": 0,
                "exclusiveMinimum": True,
                "maximum": 9,
                "description": "how many",
            },
        ),
        (
            Annotated[list[str], Rule(min_length=1)],
            {"type": "array", "items": {"type": "string"}, "minItems": 1},
        ),
    ],
)
def test_schemas(hint: object, schema: dict[str, object]) -> None:
    assert resolve(hint).schema(Components()) == schema


def test_what_is_stored_has_one_form() -> None:
    asset = Asset("1", Owner("Ännchen"), ["b", "a"])
    stored = to_json(asset)
    assert (
        stored
        == (
            '{"id":"1","owner":{"age":0,"name":"Ännchen"},"parent":null,"serialNumber":0,'
            '"tags":["b","a"]}'
        ).encode()
    )
    assert from_json(stored, Asset) == asset
    assert to_json({"b": 1, "a": [Colour.RED, None]}) == b'{"a":["red",null],"b":1}'
    with pytest.raises(InvalidValueError, match="must be JSON"):
        from_json(b"", Asset)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_reads_back_the_same(number: float) -> None:
    kind = resolve(float)
    assert kind.from_wire(kind.to_wire(number, "p"), "p") == number


@given(
    st.binary(max_size=30), st.sampled_from([hint for hint, _, _ in ROUND_TRIPS if hint is not Any])
)
def test_bytes_of_any_kind_are_read_or_refused(data: bytes, hint: object) -> None:
    kind = resolve(hint)
    try:
        value = kind.from_wire(data, "p")
    except InvalidValueError:
        return
    assert kind.from_wire(kind.to_wire(value, "p"), "p") == value
