"""What can be wrong with the engine; each text says what to do."""

from __future__ import annotations


class EngineError(Exception):
    """The engine cannot be used or made; the text is for a person."""


class EngineMissingError(EngineError):
    """There is no engine yet."""


class EngineBrokenError(EngineError):
    """There is one, but it is incomplete or does not run."""
