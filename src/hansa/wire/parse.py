"""An operation's input from a request's path, query and body (rest-json).

Protocol: Smithy's ``restJson1``. Unknown members and query keys are ignored, as AWS does; a
``null`` is a member not given.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn

from hansa.domain.errors import SerializationError
from hansa.wire.router import decoded
from hansa.wire.validate import (
    Check,
    Faults,
    compile_input,
    fault,
    field_name,
    refuse_if_any,
)

Dialect = Callable[[str, dict[str, Any], Faults], dict[str, Any]]
"""Turns the body of an operation, by name, into the API's own spelling; adds what is wrong."""


def no_dialect(_operation: str, document: dict[str, Any], _faults: Faults) -> dict[str, Any]:
    """The body as it is."""
    return document


class InputParser:
    """Reads and checks the input of one operation."""

    def __init__(self, operation: Any, dialect: Dialect = no_dialect) -> None:
        self._name: str = operation.name
        self._dialect = dialect
        self._labels: list[tuple[str, str]] = []
        self._query: list[tuple[str, str, Any]] = []
        self._body: list[tuple[str, str]] = []
        for name, member in operation.input_shape.members.items():
            key = member.serialization.get("name", name)
            location = member.serialization.get("location")
            if location == "uri":
                self._labels.append((name, key))
            elif location == "querystring":
                self._query.append((name, key, member))
            elif location is None:
                self._body.append((name, key))
            else:
                raise ValueError(f"{self._name}.{name}: location {location!r} is not supported")
        self._check: Check = compile_input(operation.input_shape)

    def parse(self, labels: dict[str, str], query: str, body: bytes) -> dict[str, Any]:
        """The operation's input, by member name.

        ``labels`` are the decoded parts of the path, ``query`` is still encoded. Raises one
        :class:`InvalidRequestError` with every fault, :class:`SerializationError` where the body
        is no JSON object.
        """
        faults: Faults = []
        given: dict[str, Any] = {name: labels[key] for name, key in self._labels}
        if query and self._query:
            self._read_query(parse_query(query), given, faults)
        if body and self._body:
            document = self._dialect(self._name, read_document(body), faults)
            for name, key in self._body:
                given[name] = document.get(key)
        request: dict[str, Any] = self._check(given, "", faults)
        refuse_if_any(faults)
        return request

    def _read_query(
        self, pairs: list[tuple[str, str]], given: dict[str, Any], faults: Faults
    ) -> None:
        for name, key, shape in self._query:
            values = [value for found, value in pairs if found == key]
            if not values:
                continue
            if shape.type_name == "list":
                given[name] = values
            elif len(values) > 1:
                faults.append(fault(field_name(name), "Member must not be given more than once"))
            else:
                given[name] = converted(shape.type_name, values[0])


def converted(type_name: str, text: str) -> Any:
    """A query's text as the JSON that the check of its type takes; as it is if it is none."""
    if type_name == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if type_name in ("integer", "long") and len(text) <= 20 and text.isascii():
        digits = text.removeprefix("-")
        return int(text) if digits.isdigit() else text
    return text


def parse_query(query: str) -> list[tuple[str, str]]:
    """The decoded pairs of a query string, in its order; a key without ``=`` has no text.

    Raises :class:`InvalidRequestError` for what is not percent-encoded UTF-8.
    """
    pairs = []
    for part in query.split("&"):
        if part:
            key, _, value = part.replace("+", " ").partition("=")
            pairs.append((decoded(key, "The query string"), decoded(value, "The query string")))
    return pairs


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)


def read_document(body: bytes) -> dict[str, Any]:
    """The JSON object that ``body`` is; else raises :class:`SerializationError`."""
    try:
        document = _decoder.decode(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SerializationError("The request body is not UTF-8.") from error
    except RecursionError as error:
        raise SerializationError("The request body is nested too deeply.") from error
    except json.JSONDecodeError as error:
        raise SerializationError(
            f"The request body is not JSON: {error.msg} at line {error.lineno}, "
            f"column {error.colno}."
        ) from error
    except ValueError as error:
        # NaN, Infinity, or a number of thousands of digits.
        raise SerializationError("The request body holds a number that cannot be read.") from error
    if not isinstance(document, dict):
        raise SerializationError("The request body is not a JSON object.")
    return document
