"""Every cause of a refusal that lies on the way to the service: provoked, named, and mended."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.e2e.conftest import installation_in, stop
from tests.e2e.doctor import (
    READ_ONLY,
    Environment,
    Key,
    World,
    answering,
    bad,
    call,
    deaf,
    secured,
)
from tests.ports import free_port

from hansa.diagnosis import probe_network

pytestmark = [pytest.mark.fabric, pytest.mark.clients, pytest.mark.slow]

FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\nConnection: close\r\n\r\nForbidden"
PAGE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 13\r\nConnection: close\r\n\r\n<html></html>"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    installation = installation_in(tmp_path_factory.mktemp("doctor"), names="localhost")
    try:
        installation.up()
        yield World(installation, installation.home)
    finally:
        stop(installation)


@pytest.fixture(scope="module")
def alice(world: World) -> Key:
    return world.user(READ_ONLY)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_network, "SECONDS_MAX", 1)


@dataclass
class Trouble:
    """What a case may use: an installation, a key, a folder, and what lasts as long as the test."""

    world: World
    key: Key
    folder: Path
    stack: ExitStack

    def shell(self, **changes: str | None) -> Environment:
        return self.world.shell(self.key, **changes)

    @property
    def port(self) -> int:
        return int(self.world.installation.url.rpartition(":")[2])


@dataclass(frozen=True)
class Case:
    """``provoke`` makes the environment of a shell whose calls fail for ``cause``."""

    cause: str
    provoke: Callable[[Trouble], Environment]
    told: str = ""


def _at(url: str) -> Callable[[Trouble], Environment]:
    return lambda trouble: trouble.shell(AWS_ENDPOINT_URL=url)


def _no_endpoint(trouble: Trouble) -> Environment:
    return trouble.shell(AWS_ENDPOINT_URL=None, AWS_CONFIG_FILE=str(trouble.folder / "none"))


def _ignored(trouble: Trouble) -> Environment:
    return trouble.shell(AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true")


def _deaf(trouble: Trouble) -> Environment:
    port = trouble.stack.enter_context(deaf())
    return trouble.shell(AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}")


def _other(trouble: Trouble) -> Environment:
    port = trouble.stack.enter_context(answering(PAGE))
    return trouble.shell(AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}")


def _dead_proxy(trouble: Trouble) -> Environment:
    proxy = f"http://user:topsecret@127.0.0.1:{free_port()}"
    return trouble.shell(HTTP_PROXY=proxy, http_proxy=proxy)


def _refusing_proxy(trouble: Trouble) -> Environment:
    port = trouble.stack.enter_context(answering(FORBIDDEN))
    return trouble.shell(http_proxy=f"http://127.0.0.1:{port}")


def _not_tls(trouble: Trouble) -> Environment:
    return trouble.shell(AWS_ENDPOINT_URL=f"https://127.0.0.1:{trouble.port}")


def _secured(trouble: Trouble) -> tuple[str, Path]:
    port, chain = trouble.stack.enter_context(secured(trouble.folder, trouble.port))
    return f"https://127.0.0.1:{port}", chain


def _untrusted(trouble: Trouble) -> Environment:
    url, chain = _secured(trouble)
    shutil.copy(chain, trouble.folder / "FILE")
    return trouble.shell(AWS_ENDPOINT_URL=url)


def _needs_tls(trouble: Trouble) -> Environment:
    url, chain = _secured(trouble)
    plain = url.replace("https", "http")
    return trouble.shell(AWS_ENDPOINT_URL=plain, AWS_CA_BUNDLE=str(chain))


def _no_bundle(trouble: Trouble) -> Environment:
    url, chain = _secured(trouble)
    lost = str(trouble.folder / "lost.pem")
    return trouble.shell(AWS_ENDPOINT_URL=url, AWS_CA_BUNDLE=lost, REQUESTS_CA_BUNDLE=str(chain))


def _partial(trouble: Trouble) -> Environment:
    """A role's profile, and the endpoint of managedblockchain alone: STS is AWS's."""
    world, key = trouble.world, trouble.key
    role = {"role_arn": world.role_arn(world.role(key.arn)), "source_profile": "me"}
    shell = world.shell(
        AWS_ENDPOINT_URL=None,
        AWS_ENDPOINT_URL_MANAGEDBLOCKCHAIN=world.installation.url,
        # AWS's own is not to be reached from a test.
        http_proxy=f"http://127.0.0.1:{free_port()}",
        https_proxy=f"http://127.0.0.1:{free_port()}",
        NO_PROXY="127.0.0.1",
    )
    mine = world.with_profiles(shell, "operator", me=key.settings, operator=role)
    file = Path(mine["HOME"]) / ".aws" / "config"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.startswith("endpoint_url")))
    return mine


CASES = {
    "no-endpoint": Case("endpoint-missing", _no_endpoint, "amazonaws.com"),
    "endpoint-ignored": Case("endpoint-missing", _ignored, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
    "endpoint-malformed": Case("endpoint-malformed", _at("127.0.0.1:8590"), "AWS_ENDPOINT_URL"),
    "name": Case("name-unresolved", _at("http://nowhere.invalid:8590"), "nowhere.invalid"),
    "port": Case("port-closed", _at("http://127.0.0.1:9"), "port 9"),
    "firewall": Case("no-route", _deaf),
    "other-service": Case("other-service", _other),
    "dead-proxy": Case("proxy-in-the-way", _dead_proxy, "http_proxy"),
    "refusing-proxy": Case("proxy-in-the-way", _refusing_proxy, "403"),
    "not-tls": Case("tls-not-spoken", _not_tls),
    "untrusted": Case("tls-untrusted", _untrusted),
    "needs-tls": Case("tls-needed", _needs_tls),
    "no-bundle": Case("ca-bundle-missing", _no_bundle, "lost.pem"),
    "partial": Case("endpoint-partial", _partial, "sts"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_hop_that_fails_is_named_and_mended(
    name: str, world: World, alice: Key, tmp_path: Path
) -> None:
    case = CASES[name]
    with contextlib.ExitStack() as stack:
        environment = case.provoke(Trouble(world, alice, tmp_path, stack))
        assert name.endswith(("no-endpoint", "ignored")) or call(environment)

        findings = world.doctor(environment)

        (found,) = bad(findings)
        assert found["cause"] == case.cause, findings
        assert case.told in found["what"] + found["evidence"]
        assert "topsecret" not in str(findings)
        mended = world.mend(environment, f"cd {tmp_path}; {found['command']}")
        with contextlib.chdir(tmp_path):  # where the file is that the command names
            assert call(mended) == "", found["command"]


def test_a_service_that_does_not_run(tmp_path: Path) -> None:
    installation = installation_in(tmp_path, names="localhost")
    try:
        installation.up()
        world = World(installation, installation.home)
        environment = world.shell(world.user(READ_ONLY))
        installation.hansa("down")

        (found,) = bad(world.doctor(environment))

        assert found["cause"] == "service-stopped"
        assert call(world.mend(environment, found["command"])) == ""
    finally:
        stop(installation)


SKEW = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
static time_t ahead(void) { return atol(getenv("CLOCK_AHEAD")); }
int clock_gettime(clockid_t id, struct timespec *now) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(id, now);
    if (id == CLOCK_REALTIME) now->tv_sec += ahead();
    return failed;
}
time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}
"""


@pytest.mark.parametrize(("ahead", "way"), [(3600, "ahead of"), (-3600, "behind")])
def test_a_clock_that_is_wrong(
    ahead: int, way: str, world: World, alice: Key, tmp_path: Path
) -> None:
    """The caller's own clock is wrong, as its programs see it."""
    source, library = tmp_path / "skew.c", tmp_path / "skew.so"
    source.write_text(SKEW)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    environment = world.shell(alice, LD_PRELOAD=str(library), CLOCK_AHEAD=str(ahead))
    refused = subprocess.run(
        ["aws", "managedblockchain", "list-networks"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "InvalidSignatureException" in refused.stderr

    done = world.run_doctor(environment)

    (found,) = bad(done)
    assert found["cause"] == "clock-skewed"
    assert way in found["what"]
    (seconds,) = re.findall(r"is (\d+) s", found["what"])
    assert abs(int(seconds) - abs(ahead)) < 60
    assert call(world.shell(alice)) == ""
