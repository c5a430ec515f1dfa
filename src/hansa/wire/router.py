"""Which operation a method and path mean, by the service model.

Paths are matched as they were sent, before percent-decoding, so a label may hold an encoded slash.
One trailing slash is allowed. The last label of a path may hold plain slashes if its shape is an
ARN, since not every client encodes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from botocore.model import ServiceModel

from hansa.domain.errors import InvalidRequestError, UnknownOperationError


class MethodNotAllowedError(UnknownOperationError):
    """The path is one of the API's, the method is not one of the path's."""

    status = 405

    def __init__(self, method: str, allowed: list[str]) -> None:
        super().__init__(
            f"No operation of the API uses {method} on this path; "
            f"{', '.join(allowed)} can be used on it."
        )
        self.allowed = allowed


@dataclass
class _Segment:
    """A place in the tree of paths: what may follow, and what a path that ends here means."""

    literals: dict[str, _Segment] = field(default_factory=dict)
    label: _Segment | None = None
    is_greedy: bool = False
    routes: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    """Of each method, the operation and the names of its labels in the order of the path."""


class Router:
    """The paths of one service model."""

    def __init__(self, model: ServiceModel) -> None:
        self._root = _Segment()
        for name in model.operation_names:
            self._add(model.operation_model(name))

    def _add(self, operation: Any) -> None:
        path = operation.http["requestUri"].partition("?")[0]
        place, labels = self._root, []
        for segment in path.strip("/").split("/"):
            if segment.startswith("{"):
                label = segment.strip("{}+")
                labels.append(label)
                place.label = place.label or _Segment()
                place = place.label
                place.is_greedy = segment.endswith("+}") or _is_arn(operation, label)
            else:
                place = place.literals.setdefault(segment, _Segment())
        place.routes[operation.http["method"]] = (operation.name, tuple(labels))

    def route(self, method: str, path: str) -> tuple[str, dict[str, str]]:
        """The operation's name, and its labels decoded, by the names in the model's path.

        Raises :class:`UnknownOperationError` (404), :class:`MethodNotAllowedError` (405), and
        :class:`InvalidRequestError` for a label that is not percent-encoded UTF-8.
        """
        place, values = self._find(path)
        if method not in place.routes:
            raise MethodNotAllowedError(method, sorted(place.routes))
        name, labels = place.routes[method]
        return name, {
            label: _decoded(label, value) for label, value in zip(labels, values, strict=True)
        }

    def _find(self, path: str) -> tuple[_Segment, list[str]]:
        place, values = self._root, []
        segments = path.removeprefix("/").removesuffix("/").split("/")
        for index, segment in enumerate(segments):
            literal = place.literals.get(segment)
            if literal is not None:
                place = literal
                continue
            if place.label is None or segment in ("", ".", ".."):
                raise _unknown()
            place = place.label
            if place.is_greedy:
                values.append("/".join(segments[index:]))
                break
            values.append(segment)
        if not place.routes:
            raise _unknown()
        return place, values


def _is_arn(operation: Any, label: str) -> bool:
    for member in operation.input_shape.members.values():
        if member.serialization.get("name") == label:
            return str(member.metadata.get("pattern", "")).startswith("^arn:")
    return False


def _unknown() -> UnknownOperationError:
    return UnknownOperationError(
        "No operation of the API has this path. Check the path against the API reference, "
        "or call through an AWS SDK."
    )


def _decoded(label: str, value: str) -> str:
    if "%" not in value and value.isascii():
        return value
    return decoded(value, f"The path's {label}")


def decoded(text: str, what: str) -> str:
    """``text`` without percent-encoding; :class:`InvalidRequestError` if that is not UTF-8."""
    rest = text
    while rest:
        _, found, rest = rest.partition("%")
        if found and not (len(rest) >= 2 and all(c in _HEX for c in rest[:2])):
            raise InvalidRequestError(
                f"{what} holds a '%' that is not followed by two hexadecimal digits."
            )
    try:
        return unquote(text.encode("latin-1").decode(), errors="strict")
    except UnicodeDecodeError as fault:
        raise InvalidRequestError(f"{what} is not percent-encoded UTF-8.") from fault


_HEX = frozenset("0123456789abcdefABCDEF")
