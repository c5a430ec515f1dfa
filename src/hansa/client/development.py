"""The development loop: whenever a contract's source changes, the contract does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError
from botocore.exceptions import ClientError as ApiError
from watchfiles import Change, watch

from hansa.client.chaincode_logs import LogReader
from hansa.client.contract_service import ContractService
from hansa.client.deployments import Deployment
from hansa.client.installation import ClientError
from hansa.client.sources import LEFT_OUT
from hansa.fabric.packages import Package

FAULTS = (ClientError, ApiError, BotoCoreError, OSError)
"""What may go wrong in a turn of the loop, which goes on: a mistake in the source, above all."""

TICK_MILLISECONDS = 200
DEBOUNCE_MILLISECONDS = 400
POLL_SECONDS, POLL_SECONDS_MAX = 0.2, 1.6

_MADE = {"dist", "target", "build", "hansa-libraries"}


class Target(Protocol):
    """What becomes of the source."""

    @property
    def is_deployed(self) -> bool:
        """Whether it has been put in force at least once."""

    def apply(self) -> None:
        """Put the source, as it is now, in force. Raises one of :data:`FAULTS`."""

    def tick(self) -> None:
        """Show what has happened since; called several times a second."""

    def close(self) -> None:
        """End what runs."""


def changes_of(folder: Path) -> Iterable[set[Any]]:
    """The changes below ``folder``, or nothing several times a second; from the first on."""

    def is_source(_change: Change, path: str) -> bool:
        parts = Path(path).relative_to(folder.resolve()).parts
        return not (LEFT_OUT | _MADE).intersection(parts)

    return watch(
        folder.resolve(),
        watch_filter=is_source,
        debounce=DEBOUNCE_MILLISECONDS,
        step=50,
        rust_timeout=TICK_MILLISECONDS,
        yield_on_timeout=True,
    )


def develop(
    changes: Iterable[set[Any]], target: Target, tell: Callable[[Exception], object]
) -> None:
    """Apply the source now and at each change, for as long as there are ``changes``.

    ``tell`` is given what went wrong.
    """
    has_begun = False
    for changed in changes:
        # Only now is the folder watched, so that no change is missed.
        if changed or not has_begun:
            has_begun = True
            try:
                target.apply()
            except FAULTS as fault:
                tell(fault)
        target.tick()


class DeployedTarget:
    """Each change is a package, and the next sequence of the chaincode.

    ``pack`` makes the package; ``show`` is given new lines of each log of ``readers``.
    """

    def __init__(
        self,
        pack: Callable[[], Package],
        deployment: Deployment,
        readers: Sequence[LogReader],
        show: Callable[[LogReader, list[str]], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pack, self._deployment = pack, deployment
        self._readers, self._show, self._clock = readers, show, clock
        self._current = ""
        self._pause, self._due = POLL_SECONDS, 0.0

    @property
    def is_deployed(self) -> bool:
        return bool(self._current)

    def apply(self) -> None:
        package = self._pack()
        if package.package_id == self._current:
            return
        if not self._current:
            self._skip_what_is_old()
        self._deployment.put(package)
        self._current = package.package_id

    def _skip_what_is_old(self) -> None:
        for reader in self._readers:
            try:
                reader.last(0)
            except ApiError:  # it is not deployed yet: all of its log is new
                continue

    def tick(self) -> None:
        if not self._current or self._clock() < self._due:
            return
        is_quiet = True
        for reader in self._readers:
            try:
                lines = reader.more()
            except (ApiError, BotoCoreError):  # a node that restarts; the next turn reads on
                continue
            self._show(reader, lines)
            is_quiet = is_quiet and not lines
        self._pause = min(2 * self._pause, POLL_SECONDS_MAX) if is_quiet else POLL_SECONDS
        self._due = self._clock() + self._pause

    def close(self) -> None:
        """The chaincode stays as it is."""


class ServedTarget:
    """The contract runs here, as a service that is deployed once; each change starts it anew."""

    def __init__(
        self,
        service: ContractService,
        package: Package,
        deployment: Deployment,
        tell: Callable[[Exception], object],
    ) -> None:
        self._service, self._package, self._deployment = service, package, deployment
        self._tell = tell
        self.is_deployed = False

    def apply(self) -> None:
        with self._deployment.progress("Started") as step:
            self._service.restart()
            step.detail = f"process {self._service.pid} at {self._service.address}"
        if not self.is_deployed:
            self._deployment.put(self._package)
            self.is_deployed = True

    def tick(self) -> None:
        code = self._service.take_end()
        if code is not None:
            self._tell(
                ClientError(
                    f"the contract has ended with exit code {code}; what it said is above. It "
                    "starts again once its source changes."
                )
            )

    def close(self) -> None:
        self._service.stop()
