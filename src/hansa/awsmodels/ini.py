"""Edits AWS's configuration files and keeps every other byte: comments, order, line ends.

Only what such an edit needs: sections, plain keys, and keys whose indented lines below them belong
to their value (``s3 =`` followed by ``    addressing_style = path``).
"""

from __future__ import annotations

import re

_HEADER = re.compile(r"^\[(?P<name>[^\]]*)\]")
_KEY = re.compile(r"^(?P<key>[^\s#;\[=:][^=:]*?)\s*[=:]\s*(?P<value>.*?)\s*$")


def _normal(name: str) -> str:
    """A section's name without quotes and doubled spaces: ``profile "a"`` is ``profile a``."""
    return " ".join(name.replace('"', " ").replace("'", " ").split())


class IniText:
    """One file's text under edit; :meth:`text` gives it back."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines(keepends=True)
        self._newline = "\r\n" if "\r\n" in text else "\n"

    def text(self) -> str:
        return "".join(self._lines)

    def sections(self) -> list[str]:
        """The names of the sections, in order, without quotes."""
        found = (_HEADER.match(line) for line in self._lines)
        return [_normal(match["name"]) for match in found if match]

    def get(self, section: str, key: str) -> str | None:
        """The value on the key's own line, ``""`` for one with lines below; ``None`` if absent."""
        place = self._find(section, key)
        if place is None:
            return None
        match = _KEY.match(self._lines[place[0]])
        return match["value"] if match else None

    def keys(self, section: str) -> list[str]:
        """The keys of ``section``, in lower case as AWS's own tools compare them."""
        bounds = self._bounds(section)
        if bounds is None:
            return []
        found = (_KEY.match(self._lines[index]) for index in range(bounds[0] + 1, bounds[1]))
        return [match["key"].lower() for match in found if match]

    def set(self, section: str, key: str, value: str, *nested: str) -> None:
        """Give ``key`` its ``value``; ``nested`` are lines that belong to it, without indent."""
        first = f"{key} = {value}".rstrip() + self._newline
        lines = [first, *(f"    {line}{self._newline}" for line in nested)]
        place = self._find(section, key)
        if place is not None:
            self._lines[place[0] : place[1]] = lines
            return
        end = self._section_end(section)
        if end and not self._lines[end - 1].endswith("\n"):
            self._lines[end - 1] += self._newline
        self._lines[end:end] = lines

    def delete(self, section: str, key: str) -> None:
        """Remove ``key`` and the lines that belong to it, if it is there."""
        place = self._find(section, key)
        if place is not None:
            del self._lines[place[0] : place[1]]

    def _bounds(self, section: str) -> tuple[int, int] | None:
        """The lines of ``section``, from its header to before the next."""
        headers = [index for index, line in enumerate(self._lines) if _HEADER.match(line)]
        for position, index in enumerate(headers):
            match = _HEADER.match(self._lines[index])
            if match and _normal(match["name"]) == _normal(section):
                following = headers[position + 1 : position + 2]
                return index, following[0] if following else len(self._lines)
        return None

    def _section_end(self, section: str) -> int:
        """Where a new key goes: after the last line of ``section`` with something on it."""
        bounds = self._bounds(section)
        if bounds is None:
            if self._lines and not self._lines[-1].endswith("\n"):
                self._lines[-1] += self._newline
            if self._lines and self._lines[-1].strip():
                self._lines.append(self._newline)
            self._lines.append(f"[{section}]{self._newline}")
            return len(self._lines)
        end = bounds[1]
        while end > bounds[0] + 1 and not self._lines[end - 1].strip():
            end -= 1
        return end

    def _find(self, section: str, key: str) -> tuple[int, int] | None:
        """The line of ``key`` and the end of the indented lines below it."""
        bounds = self._bounds(section)
        if bounds is None:
            return None
        for index in range(bounds[0] + 1, bounds[1]):
            match = _KEY.match(self._lines[index])
            if match and match["key"].lower() == key.lower():
                end = index + 1
                while end < bounds[1] and self._lines[end][:1] in " \t\r\n":
                    end += 1
                while not self._lines[end - 1].strip():  # empty lines below the value stay
                    end -= 1
                return index, end
        return None
