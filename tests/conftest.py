"""What holds for all tests."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

# A traceback in colours with every variable takes seconds on a busy machine.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(),
    ]
)

# How long an example takes says more of what else the machine does.
settings.register_profile("hansa", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("hansa")

# A shell has what it starts in the background ignore Ctrl-C, and so would what tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

INTERRUPTED_SECONDS_MAX = 120
_workers: list[Any] = []


@pytest.hookimpl(optionalhook=True)
def pytest_testnodeready(node: Any) -> None:
    """Remember each of xdist's workers."""
    _workers.append(node)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """After Ctrl-C, let the workers stop what they have started: xdist gives them five seconds."""
    if _workers and exitstatus == pytest.ExitCode.INTERRUPTED:
        sys.stderr.write("\nStopping what the tests have started …\n")
        deadline = time.monotonic() + INTERRUPTED_SECONDS_MAX
        for worker in _workers:
            channel = worker.channel
            with contextlib.suppress(channel.TimeoutError, channel.RemoteError, EOFError):
                channel.waitclose(max(deadline - time.monotonic(), 0))
