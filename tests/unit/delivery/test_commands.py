"""Commands: real programs."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from hansa.delivery.base import Attempt, DeliveryError
from hansa.delivery.commands import PATH, Commands
from hansa.domain.events import TargetKind

BODY = b'{"id":"abcd"}'


@pytest.fixture
def commands() -> Commands:
    return Commands("/nonexistent")


def attempt(*command: str, timeout_seconds: float = 20, body: bytes = BODY) -> Attempt:
    return Attempt(
        target_id="et-A",
        event_number=1,
        event_id="abcd",
        subject="i-A",
        number=3,
        kind=TargetKind.COMMAND,
        url="",
        secret="",
        command=command,
        timeout_seconds=timeout_seconds,
        body=body,
    )


def python(script: str, *arguments: str, **options: Any) -> Attempt:
    return attempt(sys.executable, "-I", "-c", script, *arguments, **options)


def test_it_gets_the_event_and_its_arguments_as_they_are(
    commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    file = tmp_path / "seen.json"
    script = (
        "import json, os, sys; seen = [sys.stdin.read(), sys.argv[2:], dict(os.environ), "
        "os.getcwd(), os.getsid(0) == os.getpid()]; open(sys.argv[1], 'w').write(json.dumps(seen))"
    )
    commands.send(python(script, str(file), "$(id); *", "a b"))
    text, arguments, environment, directory, leads_session = json.loads(file.read_text())
    assert text.encode() == BODY
    assert arguments == ["$(id); *", "a b"]
    own = {"PATH": PATH, "HOME": "/nonexistent", "LANG": "C.UTF-8"}
    assert environment == {**own, "HANSA_EVENT_ID": "abcd", "HANSA_ATTEMPT": "3"} | {
        name: value for name, value in environment.items() if name == "LC_CTYPE"
    }
    assert (directory, leads_session) == ("/", True)


def test_another_end_than_0_is_a_failure(commands: Commands) -> None:
    script = "import sys; print('hello'); sys.exit('first\\nno such queue\\n')"
    with pytest.raises(DeliveryError, match="the command ended with 1") as told:
        commands.send(python(script))
    assert told.value.detail == "no such queue"


def test_what_it_says_is_kept_short(commands: Commands) -> None:
    with pytest.raises(DeliveryError) as told:
        commands.send(python("import sys; sys.exit('x' * 1_000_000)"))
    assert told.value.detail == "x" * 300


def test_the_end_by_a_signal_is_a_failure(commands: Commands) -> None:
    with pytest.raises(DeliveryError, match="the command was ended by signal 9"):
        commands.send(python("import os; os.kill(os.getpid(), 9)"))


def test_it_need_not_read_the_event(commands: Commands) -> None:
    commands.send(attempt("/bin/true", body=b"x" * 1_000_000))


def test_a_program_that_is_gone(commands: Commands, tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="cannot be run: No such file or directory"):
        commands.send(attempt(str(tmp_path / "gone")))


def _fork(file: Path) -> str:
    """A program that tells its pids in ``file``, and stays, with a child that does, too."""
    return (
        "import os, signal; child = os.fork() or signal.pause(); "
        f"open({str(file)!r}, 'w').write(f'{{os.getpid()}} {{child}}'); signal.pause()"
    )


def _is_gone(pid: int) -> bool:
    try:
        return b") Z " in Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return True


def _await_end(file: Path) -> None:
    for pid in map(int, file.read_text().split()):
        idle = threading.Event()
        while not _is_gone(pid):
            idle.wait(0.01)


def test_what_takes_too_long_is_killed_with_its_children(
    commands: Commands, tmp_path: Path
) -> None:
    file = tmp_path / "pids"
    with pytest.raises(DeliveryError, match=r"did not end within 2 s, and was killed"):
        commands.send(python(_fork(file), timeout_seconds=2))
    _await_end(file)


def test_the_end_of_the_service_kills_it(commands: Commands, tmp_path: Path) -> None:
    fifo = tmp_path / "began"
    os.mkfifo(fifo)
    faults: list[str] = []

    def send() -> None:
        try:
            commands.send(python(f"open({str(fifo)!r}, 'w').close(); import time; time.sleep(300)"))
        except DeliveryError as fault:
            faults.append(str(fault))

    thread = threading.Thread(target=send)
    thread.start()
    fifo.read_text()
    commands.close()
    thread.join(20)
    assert not thread.is_alive()
    send()
    assert faults == ["the service stopped meanwhile"] * 2
