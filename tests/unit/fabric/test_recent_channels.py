"""Channels are remembered for a moment, and never from before a change."""

from __future__ import annotations

from hansa.fabric.ledgers import Batches, Channel
from hansa.fabric.recent_channels import AGE_SECONDS_MAX, CHANNELS_MAX, RecentChannels

KEY = ("n-1", "trade")


class Scene:
    """A channel whose height is how often it was read."""

    def __init__(self) -> None:
        self.now, self.reads = 0.0, 0
        self.recent = RecentChannels(lambda: self.now)

    def read(self) -> Channel:
        self.reads += 1
        return Channel("trade", self.reads, 1, {}, "V2_0", Batches("20ms", 1, 1, 1), {})

    def height(self, key: tuple[str, str] = KEY) -> int:
        found = self.recent.get(key, self.read)
        assert found
        return found.height


def test_a_channel_is_read_once_in_a_while() -> None:
    scene = Scene()
    assert [scene.height(), scene.height()] == [1, 1]
    assert scene.height(("n-2", "trade")) == 2
    scene.now = AGE_SECONDS_MAX - 0.01
    assert scene.height() == 1
    scene.now = AGE_SECONDS_MAX
    assert scene.height() == 3


def test_what_has_changed_is_read_at_once() -> None:
    scene = Scene()
    scene.height()
    scene.recent.forget(KEY)
    assert scene.height() == 2


def test_what_was_read_during_a_change_is_not_kept() -> None:
    scene = Scene()

    def read() -> Channel:
        found = scene.read()
        scene.recent.forget(KEY)
        return found

    assert scene.recent.get(KEY, read)
    assert scene.height() == 2


def test_a_channel_that_is_not_there_is_looked_for_each_time() -> None:
    scene = Scene()
    assert scene.recent.get(KEY, lambda: None) is None
    assert scene.height() == 1


def test_not_all_channels_that_ever_were_are_kept() -> None:
    scene = Scene()
    for number in range(CHANNELS_MAX + 1):
        scene.height((f"n-{number}", "trade"))
    assert scene.height(("n-0", "trade")) == CHANNELS_MAX + 2
