from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from hansa.engine import EngineBrokenError, sources
from hansa.engine.programs import FABRIC_CA_VERSION, FABRIC_COMMIT


def test_the_versions_that_are_told_are_the_pinned_ones() -> None:
    fabric = (sources.engine_sources() / "fabric/go.mod").read_text()
    ca = (sources.engine_sources() / "fabric-ca/go.mod").read_text()
    assert re.search(rf"hyperledger/fabric v\S+-{FABRIC_COMMIT}", fabric)
    assert f"hyperledger/fabric-ca v{FABRIC_CA_VERSION}" in ca


def test_no_lock_names_a_registry() -> None:
    lock = (sources.engine_sources() / "chaincode-node/package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert "integrity" in lock


def test_a_change_of_a_source_changes_its_part_and_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(sources.engine_sources(), tmp_path / "engine")
    monkeypatch.setattr(sources, "engine_sources", lambda: tmp_path / "engine")
    before = {part: sources.part_digest(part) for part in sources.PARTS}
    whole = sources.engine_digest()
    assert whole == sources.engine_digest()
    patch = tmp_path / "engine/fabric-ca/hf-admin.patch"
    patch.write_text(patch.read_text() + " ")
    after = {part: sources.part_digest(part) for part in sources.PARTS}
    assert [part for part in sources.PARTS if before[part] != after[part]] == ["fabric-ca"]
    assert sources.engine_digest() != whole


def test_the_sources_of_an_installed_package_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "a/b/c/engine"
    monkeypatch.setattr(sources, "PACKAGE", package)
    with pytest.raises(EngineBrokenError, match="reinstall Hansa"):
        sources.engine_sources()
    (package / "source/fabric").mkdir(parents=True)
    (package / "source/fabric/go.mod").touch()
    assert sources.engine_sources() == package / "source"


def test_the_cache_is_where_it_is_asked_for() -> None:
    assert sources.cache_root({"HANSA_CACHE_DIR": "/somewhere"}) == Path("/somewhere")
    assert sources.cache_root({}).name == "hansa"
