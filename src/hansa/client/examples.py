"""Where the examples are: beside the package where it was installed, else in the checkout."""

from __future__ import annotations

from pathlib import Path

import hansa


def examples_directory() -> Path:
    """The folder ``examples``."""
    package = Path(hansa.__file__).parent
    installed = package / "examples"
    return installed if installed.exists() else package.parents[1] / "examples"


def prepare_go_example(gopath: Path, examples: Path) -> None:
    """Make ``github.com/chaincode_example02/go`` importable from ``gopath``."""
    target = gopath / "src" / "github.com" / "chaincode_example02"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(examples / "chaincode_example02")
