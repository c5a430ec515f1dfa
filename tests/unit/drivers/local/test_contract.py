"""The local driver keeps the contract, with real processes."""

from __future__ import annotations

from tests.unit.drivers.contract import DriverContract


class TestLocalDriver(DriverContract):
    """See :class:`DriverContract`."""
