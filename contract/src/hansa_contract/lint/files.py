"""Lints files and folders."""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path

from hansa_contract.lint.checker import Finding, check

NOQA = re.compile(r"#\s*noqa(?P<codes>:\s*[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*)?", re.IGNORECASE)
SKIPPED = re.compile(
    r"^(?:\..*|__pycache__|node_modules|venv|wheels|vendor|build|dist|tests?|docs)$"
)
NOT_CONTRACTS = re.compile(r"^(?:test_.*|.*_test|conftest|setup|noxfile)$")


def lint(source: str, path: str = "<text>") -> list[Finding]:
    """What makes this module give different results on different peers.

    ``# noqa: HC001`` on its line allows a thing; ``# noqa`` allows all of the line.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as fault:
        line = getattr(fault, "lineno", None) or 1
        message = getattr(fault, "msg", None) or str(fault)
        return [Finding(path, line, 1, "HC000", message, line)]
    allowed = _allowed(source)
    return [finding for finding in check(tree, path) if not _is_allowed(finding, allowed)]


def lint_paths(paths: Iterable[Path]) -> list[Finding]:
    """All modules in these files and folders; tests, and what is hidden, are left out of folders.

    Raises :class:`OSError` for a path that cannot be read.
    """
    found: list[Finding] = []
    for path in paths:
        for file in _modules(path):
            try:
                with tokenize.open(file) as opened:
                    found += lint(opened.read(), str(file))
            except (SyntaxError, UnicodeDecodeError) as fault:  # its encoding
                found.append(Finding(str(file), 1, 1, "HC000", str(fault), 1))
    return found


def _modules(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for entry in sorted(path.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            if not SKIPPED.match(entry.name):
                yield from _modules(entry)
        elif entry.suffix == ".py" and not NOT_CONTRACTS.match(entry.stem):
            yield entry


def _allowed(source: str) -> dict[int, frozenset[str]]:
    """By line; an empty set allows everything."""
    allowed: dict[int, frozenset[str]] = {}
    for token in tokenize.generate_tokens(StringIO(source).readline):
        if token.type == tokenize.COMMENT and (match := NOQA.search(token.string)):
            codes = re.findall(r"[A-Z]+[0-9]+", (match["codes"] or "").upper())
            allowed[token.start[0]] = frozenset(codes)
    return allowed


def _is_allowed(finding: Finding, allowed: dict[int, frozenset[str]]) -> bool:
    for line in range(finding.line, finding.end_line + 1):
        codes = allowed.get(line)
        if codes is not None and (not codes or finding.code in codes):
            return True
    return False
