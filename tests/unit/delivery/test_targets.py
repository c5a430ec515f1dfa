"""What an event target may be, and how its secret is kept."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from tests.unit.delivery.post import Post
from tests.unit.operations.installation import ALICE

from hansa.delivery.targets import (
    NewTarget,
    TargetError,
    add_target,
    enable_target,
    remove_target,
)
from hansa.store.event_tables import EventTarget


def _stored(post: Post, target_id: str) -> EventTarget:
    with post.installation.store.read() as session:
        return session.get_one(EventTarget, target_id)


@pytest.mark.parametrize(
    "url",
    ["https://example.com", "http://127.0.0.1:8080/a?b=%20", "https://[::1]:8443/", "HTTP://x/"],
)
def test_http_and_https_are_taken(post: Post, url: str) -> None:
    assert _stored(post, post.target(url=url)).url == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://example.com/", "neither http nor https"),
        ("file:///etc/passwd", "neither http nor https"),
        ("javascript:alert(1)", "neither http nor https"),
        ("example.com/hook", "neither http nor https"),
        ("https://", "names no host"),
        ("https:///path", "names no host"),
        ("http://example.com:0/", "names no host"),
        ("http://example.com:99999/", "out of range"),
        ("http://[::1/", "Invalid IPv6"),
        ("https://user:password@example.com/", "user name or password"),
        ("https://example.com/#part", "fragment"),
        ("https://example.com/a b", "percent-encoded"),
        ("https://example.com/\r\nX: y", "percent-encoded"),
        ("https://exämple.com/", "percent-encoded"),
        ("https://example.com/" + "x" * 2048, "longer than 2048"),
    ],
)
def test_other_urls_are_refused(post: Post, url: str, why: str) -> None:
    with pytest.raises(TargetError, match=why):
        post.target(url=url)


def test_a_secret_is_sealed_and_random(post: Post) -> None:
    clock = post.installation
    new = NewTarget(ALICE.account_id, "https://example.com/")
    drawn = iter([b"a" * 32, b"b" * 32])
    made = [
        add_target(clock.store, new, clock.now, clock.choice, lambda _: next(drawn))
        for _ in range(2)
    ]
    assert made[0].secret == "whsec_" + base64.b64encode(b"a" * 32).decode()
    assert made[0].secret not in repr(made[0])
    sealed = _stored(post, made[1].target_id).secret
    assert sealed is not None
    assert clock.store.cipher.decrypt(sealed) == made[1].secret
    content = b"".join(file.read_bytes() for file in clock.directory.glob("hansa.db*"))
    assert str(made[0].secret).encode() not in content


def test_a_program_is_found_when_the_target_is_made(post: Post) -> None:
    target = _stored(post, post.target(command=["true", "a b"]))
    assert target.command is not None
    assert Path(target.command[0]).is_absolute()
    assert target.command[1:] == ["a b"]
    assert (target.url, target.secret) == (None, None)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (["no-such-program"], "no such program"),
        (["/etc/passwd"], "no such program"),
        (["true", "a\0b"], "cannot run"),
    ],
)
def test_other_commands_are_refused(post: Post, command: list[str], why: str) -> None:
    with pytest.raises(TargetError, match=why):
        post.target(command=command)


def test_a_program_of_the_working_directory_is_refused(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "notify"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TargetError, match="Give its absolute path"):
        post.target(command=["./notify"])
    assert _stored(post, post.target(command=[str(program)])).command == [str(program)]


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ({"account_id": "12345"}, "there is no account"),
        ({"account_id": "1" * 12 + "\n"}, "there is no account"),
        ({"timeout_seconds": 0}, "more than 0"),
        ({"timeout_seconds": 301}, "no more than 300"),
        ({"timeout_seconds": float("nan")}, "more than 0"),
        ({"network_ids": ("n-A",)}, "no network n-A"),
        ({"url": "https://example.com", "command": ["true"]}, "not both"),
    ],
)
def test_other_faults_are_told(post: Post, wanted: dict[str, object], why: str) -> None:
    with pytest.raises(TargetError, match=why):
        post.target(**wanted)


def test_a_target_that_is_not_there(post: Post) -> None:
    with pytest.raises(TargetError, match="no event target et-A"):
        remove_target(post.installation.store, "et-A")
    with pytest.raises(TargetError, match="no event target et-A"):
        enable_target(post.installation.store, "et-A", enabled=True)
