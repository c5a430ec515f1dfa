"""The development loop: what it takes for a change, and what it does with one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import pytest
from botocore.exceptions import ClientError as ApiError

from hansa.client.chaincode_logs import LogReader
from hansa.client.deployments import Deployment
from hansa.client.development import DeployedTarget, changes_of, develop
from hansa.client.installation import ClientError
from hansa.fabric.packages import make_package

NONE: set[Any] = set()
CHANGED = {"a file"}


class Target:
    """Notes what is asked of it; the source has a mistake the times in ``faults``."""

    def __init__(self, faults: Sequence[int] = ()) -> None:
        self.notes: list[str] = []
        self._faults = faults

    def apply(self) -> None:
        self.notes.append("apply")
        if self.notes.count("apply") in self._faults:
            raise ClientError("main.go:3: undefined: x")

    def tick(self) -> None:
        self.notes.append("tick")

    def close(self) -> None:
        self.notes.append("close")


def test_the_source_is_applied_at_once_and_at_each_change() -> None:
    target = Target()
    develop([NONE, NONE, CHANGED, NONE], target, pytest.fail)
    assert target.notes == ["apply", "tick", "tick", "apply", "tick", "tick"]


def test_a_mistake_is_told_and_the_loop_goes_on() -> None:
    target, told = Target([1, 2]), []
    develop([NONE, CHANGED, CHANGED], target, told.append)
    assert [str(fault) for fault in told] == ["main.go:3: undefined: x"] * 2
    assert target.notes == ["apply", "tick"] * 3


def test_changes_of_the_source_are_seen_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "lib").mkdir()
    changes = iter(changes_of(tmp_path))
    next(changes)
    (tmp_path / "node_modules" / "x.js").write_text("x")
    (tmp_path / "lib" / "items.js").write_text("x")
    changed = next(found for found in changes if found)
    assert {Path(path).name for _, path in changed} <= {"items.js", "lib"}


class Fabric:
    """``refusals`` is how often the next deployments are refused."""

    def __init__(self) -> None:
        self.deployed: list[str] = []
        self.refusals = 0
        self.written: list[str] = []
        self.is_down = False

    def package_chaincode(self, **_: Any) -> None:
        return None

    def deploy_chaincode(self, PackageId: str, **_: Any) -> dict[str, str]:  # noqa: N803
        if self.refusals:
            self.refusals -= 1
            raise ApiError({"Error": {"Code": "ResourceNotReadyException"}}, "DeployChaincode")
        self.deployed.append(PackageId)
        return {"OperationId": "op"}

    def get_operation(self, **_: Any) -> dict[str, Any]:
        return {"Operation": {"Id": "op", "Status": "SUCCEEDED", "Steps": []}}

    def get_chaincode_logs(self, **asked: Any) -> dict[str, Any]:
        if self.is_down or not self.deployed:
            raise ApiError({"Error": {"Code": "ResourceNotFoundException"}}, "GetChaincodeLogs")
        begin = int(asked.get("Position", 0))
        return {"Lines": self.written[begin:], "NextPosition": str(len(self.written))}


class Deployed:
    """A target over a fabric in memory, whose source is ``text`` and whose clock stands."""

    def __init__(self) -> None:
        self.fabric, self.text, self.now = Fabric(), b"1", 0.0
        self.shown: list[str] = []
        deployment = Deployment(self.fabric, _step, {}, "dev", {"Name": "asset"})
        readers = [LogReader(self.fabric, {"NodeId": "nd-1", "Source": "OUTPUT"})]
        self.target = DeployedTarget(
            lambda: make_package("asset", "node", "", {"package.json": self.text}),
            deployment,
            readers,
            lambda _reader, lines: self.shown.extend(lines),
            lambda: self.now,
        )

    def tick(self) -> None:
        self.now += 10
        self.target.tick()


class _step:  # noqa: N801 - stands for a function
    def __init__(self, _title: str) -> None:
        self.detail = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def tell(self, fraction: float | None, text: str) -> None:
        return None


@pytest.fixture
def deployed() -> Deployed:
    return Deployed()


def test_what_changes_the_package_is_deployed(deployed: Deployed) -> None:
    deployed.target.apply()
    deployed.target.apply()
    assert len(deployed.fabric.deployed) == 1
    deployed.text = b"2"
    deployed.target.apply()
    assert len({*deployed.fabric.deployed}) == 2


def test_what_was_refused_is_tried_again_though_nothing_has_changed(deployed: Deployed) -> None:
    deployed.fabric.refusals = 1
    with pytest.raises(ApiError):
        deployed.target.apply()
    deployed.target.apply()
    assert len(deployed.fabric.deployed) == 1


def test_what_it_writes_is_shown_also_after_a_node_was_down(deployed: Deployed) -> None:
    deployed.tick()
    deployed.target.apply()
    deployed.fabric.written = ["one"]
    deployed.tick()
    deployed.fabric.is_down = True
    deployed.tick()
    deployed.fabric.is_down = False
    deployed.fabric.written.append("two")
    deployed.tick()
    deployed.tick()
    assert deployed.shown == ["one", "two"]
