from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.delivery.post import Post
from tests.unit.operations.installation import Installation


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    made = Post(Installation(tmp_path))
    yield made
    made.installation.store.close()
