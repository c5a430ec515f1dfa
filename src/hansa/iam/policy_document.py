"""Reading a policy document, and saying what is wrong with one.

Grammar: IAM User Guide, "Grammar of the IAM JSON policy language". Where IAM has a sentence of its
own for a fault, the message contains it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

from hansa.iam.policy_conditions import NULL, comparison, values_of
from hansa.iam.policy_principals import EVERYONE, KINDS, principal_fault
from hansa.iam.policy_text import arn_segments, has_variable, variable_fault

VERSIONS = ("2012-10-17", "2008-10-17")
WITH_VARIABLES = "2012-10-17"
CHARACTERS_MAX = 131_072
"""The longest document that IAM's API takes at all; what may be stored is less."""

_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\xff]")
_ACTION = re.compile(r"\*|(\*|[A-Za-z0-9-]+):[A-Za-z0-9*?._-]+")
_VENDOR = re.compile(r"[A-Za-z0-9-]+")
_PARTITION = re.compile(r"aws(-[a-z-]+)?|\*")
_SID = re.compile(r"[0-9A-Za-z]*")
_KEY = re.compile(r"[A-Za-z0-9-]+:[^\s].*", re.DOTALL)
_DOCUMENT_ELEMENTS = ("Version", "Id", "Statement")
_STATEMENT_ELEMENTS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)


class PolicySyntaxError(ValueError):
    """The document is no policy. The message names the element at fault."""


def parse_policy(text: str, *, trust: bool = False) -> dict[str, Any]:
    """The document in ``text``, checked in every part.

    ``trust``: a role's trust policy, which names principals instead of resources.
    Raises :class:`PolicySyntaxError`.
    """
    document = _object(text)
    where = "The policy"
    _known(document, _DOCUMENT_ELEMENTS, where)
    version = document.get("Version", VERSIONS[-1])
    if not isinstance(version, str) or version not in VERSIONS:
        _fault(where, "Version", f"is {_shown(version)}; it must be 2012-10-17 or 2008-10-17")
    if "Id" in document:
        _text(document["Id"], where, "Id")
    if "Statement" not in document:
        raise PolicySyntaxError("Syntax errors in policy: the policy has no Statement.")
    statements = document["Statement"]
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        _fault(where, "Statement", "must be an object or a list of at least one")
    for number, statement in enumerate(statements, 1):
        _check_statement(statement, number, trust=trust, variables=version == WITH_VARIABLES)
    _check_sids(statements)
    return document


