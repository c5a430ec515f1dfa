from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.governance.served import Served


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    limits = {"standard_members_max": 200, "networks_per_account_max": 50}
    made = Served(tmp_path_factory.mktemp("served"), **limits)
    with made.running():
        yield made
