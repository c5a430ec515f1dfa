"""In which order orderers are asked."""

from __future__ import annotations

from hansa.fabric.turns import Turns


def test_who_did_not_serve_comes_last() -> None:
    turns = Turns()
    assert turns.get("n-1", "trade", [1, 2, 3]) == [1, 2, 3]
    turns.put_last("n-1", "trade", 1)
    assert turns.get("n-1", "trade", [1, 2, 3]) == [2, 3, 1]
    turns.put_last("n-1", "trade", 2)
    assert turns.get("n-1", "trade", [1, 2, 3]) == [3, 1, 2]
    turns.put_last("n-1", "trade", 1)
    assert turns.get("n-1", "trade", [1, 2, 3]) == [3, 2, 1]
    assert turns.get("n-1", "other", [1, 2, 3]) == [1, 2, 3]
    assert turns.get("n-1", "trade", [2, 4]) == [4, 2]
