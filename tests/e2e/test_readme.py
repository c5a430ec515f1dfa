"""The README's tour and other walks, block by block, as a reader types them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.e2e.installation import HANSA, Installation

pytestmark = [pytest.mark.fabric, pytest.mark.clients, pytest.mark.slow]

README = Path(__file__).parents[2] / "README.md"


GOVERNANCE = README.parent / "docs" / "governance.md"
FABRIC_API = README.parent / "docs" / "fabric-api.md"


def _blocks(page: Path, part: str) -> str:
    """The blocks of a part of the page in one script, which stops at the first failing command."""
    text = page.read_text()
    shown = text[text.index(f"<!-- {part}: begin -->") : text.index(f"<!-- {part}: end -->")]
    blocks = re.findall(r"```bash\n(.*?)```", shown, re.DOTALL)
    assert len(blocks) >= 3
    return "\n".join(blocks).replace(".venv/bin/hansa", str(HANSA))


def test_the_tour(fresh: Installation) -> None:
    fresh.hansa("demo")
    examples = f"export HANSA_EXAMPLES={README.parent / 'examples'}\n"
    told = fresh.shell(examples + _blocks(FABRIC_API, "channels"))
    assert "trade\tV2_0\t" in told
    assert "DONE\tPut sequence 1 in force" in told
    output = fresh.shell(_blocks(README, "tour"))
    assert "hansa-demo\tAVAILABLE" in output
    assert "Version: 1.0, Sequence: 1" in output
    networks = fresh.shell("aws managedblockchain list-networks --query 'Networks[].Name'")
    assert "tour" not in networks


def test_two_companies(service: Installation) -> None:
    output = service.shell(_blocks(GOVERNANCE, "companies"))
    assert '"APPROVED"\n' in output
    assert "buyer\tAVAILABLE\tFalse\nseller\tAVAILABLE\tTrue\n" in output
    assert "REJECTED\t1\t1\n" in output
