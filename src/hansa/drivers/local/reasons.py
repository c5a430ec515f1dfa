"""Why a process ended, in words for a person."""

from __future__ import annotations

import signal

from hansa.domain.workload import Workload

_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def title(workload: Workload) -> str:
    return f"{workload.program} of {workload.resource_id}"


def describe_end(
    workload: Workload, code: int | None, times: int, line: str, *, out_of_memory: bool
) -> str:
    """One sentence: what ended, how, how often in a row, and what its log says.

    ``code`` is the exit code, negative for a signal, None where it is not known.
    """
    parts = [f"{title(workload)} ended{_how(code)}{_often(times)}"]
    if out_of_memory:
        parts.append(f"because it used up its {workload.limits.memory_mib} MiB of memory")
    text = " ".join(parts)
    return f"{text}: {line}" if line else text


def _how(code: int | None) -> str:
    if code is None:
        return ""
    if code >= 0:
        return f" with exit code {code}"
    try:
        return f" by {signal.Signals(-code).name}"
    except ValueError:
        return f" by signal {-code}"


def _often(times: int) -> str:
    if times < 2:
        return ""
    number = _NUMBERS[times - 2] if times - 2 < len(_NUMBERS) else str(times)
    return f" {number} times in a row"
