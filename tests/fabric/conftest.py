from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.fabric.running import RunningService


@pytest.fixture
def make_service(tmp_path: Path) -> Iterator[Callable[..., RunningService]]:
    """Makes services, not yet started; all of theirs ends with the test."""
    made: list[RunningService] = []

    def make(name: str = "data", **settings: str) -> RunningService:
        service = RunningService(tmp_path / name, settings)
        made.append(service)
        return service

    yield make
    for service in made:
        service.close()


@pytest.fixture
def service(make_service: Callable[..., RunningService]) -> RunningService:
    """A service that listens."""
    return make_service().start()
