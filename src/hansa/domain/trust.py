"""The AWS principals in a role's trust policy, one by one."""

from __future__ import annotations

import json
from collections.abc import Callable


def with_principals(document: str, replace: Callable[[str], str]) -> str:
    """The trust policy with every principal of the kind AWS replaced; unchanged if none changes.

    ``document`` has been checked by ``parse_policy``. ``replace`` may raise what it likes.
    """
    policy = json.loads(document)
    statements = policy["Statement"]
    changed = False
    for statement in statements if isinstance(statements, list) else [statements]:
        for element in ("Principal", "NotPrincipal"):
            principal = statement.get(element)
            if not isinstance(principal, dict) or "AWS" not in principal:
                continue
            given = principal["AWS"]
            values = given if isinstance(given, list) else [given]
            found = [replace(value) for value in values]
            changed = changed or found != values
            principal["AWS"] = found if isinstance(given, list) else found[0]
    return json.dumps(policy) if changed else document
