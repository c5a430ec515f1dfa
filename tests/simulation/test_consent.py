"""The service is ended at every point of a vote on chaincode, and of what was voted for."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.simulation.world import CrashingStore
from tests.unit.operations.fabric_scene import KilledError, Scene, Shared, join, share
from tests.unit.operations.installation import ALICE, BOB, Installation

from hansa.domain.errors import IllegalActionError


@dataclass
class Points:
    """The faults of a :class:`CrashingStore`: its points are the scene's, too."""

    at: Callable[[str], None]


def begin(directory: Path) -> Shared:
    """A channel of two accounts, each with a node in it."""
    directory.mkdir()
    shared = share(Scene(Installation(directory)))
    join(shared)
    shared.scene.installation.store.close()
    return shared


def revive(shared: Shared, directory: Path, kill_at: int | None = None) -> Shared:
    """The same, in another directory, with a service that ends once ``kill_at`` points passed."""
    shutil.copytree(shared.scene.installation.directory, directory)
    scene = copy.copy(shared.scene)
    scene.installation = Installation(directory)
    scene.net = copy.deepcopy(shared.scene.net)
    store = scene.installation.store
    store.__class__ = CrashingStore
    store.faults = Points(scene._pass)  # type: ignore[attr-defined]
    scene.passed, scene.kill_at = 0, kill_at
    return Shared(scene, shared.other_id)


def insist(act: Callable[..., Any], *arguments: Any, **request: Any) -> Any:
    """Again, as an SDK does, where the service ends meanwhile."""
    try:
        return act(*arguments, **request)
    except KilledError:
        return act(*arguments, **request)


def story(shared: Shared, bobs_vote: str) -> tuple[list[str], str, str, int]:
    """What was done, how operation and proposal ended, and how many packages BOB has then."""
    scene = shared.scene
    before = len(scene.net.acts)
    package_id = insist(scene.package)
    answer = insist(scene.ask_to_deploy, package_id, ClientRequestToken="deploy")
    votes = ((ALICE, scene.member_id, "YES"), (BOB, shared.other_id, bobs_vote))
    for vote in votes:
        with suppress(IllegalActionError):  # cast already: the answer was lost
            insist(shared.vote, answer["ProposalId"], vote)
    insist(scene.perform)
    proposal = shared.proposal(answer["ProposalId"])
    packages = scene.call("list_packages", BOB)["Packages"]
    operation = scene.operation(answer)
    return scene.net.acts[before:], operation["Status"], proposal["Status"], len(packages)


@pytest.mark.parametrize("bobs_vote", ["YES", "NO"])
def test_killed_at_every_point_a_vote_comes_to_the_same_end(tmp_path: Path, bobs_vote: str) -> None:
    made = begin(tmp_path / "made")
    whole = revive(made, tmp_path / "whole")
    expected = story(whole, bobs_vote)
    acts = 5 if bobs_vote == "YES" else 0
    assert (len(expected[0]), expected[3]) == (acts, bool(acts))
    assert whole.scene.passed > acts
    for point in range(1, whole.scene.passed + 1):
        shared = revive(made, tmp_path / f"point-{point}", point)
        assert story(shared, bobs_vote) == expected, point
        assert shared.scene.kill_at is None, point
        shared.scene.installation.store.close()
        shutil.rmtree(shared.scene.installation.directory)
