from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.drivers.local.bench import LocalBench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[LocalBench]:
    made = LocalBench(tmp_path)
    yield made
    made.end()
