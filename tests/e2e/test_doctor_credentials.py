"""Every cause of a refusal that lies in the credentials: provoked, named, and mended as printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.e2e.conftest import installation_in, stop
from tests.e2e.doctor import READ_ONLY, Environment, Key, World, bad, call

pytestmark = [pytest.mark.fabric, pytest.mark.clients, pytest.mark.slow]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("doctor")
    installation = installation_in(directory, names="localhost")
    try:
        installation.up()
        yield World(installation, installation.home)
    finally:
        stop(installation)


@pytest.fixture
def alice(world: World) -> Key:
    """A user who may list networks."""
    return world.user(READ_ONLY)


@dataclass(frozen=True)
class Case:
    """``provoke`` makes the environment of a shell whose calls are refused for ``cause``."""

    cause: str
    provoke: Callable[[World, Key], Environment]
    told: str = ""
    """What the finding has to tell besides."""
    stdin: Callable[[World, Key], str] = lambda _world, _key: ""
    """What is typed where the command asks for something."""


def _changed(**changes: str | Callable[[Key], str] | None) -> Callable[[World, Key], Environment]:
    def provoke(world: World, key: Key) -> Environment:
        given = {name: each(key) if callable(each) else each for name, each in changes.items()}
        return world.shell(key, **given)

    return provoke


def _deleted(world: World, _key: Key) -> Environment:
    gone = world.user(READ_ONLY)
    world.iam.delete_access_key(UserName=gone.name, AccessKeyId=gone.access_key_id)
    return world.shell(gone)


def _inactive(world: World, _key: Key) -> Environment:
    user = world.user(READ_ONLY)
    world.iam.update_access_key(
        UserName=user.name, AccessKeyId=user.access_key_id, Status="Inactive"
    )
    return world.shell(user)


def _rotated(world: World, _key: Key) -> Environment:
    user = world.user(READ_ONLY)
    world.key_of(user.name)
    world.iam.update_access_key(
        UserName=user.name, AccessKeyId=user.access_key_id, Status="Inactive"
    )
    return world.shell(user)


def _half_rotated(world: World, _key: Key) -> Environment:
    user = world.user(READ_ONLY)
    newer = world.key_of(user.name)
    return world.shell(user, AWS_SECRET_ACCESS_KEY=newer.secret)


def _without_token(world: World, _key: Key) -> Environment:
    return world.shell(world.session(world.role()), AWS_SESSION_TOKEN=None)


def _cut_token(world: World, _key: Key) -> Environment:
    session = world.session(world.role())
    return world.shell(session, AWS_SESSION_TOKEN=session.token[:-9])


def _token_of_other(world: World, _key: Key) -> Environment:
    role = world.role()
    return world.shell(world.session(role), AWS_SESSION_TOKEN=world.session(role).token)


def _expired(world: World, _key: Key) -> Environment:
    session = world.session(world.role())
    world.expire(session)
    return world.shell(session)


def _ended(world: World, _key: Key) -> Environment:
    """A session whose role was deleted under it."""
    role = world.role()
    session = world.session(role)
    world.iam.detach_role_policy(RoleName=role, PolicyArn=READ_ONLY)
    world.iam.delete_role(RoleName=role)
    return world.shell(session)


def _missing_profile(world: World, key: Key) -> Environment:
    return world.with_profiles(world.shell(), "tradr", trader=key.settings)


def _shadowed(world: World, key: Key) -> Environment:
    """A profile that is right, behind an old key in the environment."""
    return world.with_profiles(_deleted(world, key), "trader", trader=key.settings)


def _broken_chain(world: World, key: Key) -> Environment:
    role = {"role_arn": world.role_arn(world.role(key.arn)), "source_profile": "trde"}
    return world.with_profiles(world.shell(), "operator", trader=key.settings, operator=role)


def _unreadable(world: World, key: Key) -> Environment:
    environment = world.shell(key)
    file = Path(environment["HOME"]) / "config"
    file.write_text("this is no configuration\n")
    return {**environment, "AWS_CONFIG_FILE": str(file)}


def _failing_process(world: World, _key: Key) -> Environment:
    process = {"credential_process": "/bin/false"}
    return world.with_profiles(world.shell(), "trader", trader=process)


def _wrong_in_profile(world: World, key: Key) -> Environment:
    wrong = {**key.settings, "aws_secret_access_key": "x" * 40}
    return world.with_profiles(world.shell(), "trader", trader=wrong)


def _typed(_world: World, key: Key) -> str:
    """The answers to ``aws configure``."""
    return f"{key.access_key_id}\n{key.secret}\n\n\n"


CASES = {
    "id-misspelt": Case(
        "variable-misspelt",
        _changed(AWS_ACCESS_KEY_ID=None, AWS_ACESS_KEY_ID=lambda key: key.access_key_id),
        "AWS_ACESS_KEY_ID",
    ),
    "secret-misspelt": Case(
        "variable-misspelt",
        _changed(AWS_SECRET_ACCESS_KEY=None, AWS_SECERT_ACCESS_KEY=lambda key: key.secret),
        "AWS_SECERT_ACCESS_KEY",
    ),
    "secret-of-old-name": Case(
        "variable-misspelt",
        _changed(AWS_SECRET_ACCESS_KEY=None, AWS_SECRET_KEY=lambda key: key.secret),
        "AWS_SECRET_KEY",
    ),
    "lower-case": Case(
        "variable-misspelt",
        _changed(AWS_ACCESS_KEY_ID=None, aws_access_key_id=lambda key: key.access_key_id),
    ),
    "none": Case(
        "credentials-missing", _changed(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
    ),
    "half": Case("credentials-incomplete", _changed(AWS_SECRET_ACCESS_KEY=None)),
    "other-half": Case("credentials-incomplete", _changed(AWS_ACCESS_KEY_ID=None)),
    "space": Case(
        "space-around-key", _changed(AWS_SECRET_ACCESS_KEY=lambda key: f" {key.secret} ")
    ),
    "line-end": Case(
        "space-around-key", _changed(AWS_ACCESS_KEY_ID=lambda key: f"{key.access_key_id}\r\n")
    ),
    "quotes": Case(
        "space-around-key", _changed(AWS_SECRET_ACCESS_KEY=lambda key: f'"{key.secret}"')
    ),
    "swapped": Case(
        "key-and-secret-swapped",
        _changed(
            AWS_ACCESS_KEY_ID=lambda key: key.secret,
            AWS_SECRET_ACCESS_KEY=lambda key: key.access_key_id,
        ),
    ),
    "id-cut": Case(
        "key-id-truncated", _changed(AWS_ACCESS_KEY_ID=lambda key: key.access_key_id[:-2]), "18"
    ),
    "secret-cut": Case(
        "secret-truncated", _changed(AWS_SECRET_ACCESS_KEY=lambda key: key.secret[:-1]), "39"
    ),
    "secret-wrong": Case(
        "secret-wrong", _changed(AWS_SECRET_ACCESS_KEY=lambda key: key.secret[::-1])
    ),
    "secret-wrong-in-profile": Case("secret-wrong", _wrong_in_profile, stdin=_typed),
    "secret-of-other-key": Case("secret-of-another-key", _half_rotated),
    "deleted": Case("key-unknown", _deleted),
    "other-installation": Case(
        "key-unknown", _changed(AWS_ACCESS_KEY_ID="AKIAABCDEFGHIJKLMNOP"), "AKIAABCDEFGHIJKLMNOP"
    ),
    "inactive": Case("key-inactive", _inactive),
    "rotated": Case("key-rotated", _rotated),
    "token-missing": Case("token-missing", _without_token),
    "token-cut": Case("token-truncated", _cut_token, "247"),
    "token-of-other": Case("token-of-another-session", _token_of_other),
    "token-expired": Case("token-expired", _expired, "2020-01-01"),
    "token-left-over": Case("token-not-needed", _changed(AWS_SESSION_TOKEN="x" * 256)),
    "session-ended": Case("key-unknown", _ended),
    "profile-missing": Case("profile-missing", _missing_profile, "trader"),
    "profile-shadowed": Case("profile-shadowed", _shadowed, "which works"),
    "chain-broken": Case("role-chain-broken", _broken_chain, "trde"),
    "unreadable": Case("configuration-unreadable", _unreadable),
    "process": Case("credential-process-failed", _failing_process, stdin=_typed),
}


@pytest.mark.parametrize("name", CASES)
def test_a_cause_is_named_and_mended(name: str, world: World, alice: Key) -> None:
    case = CASES[name]
    environment = case.provoke(world, alice)
    assert call(environment), "it was to be refused"

    findings = world.doctor(environment)

    (found, *more) = [each for each in bad(findings) if each["cause"] == case.cause] or [None]
    assert found is not None, findings
    assert more == []
    assert case.told in found["what"] + found["evidence"]
    mended = world.mend(environment, found["command"], case.stdin(world, alice))
    assert call(mended) == "", found["command"]
