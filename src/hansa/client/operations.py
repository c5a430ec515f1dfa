"""Watching what the API does on a member's behalf: an operation, step by step."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hansa.client.installation import ClientError
from hansa.client.progress import Progress, Step
from hansa.domain.operation import FINAL, OperationStatus, StepStatus

_POLL_SECONDS = 0.1


def _pause() -> None:
    time.sleep(_POLL_SECONDS)


@dataclass(frozen=True)
class Watch:
    """``fabric`` is a client of hansafabric; ``pause`` passes the time between two looks."""

    fabric: Any
    progress: Progress
    pause: Callable[[], None] = _pause

    def follow(self, operation_id: str) -> dict[str, Any]:
        """Show each step while it is done; the operation, once it has succeeded.

        Raises :class:`ClientError` with the reason where it has failed or was cancelled.
        """
        operation = self._look(operation_id)
        shown = 0
        while True:
            if shown < len(operation["Steps"]) and _has_begun(operation, shown):
                operation = self._show(operation, shown)
                shown += 1
            elif operation["Status"] in FINAL:
                break
            else:
                self.pause()
                operation = self._look(operation_id)
        _require_success(operation)
        return operation

    def _look(self, operation_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.fabric.get_operation(OperationId=operation_id)["Operation"]
        return found

    def _show(self, operation: dict[str, Any], index: int) -> dict[str, Any]:
        """One line of the list, until its step has ended."""
        with self.progress(operation["Steps"][index]["Name"]) as line:
            while operation["Status"] not in FINAL:
                if operation["Steps"][index]["Status"] == StepStatus.DONE:
                    break
                _tell(line, operation["Steps"][index])
                self.pause()
                operation = self._look(operation["Id"])
            step = operation["Steps"][index]
            if step["Status"] != StepStatus.DONE:
                _require_success(operation)
            line.detail = step.get("Detail", "")
        return operation


def _has_begun(operation: dict[str, Any], index: int) -> bool:
    """Whether a step is worth a line: those after the end of an operation never are."""
    pending = operation["Steps"][index]["Status"] == StepStatus.PENDING
    return not (pending and operation["Status"] in FINAL)


def _tell(line: Step, step: dict[str, Any]) -> None:
    if step.get("Detail"):
        line.tell(None, step["Detail"])


def _require_success(operation: dict[str, Any]) -> None:
    """Raises :class:`ClientError` unless the operation has succeeded."""
    if operation["Status"] == OperationStatus.SUCCEEDED:
        return
    what = f"{operation['Action']} of {operation['Subject']} (operation {operation['Id']})"
    reason = operation.get("StatusReason") or "no reason was given"
    if operation["Status"] == OperationStatus.CANCELLED:
        raise ClientError(f"{what} was cancelled. The same command goes on from there.")
    raise ClientError(
        f"{what} has failed: {reason.rstrip('.')}.\n"
        "Mend that and give the same command again: what is done stays done."
    )
