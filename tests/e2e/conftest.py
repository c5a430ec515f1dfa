"""One installation for all tests here, started and stopped by the product's own command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.installation import Installation, told
from tests.e2e.steps import write_programs
from tests.ports import free_port, setting, share

_made: list[Installation] = []


def installation_in(directory: Path, **changed: str) -> Installation:
    """An installation whose ports are not those that a developer's own takes first."""
    home = directory / "home"
    home.mkdir(parents=True)
    settings = {
        "listen": f"127.0.0.1:{free_port()}",
        "ports": setting(share(32001, 32760)),
        "internal_ports": setting(share(27001, 27999)),
        "networks_per_account_max": "12",
        **changed,
    }
    _made.append(Installation(directory / "data", home, settings))
    return _made[-1]


def stop(installation: Installation) -> None:
    """``hansa down``, after which nothing of the installation may be on the machine."""
    installation_id = installation.installation_id
    done = installation.try_hansa("down")
    left = installation.leftovers(installation_id)
    assert done.returncode == 0, told(done)
    assert left == [], f"{left}\n{told(done)}"


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = installation_in(tmp_path_factory.mktemp("installation"))
    try:
        installation.up()
        yield installation
    finally:
        stop(installation)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Installation]:
    """An installation for one test, not started yet, on any free port."""
    home = tmp_path / "home"
    home.mkdir()
    settings = {
        "listen": "127.0.0.1:0",
        "ports": setting(share(31001, 31999)),
        "internal_ports": setting(share(25001, 25999)),
    }
    installation = Installation(tmp_path / "data", home, settings)
    try:
        yield installation
    finally:
        stop(installation)


@pytest.fixture(params=["1", "2"], ids=["cli-v1", "cli-v2"])
def programs(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return write_programs(tmp_path / "bin", request.param)


@pytest.fixture(scope="session")
def npm_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared by the tests, so that a package is fetched once."""
    return tmp_path_factory.mktemp("npm-cache")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Iterator[None]:
    """Show the ends of all logs with a failure."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.failed:
        report.sections += [(f"logs of {made.data_dir}", made.logs()) for made in _made]
