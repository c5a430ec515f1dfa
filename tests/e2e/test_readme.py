"""The README's tour, block by block, as a reader types it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.e2e.installation import HANSA, Installation

pytestmark = [pytest.mark.fabric, pytest.mark.clients, pytest.mark.slow]

README = Path(__file__).parents[2] / "README.md"


def _tour() -> str:
    """The tour's blocks in one script, which stops at the first command that fails."""
    text = README.read_text()
    tour = text[text.index("<!-- tour: begin -->") : text.index("<!-- tour: end -->")]
    blocks = re.findall(r"```bash\n(.*?)```", tour, re.DOTALL)
    assert len(blocks) == 3
    return "\n".join(blocks).replace(".venv/bin/hansa", str(HANSA))


def test_the_tour(fresh: Installation) -> None:
    fresh.hansa("demo")
    output = fresh.shell(_tour())
    assert "hansa-demo\tAVAILABLE" in output
    assert "Version: 1.0, Sequence: 1" in output
    networks = fresh.shell("aws managedblockchain list-networks --query 'Networks[].Name'")
    assert "tour" not in networks
