"""The seam between what has to run and where it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from hansa.domain.workload import Observation, Place, Workload


class DriverError(Exception):
    """A workload cannot be run; the text is for a person and says what to do."""


class TemporaryDriverError(DriverError):
    """It may succeed when tried again: the disk is full, the machine is out of processes."""


class PortTakenError(TemporaryDriverError):
    """``port`` is held by a process that is not this workload; ``holder`` describes it."""

    def __init__(self, port: int, holder: str) -> None:
        super().__init__(
            f"cannot listen on port {port}: it is held by {holder}; stop that process, "
            "or set another range of ports"
        )
        self.port = port
        self.holder = holder


class PermanentDriverError(DriverError):
    """Trying again cannot help: a program is missing or does not run on this machine."""


class Driver(Protocol):
    """Runs workloads. Every method may be repeated, in any order, after a crash at any point."""

    def place(self, name: str) -> Place:
        """Where the workload ``name`` is or will be put. Has no effect."""
        ...

    def port_is_free(self, port: int) -> bool:
        """Whether a workload could listen on ``port`` now."""
        ...

    def apply(self, workload: Workload) -> None:
        """Make it run with these values, and keep it running from now on.

        What is to run is durable before it starts. Returns once the process exists, without
        waiting for readiness; does nothing if it runs with equal values; restarts it if they
        differ. Raises :class:`DriverError`.
        """
        ...

    def amend(self, workload: Workload) -> None:
        """Replace the files of a workload that runs, without a restart.

        For what it read at its start and must not find again. Otherwise as :meth:`apply`.
        """
        ...

    def await_ready(self, name: str, timeout_seconds: float) -> Observation:
        """Wait until it is READY or ends, at most ``timeout_seconds``; the last observation."""
        ...

    def observe(self, name: str) -> Observation:
        """What is seen of it now; phase ABSENT where the name is unknown."""
        ...

    def stop(self, name: str) -> None:
        """End the process and keep its data; :meth:`apply` starts it again."""
        ...

    def pause(self, name: str, act: Callable[[], None]) -> None:
        """End the process, ``act``, and start it again as it was, whatever came of ``act``.

        Nothing else starts it meanwhile, but after a crash in between the next service does.
        Returns as :meth:`apply` does. Raises :class:`DriverError`, also where it is not to run,
        and what ``act`` raises.
        """
        ...

    def remove(self, name: str) -> None:
        """End the process and delete all of its data. Does nothing where it is ABSENT."""
        ...

    def names(self) -> Iterable[str]:
        """The workloads that are not ABSENT, running or not."""
        ...

    def log_path(self, name: str) -> str | None:
        """The current log file of the workload, where the driver keeps one."""
        ...
