from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.operations.consortium import Consortium
from tests.unit.operations.fabric_scene import Scene
from tests.unit.operations.installation import Installation


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def consortium(installation: Installation) -> Consortium:
    return Consortium(installation)


@pytest.fixture
def six(installation: Installation) -> Consortium:
    """The guide's example: six members, more than half of which have to say yes."""
    standard = {"Fabric": {"Edition": "STANDARD"}}
    made = Consortium(installation, FrameworkConfiguration=standard)
    for number in range(5):
        made.join(f"{number + 2}" * 12)
    return made


@pytest.fixture
def scene(installation: Installation) -> Scene:
    return Scene(installation)
