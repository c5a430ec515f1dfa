"""An operation's input from the parameters of a form (AWS Query).

Protocol: Smithy's ``awsQuery``: ``Tags.member.1.Key=a`` is the first element of a list of
structures. Unknown parameters are ignored, as AWS does.
"""

from __future__ import annotations

from typing import Any

from hansa.domain.iam_errors import InvalidInputError
from hansa.wire.parse import converted, parse_query
from hansa.wire.validate import Check, Faults, compile_input, refuse_if_any

Form = dict[str, str]
_ELEMENTS_MAX = 1000
# A key longer than any that a model can spell.
_KEY_LENGTH_MAX = 512


def read_form(query: str, body: bytes) -> Form:
    """The parameters of the query string and of the body, which wins.

    Raises :class:`~hansa.domain.errors.InvalidRequestError` for what is not percent-encoded UTF-8.
    """
    pairs = [*parse_query(query), *parse_query(body.decode("latin-1").strip())]
    form: Form = {}
    for key, value in pairs:
        if len(key) > _KEY_LENGTH_MAX:
            raise InvalidInputError("The name of a parameter is longer than any that there is.")
        form[key] = value
    return form


class FormParser:
    """Reads and checks the input of one operation."""

    def __init__(self, operation: Any) -> None:
        self._shape = operation.input_shape
        self._check: Check | None = compile_input(self._shape) if self._shape else None

    def parse(self, form: Form) -> dict[str, Any]:
        """The input, by member name. Raises one ``InvalidRequestError`` with every fault."""
        if self._check is None:
            return {}
        faults: Faults = []
        given = {
            name: _read(member, _name(name, member), form)
            for name, member in self._shape.members.items()
        }
        request: dict[str, Any] = self._check(given, "", faults)
        refuse_if_any(faults)
        return request


def _name(name: str, member: Any) -> str:
    return str(member.serialization.get("name", name))


def _read(shape: Any, prefix: str, form: Form) -> Any:
    """The value at ``prefix`` as the checks take it; ``None`` where nothing is given."""
    if shape.type_name == "structure":
        return _structure(shape, prefix, form)
    if shape.type_name == "list":
        return _list(shape, prefix, form)
    text = form.get(prefix)
    return None if text is None else converted(shape.type_name, text)


def _structure(shape: Any, prefix: str, form: Form) -> Any:
    if not any(key.startswith(f"{prefix}.") for key in form):
        return None
    found = {
        _name(name, member): _read(member, f"{prefix}.{_name(name, member)}", form)
        for name, member in shape.members.items()
    }
    return {name: value for name, value in found.items() if value is not None}


def _list(shape: Any, prefix: str, form: Form) -> Any:
    """Elements are numbered from 1; an empty list is written as the list's name alone."""
    if form.get(prefix) == "":
        return []
    between = _name("member", shape.member)
    start = prefix if shape.serialization.get("flattened") else f"{prefix}.{between}"
    elements = []
    for number in range(1, _ELEMENTS_MAX + 1):
        element = _read(shape.member, f"{start}.{number}", form)
        if element is None:
            break
        elements.append(element)
    return elements or None