def statements_of(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The statements of a document that ``parse_policy`` has passed."""
    statements = document["Statement"]
    return statements if isinstance(statements, list) else [statements]


def has_variables(document: Mapping[str, Any]) -> bool:
    """Whether the document's version has policy variables."""
    return document.get("Version") == WITH_VARIABLES


def strings(value: Any) -> list[str]:
    """The values of an element: one or a list of several."""
    return value if isinstance(value, list) else [value]


def _object(text: str) -> dict[str, Any]:
    if len(text) > CHARACTERS_MAX:
        raise PolicySyntaxError(
            f"The policy has {len(text)} characters; no policy may have more than {CHARACTERS_MAX}."
        )
    unwritable = _UNWRITABLE.search(text)
    if unwritable is not None:
        raise PolicySyntaxError(
            f"The policy has the character U+{ord(unwritable.group()):04X} at position "
            f"{unwritable.start()}; write characters beyond U+00FF as \\uXXXX."
        )
    try:
        document = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except PolicySyntaxError:
        raise
    except (ValueError, RecursionError) as error:
        raise PolicySyntaxError(
            f"Syntax errors in policy: it is not valid JSON: {error}."
        ) from None
    if not isinstance(document, dict):
        raise PolicySyntaxError("Syntax errors in policy: it must be a JSON object.")
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise PolicySyntaxError(
                f"Syntax errors in policy: {_shown(key)} stands twice in one object."
            )
        found[key] = value
    return found


def _no_constant(constant: str) -> NoReturn:
    raise PolicySyntaxError(f"Syntax errors in policy: JSON has no {constant}.")


def _check_statement(statement: Any, number: int, *, trust: bool, variables: bool) -> None:
    where = f"Statement {number}"
    if not isinstance(statement, dict):
        raise PolicySyntaxError(f"Syntax errors in policy: {where} must be an object.")
    sid = statement.get("Sid", "")
    if not isinstance(sid, str) or _SID.fullmatch(sid) is None:
        message = "must be alpha-numeric: Statement IDs (SID) consist of [0-9A-Za-z]*"
        _fault(where, "Sid", message)
    where += f" ({sid})" if sid else ""
    _known(statement, _STATEMENT_ELEMENTS, where)
    if "Effect" not in statement:
        raise PolicySyntaxError(f"{where}: Missing required field Effect.")
    effect = statement["Effect"]
    if not isinstance(effect, str) or effect not in {"Allow", "Deny"}:
        _fault(where, "Effect", f"is {_shown(effect)}; it must be Allow or Deny")
    _check_actions(statement, where, trust=trust)
    if trust:
        _check_trust(statement, where)
    else:
        _check_resources(statement, where, variables=variables)
    if "Condition" in statement:
        _check_condition(statement["Condition"], where, variables=variables)


def _check_actions(statement: Mapping[str, Any], where: str, *, trust: bool) -> None:
    element = _one_of(
        statement, "Action", "NotAction", where, "Policy statement must contain actions"
    )
    for action in _texts(statement[element], where, element):
        match = _ACTION.fullmatch(action)
        if match is None:
            vendor = action.partition(":")[0] if ":" in action else None
            why = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
            if vendor is not None:
                why = f"Vendor {vendor} or the action's name is not valid."
            _fault(where, element, f"{_shown(action)}: {why}".rstrip("."))
        if trust and (match.group(1) or "").lower() != "sts":
            message = "AssumeRole policy may only specify STS AssumeRole actions"
            _fault(where, element, f"{_shown(action)}: {message}")


def _check_resources(statement: Mapping[str, Any], where: str, *, variables: bool) -> None:
    for element in ("Principal", "NotPrincipal"):
        if element in statement:
            _fault(where, element, "is not allowed: Policy document should not specify a principal")
    absent = "Policy statement must contain resources"
    element = _one_of(statement, "Resource", "NotResource", where, absent)
    for resource in _texts(statement[element], where, element):
        fault = _resource_fault(resource)
        if fault is None and variables:
            fault = variable_fault(resource)
        if fault is not None:
            _fault(where, element, fault)


def _resource_fault(resource: str) -> str | None:
    if resource == "*":
        return None
    segments = arn_segments(resource)
    if len(segments) < 3 or segments[0] != "arn":
        return f'Resource {resource} must be in ARN format or "*"'
    if _PARTITION.fullmatch(segments[1]) is None:
        return f'Partition "{segments[1]}" is not valid for resource "{resource}"'
    if _VENDOR.fullmatch(segments[2]) is None:
        return (
            "Resource vendor must be fully qualified and cannot contain regexes: "
            f"{_shown(segments[2])} in {resource}"
        )
    return None


def _check_trust(statement: Mapping[str, Any], where: str) -> None:
    for element in ("Resource", "NotResource"):
        if element in statement:
            _fault(where, element, f"is not allowed: Has prohibited field {element}")
    absent = "Missing required field Principal"
    element = _one_of(statement, "Principal", "NotPrincipal", where, absent)
    principal = statement[element]
    if principal == EVERYONE:
        return
    if not isinstance(principal, dict) or not principal:
        _fault(where, element, 'must be "*" or an object such as {"AWS": "111122223333"}')
    for kind, values in principal.items():
        if kind not in KINDS:
            _fault(where, element, f"has {_shown(kind)}; known are {', '.join(KINDS)}")
        for value in _texts(values, where, f"{element} {kind}"):
            fault = principal_fault(kind, value)
            if fault is not None:
                shown = f'Invalid principal in policy: "{kind}":"{value}"'
                _fault(where, element, f"{shown} {fault}")


def _check_condition(condition: Any, where: str, *, variables: bool) -> None:
    if not isinstance(condition, dict):
        _fault(where, "Condition", "must be an object of operators")
    for name, keys in condition.items():
        if comparison(name) is None:
            _fault(where, "Condition", f"Invalid Condition type : {name}")
        if not isinstance(keys, dict):
            _fault(where, f"Condition {name}", "must be an object of condition keys")
        for key, values in keys.items():
            place = f"Condition {name} {key}"
            if _KEY.fullmatch(key) is None:
                message = "Actions/Conditions must be prefaced by a vendor, such as aws:TagKeys"
                _fault(where, place, message)
            _check_values(name, values, where, place, variables=variables)


def _check_values(name: str, values: Any, where: str, place: str, *, variables: bool) -> None:
    for value in values if isinstance(values, list) else [values]:
        if not isinstance(value, str | bool | int | float):
            _fault(where, place, "must be a text or a list of texts")
    found = comparison(name)
    if found is None:
        return
    for text in values_of(values):
        if found.operator.has_variables and variables and has_variable(text):
            fault = variable_fault(text)
            if fault is not None:
                _fault(where, place, fault)
        if not found.operator.well_formed(text):
            kind = NULL if name == NULL else name
            _fault(where, place, f"is {_shown(text)}; {kind} compares {found.operator.form}")


def _check_sids(statements: list[Any]) -> None:
    seen: set[str] = set()
    for sid in (statement.get("Sid", "") for statement in statements):
        if sid and sid in seen:
            raise PolicySyntaxError(
                f"Statement IDs (SID) in a single policy must be unique; {_shown(sid)} is not."
            )
        seen.add(sid)


def _one_of(statement: Mapping[str, Any], element: str, opposite: str, where: str, no: str) -> str:
    present = [name for name in (element, opposite) if name in statement]
    if not present:
        raise PolicySyntaxError(f"{where}: {no} ({element} or {opposite}).")
    if len(present) == 2:
        _fault(where, element, f"and {opposite} exclude each other; keep one of them")
    return present[0]


def _known(found: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for element in found:
        if element not in known:
            _fault(where, _shown(element), f"is no element here; known are {', '.join(known)}")


def _texts(value: Any, where: str, element: str) -> Iterator[str]:
    if isinstance(value, list):
        if not value:
            _fault(where, element, "is an empty list; name at least one")
        for one in value:
            yield _text(one, where, element)
    else:
        yield _text(value, where, element)


def _text(value: Any, where: str, element: str) -> str:
    if not isinstance(value, str):
        _fault(where, element, f"must be a text or a list of texts, not {_shown(value)}")
    return value


def _fault(where: str, element: str, why: str) -> NoReturn:
    raise PolicySyntaxError(f"{where}: {element} {why}.")


def _shown(value: Any) -> str:
    """A value as JSON, cut to what a message can hold."""
    dump: Callable[[Any], str] = json.dumps
    text = dump(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
