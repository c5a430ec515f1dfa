from __future__ import annotations

from pathlib import Path

import pytest

from hansa.engine.errors import EngineBrokenError
from hansa.engine.patch import apply_patch
from hansa.engine.sources import engine_sources

PATCH = """--- a/lib/one.go
+++ b/lib/one.go
@@ -1,3 +1,4 @@
 first
-second
+second, changed
+added
 third
@@ -5,1 +6,2 @@
 fifth
+last
--- a/two.go
+++ b/two.go
@@ -1,1 +1,1 @@
-old
+new
"""


def write(directory: Path, one: str = "first\nsecond\nthird\nfourth\nfifth\n") -> None:
    (directory / "lib").mkdir()
    (directory / "lib/one.go").write_text(one)
    (directory / "two.go").write_text("old\n")


def test_it_changes_what_it_names(tmp_path: Path) -> None:
    write(tmp_path)
    assert apply_patch(PATCH, tmp_path) == [tmp_path / "lib/one.go", tmp_path / "two.go"]
    changed = (tmp_path / "lib/one.go").read_text()
    assert changed == "first\nsecond, changed\nadded\nthird\nfourth\nfifth\nlast\n"
    assert (tmp_path / "two.go").read_text() == "new\n"


@pytest.mark.parametrize(
    "one", ["first\nother\nthird\nfourth\nfifth\n", "first\n", "zeroth\nfirst\nsecond\nthird\n"]
)
def test_it_changes_nothing_where_one_line_differs(tmp_path: Path, one: str) -> None:
    write(tmp_path, one)
    with pytest.raises(EngineBrokenError, match="does not fit one.go"):
        apply_patch(PATCH, tmp_path)
    assert (tmp_path / "lib/one.go").read_text() == one
    assert (tmp_path / "two.go").read_text() == "old\n"


def test_a_file_with_another_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineBrokenError, match="header"):
        apply_patch("--- a/one.go\n+++ b/two.go\n", tmp_path)


def test_the_change_to_fabric_ca_is_small() -> None:
    patch = (engine_sources() / "fabric-ca" / "hf-admin.patch").read_text()
    lines = [
        line
        for line in patch.splitlines()
        if line.startswith(("+", "-")) and not line.startswith(("+++", "---"))
    ]
    assert len(lines) <= 20
