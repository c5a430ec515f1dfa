from __future__ import annotations

from pathlib import Path

import pytest

from hansa.awsmodels import install
from hansa.awsmodels.install import (
    ForeignFileError,
    install_overlay,
    overlay_directory,
    overlay_status,
    remove_overlay,
    user_models_directory,
)
from hansa.awsmodels.overlay import EXTRAS_FILE, WAITERS_FILE


def _tree(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def test_leaves_no_trace(tmp_path: Path) -> None:
    models = user_models_directory(tmp_path)
    assert overlay_status(models).state == "absent"
    assert install_overlay(models).state == "installed"
    assert overlay_directory(models) == tmp_path / ".aws/models/managedblockchain/2018-09-24"
    for path in overlay_directory(models).iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
    assert remove_overlay(models)
    assert list(tmp_path.iterdir()) == []
    assert not remove_overlay(models)


def test_keeps_the_users_other_models(tmp_path: Path) -> None:
    other = tmp_path / "managedblockchain/2018-09-24/service-2.json"
    sibling = tmp_path / "mine/2020-01-01/service-2.json"
    for path in (other, sibling):
        path.parent.mkdir(parents=True)
        path.write_text("{}")
    before = _tree(tmp_path)
    install_overlay(tmp_path)
    install_overlay(tmp_path)
    remove_overlay(tmp_path)
    assert _tree(tmp_path) == before


def test_refuses_a_foreign_file_and_restores_it(tmp_path: Path) -> None:
    foreign = overlay_directory(tmp_path) / WAITERS_FILE
    foreign.parent.mkdir(parents=True)
    foreign.write_text("theirs")
    before = _tree(tmp_path)
    assert overlay_status(tmp_path).foreign == (foreign,)
    with pytest.raises(ForeignFileError, match=r"waiters-2\.json .*--force"):
        install_overlay(tmp_path)
    assert _tree(tmp_path) == before
    assert install_overlay(tmp_path, force=True).state == "installed"
    assert foreign.with_name("waiters-2.json.before-hansa").read_text() == "theirs"
    install_overlay(tmp_path, force=True)
    remove_overlay(tmp_path)
    assert _tree(tmp_path) == before


def test_tells_of_an_edited_file(tmp_path: Path) -> None:
    install_overlay(tmp_path)
    edited = overlay_directory(tmp_path) / EXTRAS_FILE
    edited.write_text("edited")
    assert overlay_status(tmp_path).state == "changed"
    with pytest.raises(ForeignFileError, match="changed after"):
        remove_overlay(tmp_path)
    with pytest.raises(ForeignFileError, match="not written by Hansa"):
        install_overlay(tmp_path)
    assert edited.read_text() == "edited"
    assert remove_overlay(tmp_path, force=True)
    assert not edited.exists()


def test_repairs_a_missing_file(tmp_path: Path) -> None:
    install_overlay(tmp_path)
    (overlay_directory(tmp_path) / WAITERS_FILE).unlink()
    assert overlay_status(tmp_path).state == "changed"
    assert install_overlay(tmp_path).state == "installed"


def test_replaces_what_an_older_version_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(install, "files", lambda: {EXTRAS_FILE: b"{}\n", WAITERS_FILE: b"{}\n"})
        install_overlay(tmp_path)
    assert overlay_status(tmp_path).state == "outdated"
    assert install_overlay(tmp_path).state == "installed"


def test_a_damaged_marker_is_named(tmp_path: Path) -> None:
    install_overlay(tmp_path)
    (overlay_directory(tmp_path) / install.MARKER).write_text("{")
    with pytest.raises(ForeignFileError, match=r"\.hansa-overlay\.json"):
        remove_overlay(tmp_path)
