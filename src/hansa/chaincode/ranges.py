"""Whether a version of an npm package is one that a package.json asks for.

The forms that chaincode uses: exact, ``^``, ``~``, ``>=``, ``x`` and ``*``, with ``||`` between.
What is not understood is not satisfied, so that npm decides.
"""

from __future__ import annotations

import re
from itertools import takewhile

_FORM = re.compile(
    r"^(?P<operator>\^|~|>=|=|v)?\s*(?P<major>\d+|[x*])"
    r"(?:\.(?P<minor>\d+|[x*]))?(?:\.(?P<patch>\d+|[x*]))?$"
)
Version = tuple[int, int, int]


def satisfies(version: str, wanted: str) -> bool:
    parsed = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", version)
    if parsed is None:
        return False
    exact = (int(parsed[1]), int(parsed[2]), int(parsed[3]))
    return any(_satisfies(exact, form.strip()) for form in wanted.split("||"))


def asks_for_major(wanted: str, major: int) -> bool:
    """Whether every version that ``wanted`` names has this major number."""
    forms = [_FORM.match(form.strip()) for form in wanted.split("||")]
    return all(form is not None and form["major"] == str(major) for form in forms)


def _satisfies(version: Version, form: str) -> bool:
    if form in ("", "latest"):
        return True
    match = _FORM.match(form)
    if match is None:
        return False
    parts = [part or "x" for part in match.group("major", "minor", "patch")]
    given = [int(part) for part in takewhile(str.isdigit, parts)]
    low = tuple((*given, 0, 0, 0)[:3])
    operator = match["operator"] or ""
    if operator == ">=":
        return version >= low
    return low <= version and version[: _fixed(operator, given)] == low[: _fixed(operator, given)]


def _fixed(operator: str, given: list[int]) -> int:
    """How many numbers of the version must be as given: ``^`` keeps up to the first not zero."""
    if operator == "^":
        return next((place + 1 for place, number in enumerate(given) if number), len(given))
    if operator == "~":
        return min(2, len(given))
    return len(given)
