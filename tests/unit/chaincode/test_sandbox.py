from __future__ import annotations

from pathlib import Path

import pytest

from hansa.chaincode.config import BuildError
from hansa.chaincode.rules import Rules, read_rules
from hansa.chaincode.sandbox import Outside, Sandbox, View, choose_sandbox
from hansa.domain.chaincode import PROPAGATED_ENVIRONMENT
from hansa.settings import Settings


def fake_bubblewrap(directory: Path, script: str) -> dict[str, str]:
    program = directory / "bwrap"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return {"PATH": f"{directory}:/usr/bin:/bin"}


def test_it_is_bubblewrap_where_that_works(tmp_path: Path) -> None:
    chosen = choose_sandbox(fake_bubblewrap(tmp_path, "exit 0"))
    assert chosen == Sandbox(str(tmp_path / "bwrap"))


def test_it_is_none_with_a_loud_warning_where_bubblewrap_fails(tmp_path: Path) -> None:
    environment = fake_bubblewrap(tmp_path, "echo 'bwrap: No permissions' >&2; exit 1")
    chosen = choose_sandbox(environment)
    assert not chosen.bubblewrap
    assert "WITHOUT a sandbox" in chosen.warning
    assert "No permissions" in chosen.warning


def test_it_is_none_with_a_loud_warning_where_bubblewrap_is_missing(tmp_path: Path) -> None:
    assert "not installed" in choose_sandbox({"PATH": str(tmp_path)}).warning


def test_a_required_sandbox_that_fails_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    environment = {"PATH": str(tmp_path), "HANSA_CHAINCODE_SANDBOX": "bubblewrap"}
    with pytest.raises(BuildError, match="apt-get install bubblewrap"):
        choose_sandbox(environment)


def test_none_does_not_look_for_bubblewrap(tmp_path: Path) -> None:
    environment = fake_bubblewrap(tmp_path, f"touch {tmp_path}/called")
    chosen = choose_sandbox({**environment, "HANSA_CHAINCODE_SANDBOX": "none"})
    assert not chosen.bubblewrap
    assert "WITHOUT a sandbox" in chosen.warning
    assert not (tmp_path / "called").exists()


def test_an_unknown_mode_is_an_error() -> None:
    with pytest.raises(BuildError, match="may be auto, bubblewrap or none"):
        choose_sandbox({"HANSA_CHAINCODE_SANDBOX": "docker"})


def test_only_named_directories_are_there_and_only_some_can_be_written() -> None:
    view = View(("/read",), ("/write",), "/read")
    command = Sandbox("/usr/bin/bwrap").command(view, ["/read/program", "argument"])
    bound = [
        (word, command[place + 2])
        for place, word in enumerate(command)
        if word in ("--bind", "--ro-bind", "--ro-bind-try")
    ]
    assert ("--ro-bind-try", "/read") in bound
    assert ("--bind", "/write") in bound
    assert [target for kind, target in bound if kind == "--bind"] == ["/write"]
    assert not {"/", "/home", str(Path.home()), "/var", "/etc"} & {target for _, target in bound}
    assert {"--unshare-pid", "--die-with-parent", "--new-session"} <= set(command)
    assert command[-5:] == ["--chdir", "/read", "--", "/read/program", "argument"]


def test_without_bubblewrap_a_command_is_as_it_is() -> None:
    assert Sandbox("").command(View((), (), "/"), ["a", "b"]) == ["a", "b"]


def relay_refused(directory: Path) -> dict[str, str]:
    """A bubblewrap that may not make networks, and does not know sizes."""
    script = (
        'case "$*" in *--unshare-net*|*--size*) echo "bwrap: not permitted" >&2; exit 1 ;; esac'
    )
    return fake_bubblewrap(directory, script)


def test_where_no_network_can_be_made_it_is_shared_with_a_loud_warning(tmp_path: Path) -> None:
    chosen = choose_sandbox(relay_refused(tmp_path))
    assert chosen.bubblewrap
    assert (chosen.private_network, chosen.sized, chosen.relayed) == (False, False, False)
    assert "shares the machine's network" in chosen.warning
    assert "not permitted" in chosen.warning


def test_a_network_that_is_shared_by_the_settings_is_no_warning(tmp_path: Path) -> None:
    environment = {**fake_bubblewrap(tmp_path, "exit 0"), "HANSA_CHAINCODE_NETWORK": "shared"}
    chosen = choose_sandbox(environment)
    assert (chosen.warning, chosen.relayed) == ("", False)


@pytest.mark.parametrize(("build_network", "cut_off"), [("shared", False), ("none", True)])
def test_chaincode_has_no_network_and_a_build_has_what_is_set(
    build_network: str, *, cut_off: bool
) -> None:
    sandbox = Sandbox("/usr/bin/bwrap", rules=Rules(build_network=build_network))
    view = View((), (), "/")
    assert "--unshare-net" in sandbox.run_command(view, ["a"], Outside(3, 4))
    assert ("--unshare-net" in sandbox.build_command(view, ["a"])) is cut_off


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MEMORY_MIB", "much"),
        ("PROCESSES", "0"),
        ("CPUS", "nan"),
        ("SPIN_SECONDS", "0.5"),
        ("NETWORK", "none"),
        ("BUILD_NETWORK", "peer"),
    ],
)
def test_a_rule_that_is_none_is_told(name: str, value: str) -> None:
    with pytest.raises(BuildError, match=f"chaincode_{name.lower()} is '{value}'"):
        choose_sandbox({f"HANSA_CHAINCODE_{name}": value})


def test_every_rule_is_a_setting_that_peers_hand_on(tmp_path: Path) -> None:
    variables = Settings(tmp_path).chaincode_environment()
    assert read_rules(variables) == Rules()
    assert {f"HANSA_CHAINCODE_{name.upper()}" for name in vars(Rules())} <= set(variables)
    assert set(variables) <= set(PROPAGATED_ENVIRONMENT)
