"""``hansa events``, on a store that a service made."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.unit.delivery.post import Post
from tests.unit.operations.installation import ALICE, BOB, Installation

from hansa.cli.main import run
from hansa.store.cipher import open_cipher
from hansa.store.tables import Account


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    """An outbox in the place where the command looks for it, with an account."""
    data_dir = tmp_path / "data"
    (data_dir / "secrets").mkdir(parents=True)
    open_cipher(data_dir / "secrets" / "store.key")
    (data_dir / "key").symlink_to("secrets/store.key")
    made = Post(Installation(data_dir))
    made.installation.now = datetime.now(UTC) - timedelta(minutes=5)
    with made.installation.store.write() as session:
        session.add(Account(id=ALICE.account_id, name="alice", created_at=made.installation.now))
    key = {"AccountId": ALICE.account_id, "AccessKeyId": "AKID", "SecretAccessKey": "x"}
    (data_dir / "administrator.json").write_text(json.dumps(key))
    yield made
    made.installation.store.close()


class Hansa:
    def __init__(self, post: Post, capsys: pytest.CaptureFixture[str]) -> None:
        self.data_dir = str(post.installation.directory)
        self._capsys = capsys

    def json(self, *arguments: str) -> Any:
        return json.loads(self.text("--json", *arguments))

    def text(self, *arguments: str) -> str:
        return self._run(arguments, 0).out

    def refused(self, *arguments: str, code: int = 1) -> str:
        output = self._run(arguments, code)
        assert output.out == ""
        return " ".join(output.err.split())

    def _run(self, arguments: Sequence[str], code: int) -> Any:
        self._capsys.readouterr()  # what a courier of the test has logged
        assert run(["--data-dir", self.data_dir, "events", *arguments]) == code
        return self._capsys.readouterr()


@pytest.fixture
def hansa(post: Post, capsys: pytest.CaptureFixture[str]) -> Hansa:
    return Hansa(post, capsys)


def test_before_the_first_start_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (["tail"], ["target", "list"], ["redeliver"]):
        assert run(["--data-dir", str(tmp_path), "events", *arguments]) == 1
        assert "hansa up" in capsys.readouterr().err


def test_a_webhook_is_added_and_its_secret_shown_once(hansa: Hansa, post: Post) -> None:
    made = hansa.json("target", "add", "--webhook", "https://example.com/events")
    assert made["AccountId"] == ALICE.account_id
    assert made["Secret"].startswith("whsec_")
    listed = hansa.json("target", "list")
    assert [each["TargetId"] for each in listed] == [made["TargetId"]]
    assert (listed[0]["Kind"], listed[0]["Url"]) == ("webhook", "https://example.com/events")
    assert made["Secret"] not in json.dumps(listed) + hansa.text("target", "list")
    post.event("i-A")
    post.work()
    assert post.tried[0].secret == made["Secret"]


def test_a_command_is_added_with_its_arguments_and_filters(hansa: Hansa, post: Post) -> None:
    network_id, _ = post.installation.network()
    filters = ["--detail-type", "proposal", "--network", network_id, "--account", BOB.account_id]
    made = hansa.json("target", "add", *filters, "--timeout", "2.5", "--", "true", "--loud", "a b")
    assert made["Secret"] is None
    by_name = hansa.json("target", "add", "--account", "alice", "--", "true")
    assert by_name["AccountId"] == ALICE.account_id
    hansa.json("target", "remove", by_name["TargetId"])
    (listed,) = hansa.json("target", "list")
    assert listed["Command"][1:] == ["--loud", "a b"]
    assert listed["AccountId"] == BOB.account_id
    assert listed["DetailTypes"] == ["Managed Blockchain Proposal State Change"]
    assert (listed["NetworkIds"], listed["TimeoutSeconds"]) == ([network_id], 2.5)
    assert "true --loud 'a b'" in hansa.text("target", "list")


@pytest.mark.parametrize(
    ("arguments", "why", "code"),
    [
        (["target", "add"], "either --webhook URL, or a command", 2),
        (["target", "add", "--webhook", "https://x", "--", "true"], "either --webhook URL", 2),
        (["target", "add", "--webhook", "gopher://x"], "neither http nor https", 1),
        (["target", "add", "--", "no-such-program"], "there is no such program", 1),
        (["target", "add", "--account", "carol", "--", "true"], "no account 'carol'", 1),
        (["target", "add", "--detail-type", "vote", "--", "true"], "is not one of", 2),
        (["target", "remove", "et-A"], "no event target et-A", 1),
        (["target", "disable", "et-A"], "no event target et-A", 1),
        (["redeliver", "--target", "et-A"], "no event target et-A", 1),
        (["redeliver", "--event", "abcd"], "no event abcd", 1),
        (["tail", "--since", "yesterday"], "is no time", 2),
        (["tail", "--since", "999999999999d"], "is no time", 2),
        (["deliveries", "--status", "lost"], "is not one of", 2),
    ],
)
def test_what_is_refused(hansa: Hansa, arguments: list[str], why: str, code: int) -> None:
    assert why in hansa.refused(*arguments, code=code)


def test_a_target_is_disabled_enabled_and_removed(hansa: Hansa, post: Post) -> None:
    target = post.target()
    assert hansa.json("target", "disable", target) == {"TargetId": target, "Enabled": False}
    post.event("i-A")
    post.work()
    (listed,) = hansa.json("target", "list")
    assert (listed["Enabled"], listed["Pending"], listed["Delivered"]) == (False, 1, 0)
    hansa.json("target", "enable", target)
    post.work()
    assert hansa.json("target", "list")[0]["Delivered"] == 1
    assert f"{target} is removed" in hansa.text("target", "remove", target)
    assert hansa.json("target", "list") == []


def test_what_is_dead_is_shown_and_delivered_again(hansa: Hansa, post: Post) -> None:
    target = post.target()
    post.refuses = lambda _: True
    post.event("i-A")
    for _ in range(post.limits.attempts_max):
        post.wait()
    (shown,) = hansa.json("deliveries", "--status", "dead")
    assert (shown["Subject"], shown["Status"]) == ("i-A", "DEAD")
    assert (shown["TargetId"], shown["Attempts"]) == (target, post.limits.attempts_max)
    assert shown["Reason"] == "it answered 500: what it said"
    assert "what it said" in hansa.text("deliveries")
    assert hansa.json("target", "list")[0]["Dead"] == 1

    post.refuses = lambda _: False
    assert hansa.json("redeliver", "--target", target) == {"Deliveries": 1}
    post.installation.now = datetime.now(UTC)
    post.work()
    assert post.subjects() == ["i-A PENDING"]
    assert hansa.text("redeliver") == "0 to be delivered again.\n"
    assert hansa.json("redeliver", "--event", shown["EventId"]) == {"Deliveries": 1}
    post.installation.now = datetime.now(UTC)
    post.work()
    assert len(post.taken) == 2


def test_tail_shows_the_newest_oldest_first(hansa: Hansa, post: Post) -> None:
    for number in range(4):
        post.event(f"i-{number}")
    post.event("i-BOB", account_id=BOB.account_id)

    def shown(*arguments: str) -> list[str]:
        return [each["detail"]["invitationId"] for each in hansa.json("tail", *arguments)]

    assert shown() == ["i-0", "i-1", "i-2", "i-3", "i-BOB"]
    assert shown("-n", "2") == ["i-3", "i-BOB"]
    assert shown("-n", "2", "--account", ALICE.account_id) == ["i-2", "i-3"]
    lines = hansa.text("tail").splitlines()
    assert len(lines) == 5
    assert "Invitation  i-0  PENDING  n-TRADE" in lines[0]


def test_tail_since_a_time(hansa: Hansa, post: Post) -> None:
    post.event("i-OLD")
    between = post.installation.now + timedelta(milliseconds=500)
    post.event("i-NEW")

    def shown(*arguments: str) -> list[str]:
        return [each["detail"]["invitationId"] for each in hansa.json("tail", *arguments)]

    assert shown("--since", between.isoformat()) == ["i-NEW"]
    naive = between.replace(tzinfo=None).isoformat()
    assert shown("--since", naive) == ["i-NEW"], "a time without a zone is UTC"
    assert shown("--since", "1h") == ["i-OLD", "i-NEW"]
    assert shown("--since", "1m") == []


def test_tail_follows(post: Post) -> None:
    """A line of JSON for each event, what there is first, then what happens."""
    post.event("i-0")
    data_dir = str(post.installation.directory)
    script = "import sys; from hansa.cli.main import main; main(sys.argv[1:])"
    arguments = ["--json", "--data-dir", data_dir, "events", "tail", "--follow"]
    with subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        assert process.stdout is not None
        try:
            assert _subject(process.stdout.readline()) == "i-0"
            for number in (1, 2, 3):
                post.event(f"i-{number}")
                assert _subject(process.stdout.readline()) == f"i-{number}"
        finally:
            watchdog.cancel()
            process.kill()


def _subject(line: str) -> str:
    assert line, "it ended"
    return str(json.loads(line)["detail"]["invitationId"])
