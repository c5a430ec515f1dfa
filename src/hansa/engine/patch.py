"""Apply a unified diff exactly: every line of context must be where the diff says it is."""

from __future__ import annotations

import re
from pathlib import Path

from hansa.engine.errors import EngineBrokenError

_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def apply_patch(patch: str, directory: Path) -> list[Path]:
    """Change the files that ``patch`` names (``--- a/PATH``), below ``directory``; those files.

    Raises :class:`EngineBrokenError`, and changes nothing, where one line differs.
    """
    changed: dict[Path, str] = {}
    for section in re.split(r"^(?=--- )", patch, flags=re.MULTILINE)[1:]:
        header, target, *body = section.split("\n")
        if not header.startswith("--- a/") or target != f"+++ b/{header[6:]}":
            raise EngineBrokenError(f"not the header of a patched file: {header}")
        file = directory / header[6:]
        changed[file] = _patched(file, body)
    for file, text in changed.items():
        file.write_text(text)
    return list(changed)


def _patched(file: Path, body: list[str]) -> str:
    original = file.read_text().split("\n")
    result: list[str] = []
    position = 0
    for line in body:
        if hunk := _HUNK.match(line):
            start = int(hunk[1]) - (1 if hunk[2] != "0" else 0)
            result += original[position:start]
            position = start
        elif line.startswith("+"):
            result.append(line[1:])
        elif line.startswith((" ", "-")):
            if position >= len(original) or original[position] != line[1:]:
                raise EngineBrokenError(f"the patch does not fit {file.name}: line {position + 1}")
            if line.startswith(" "):
                result.append(line[1:])
            position += 1
    return "\n".join(result + original[position:])
