"""The statuses a resource passes through, and the edges between them.

Status names: ``NetworkStatus``, ``MemberStatus``, ``NodeStatus`` and ``AccessorStatus`` of the
service model. A status changes only along an edge of this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of resource that have a lifecycle of their own."""

    NETWORK = "network"
    MEMBER = "member"
    NODE = "node"


class Admission(StrEnum):
    """Where a member stands with its network's consortium; ADMITTING may have taken effect."""

    NONE = "NONE"
    ADMITTING = "ADMITTING"
    ADMITTED = "ADMITTED"


class Status(StrEnum):
    CREATING = "CREATING"
    AVAILABLE = "AVAILABLE"
    CREATE_FAILED = "CREATE_FAILED"
    UPDATING = "UPDATING"
    UNHEALTHY = "UNHEALTHY"
    FAILED = "FAILED"
    DELETING = "DELETING"
    DELETED = "DELETED"


_S = Status

EDGES: Mapping[Kind, Mapping[Status, frozenset[Status]]] = {
    Kind.NETWORK: {
        _S.CREATING: frozenset({_S.AVAILABLE, _S.CREATE_FAILED, _S.DELETING}),
        _S.AVAILABLE: frozenset({_S.DELETING}),
        _S.CREATE_FAILED: frozenset({_S.DELETING}),
        _S.DELETING: frozenset({_S.DELETED}),
        _S.DELETED: frozenset(),
    },
    Kind.MEMBER: {
        _S.CREATING: frozenset({_S.AVAILABLE, _S.CREATE_FAILED, _S.DELETING}),
        _S.AVAILABLE: frozenset({_S.UPDATING, _S.DELETING}),
        _S.UPDATING: frozenset({_S.AVAILABLE, _S.DELETING}),
        _S.CREATE_FAILED: frozenset({_S.DELETING}),
        _S.DELETING: frozenset({_S.DELETED}),
        _S.DELETED: frozenset(),
    },
    Kind.NODE: {
        _S.CREATING: frozenset({_S.AVAILABLE, _S.CREATE_FAILED, _S.DELETING}),
        _S.AVAILABLE: frozenset({_S.UPDATING, _S.UNHEALTHY, _S.FAILED, _S.DELETING}),
        _S.UPDATING: frozenset({_S.AVAILABLE, _S.UNHEALTHY, _S.FAILED, _S.DELETING}),
        _S.UNHEALTHY: frozenset({_S.AVAILABLE, _S.FAILED, _S.DELETING}),
        _S.FAILED: frozenset({_S.AVAILABLE, _S.DELETING}),
        _S.CREATE_FAILED: frozenset({_S.DELETING}),
        _S.DELETING: frozenset({_S.DELETED}),
        _S.DELETED: frozenset(),
    },
}


class IllegalEdgeError(ValueError):
    """A program error: a status was to change along an edge that is not in the table."""


def check_edge(kind: Kind, before: Status, after: Status) -> None:
    """Raise :class:`IllegalEdgeError` unless ``kind`` may go from ``before`` to ``after``."""
    if after not in EDGES[kind].get(before, frozenset()):
        raise IllegalEdgeError(f"a {kind} cannot go from {before} to {after}")
