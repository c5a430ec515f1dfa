"""The README's tour, block by block, as a reader types it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .conftest import HANSA, User

pytestmark = [pytest.mark.fabric, pytest.mark.clients]

README = Path(__file__).parents[2] / "README.md"


def _tour() -> str:
    """The tour's blocks in one script, which stops at the first command that fails."""
    text = README.read_text()
    tour = text[text.index("<!-- tour: begin -->") : text.index("<!-- tour: end -->")]
    blocks = re.findall(r"```bash\n(.*?)```", tour, re.DOTALL)
    assert len(blocks) == 3
    return "\n".join(blocks).replace(".venv/bin/hansa", HANSA)


def test_the_tour(user: User) -> None:
    user.hansa("demo")
    output = user.shell(_tour())
    assert "hansa-demo\tAVAILABLE" in output
    assert "Version: 1.0, Sequence: 1" in output
    networks = user.shell("aws managedblockchain list-networks --query 'Networks[].Name'")
    assert "tour" not in networks
