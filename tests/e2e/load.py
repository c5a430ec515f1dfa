"""Transactions one after the other, for as long as a test breaks things under them."""

from __future__ import annotations

import subprocess
import threading
from types import TracebackType
from typing import Self

from tests.e2e.installation import until
from tests.e2e.network import Network

CHANNEL = "mychannel"
CHAINCODE = "mycc"
AMOUNT = 10


class Load:
    """Moves ``AMOUNT`` from ``a`` to ``b`` again and again; a failure is kept, and the next tried.

    ``committed`` counts the transactions that a peer has told to be committed.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.committed = 0
        self.last_fault = ""

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                done = self._network.invoke(CHANNEL, CHAINCODE, "invoke", "a", "b", str(AMOUNT))
            except subprocess.TimeoutExpired as fault:
                self.last_fault = str(fault)
                continue
            if done.returncode == 0:
                self.committed += 1
            else:
                self.last_fault = done.stderr
                self._ended.wait(0.1)

    def commits_more(self, count: int = 3) -> None:
        """Return once ``count`` more have been committed."""
        wanted = self.committed + count
        until(
            lambda: self._enough(wanted), f"{count} more transactions are committed", seconds_max=90
        )

    def _enough(self, wanted: int) -> bool:
        assert self._thread.is_alive()
        assert self.committed >= wanted, f"{self.committed} of {wanted}: {self.last_fault}"
        return True

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Return once the last transaction has ended; may be called again."""
        self._ended.set()
        self._thread.join()
