"""A disk that is full: told, survived, and gone on from once there is space again."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from tests.fabric.running import RunningService, network_request, until

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

MakeService = Callable[..., RunningService]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MiB for the data directory ``data``."""
    directory = tmp_path / "data"
    directory.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m,mode=0700", "tmpfs", str(directory)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may not mount a file system")
    yield directory
    subprocess.run(["umount", "--lazy", str(directory)], check=True)


@pytest.fixture
def service(small_disk: Path, make_service: MakeService) -> RunningService:
    return make_service(small_disk.name).start()


def fill(directory: Path, left_bytes: int = 0) -> Path:
    """Take all of the disk but ``left_bytes``."""
    ballast = directory / "ballast"
    with ballast.open("wb") as file:
        free = os.statvfs(directory).f_bavail * os.statvfs(directory).f_frsize
        os.posix_fallocate(file.fileno(), 0, max(free - left_bytes, 4096))
    return ballast


def test_a_request_that_cannot_be_kept_is_refused(
    service: RunningService, small_disk: Path
) -> None:
    ballast = fill(small_disk)
    with pytest.raises(ClientError) as fault:
        service.api.create_network(**network_request())
    answer = fault.value.response
    assert answer["Error"]["Code"] == "InternalServiceErrorException"
    assert "disk" in answer["Error"]["Message"]
    assert "full" in answer["Error"]["Message"]
    assert service.process is not None
    assert service.process.poll() is None, "the service has ended"
    assert service.network_ids() == set()

    ballast.unlink()
    service.network()


def test_a_creation_that_runs_out_of_disk_says_so_and_goes_on(
    service: RunningService, small_disk: Path
) -> None:
    ballast = fill(small_disk, left_bytes=1_500_000)  # for the store, not for a ledger
    answer = service.api.create_network(**network_request())
    network_id, member_id = answer["NetworkId"], answer["MemberId"]
    path = f"/networks/{network_id}"
    reason = until(lambda: _reason_of_disk(service, path), "a reason that names the disk")
    assert str(small_disk) in reason or "no space left" in reason.lower()

    ballast.unlink()
    service.await_network(network_id, member_id)
    service.node(network_id, member_id)


def test_a_deletion_needs_no_disk(service: RunningService, small_disk: Path) -> None:
    network_id, member_id = service.network()
    fill(small_disk, left_bytes=400_000)
    service.api.delete_member(NetworkId=network_id, MemberId=member_id)
    service.await_gone(network_id)
    until(lambda: not service.leftovers(), "all of it is gone")


def test_a_service_starts_on_a_full_disk_or_says_why_not(
    service: RunningService, small_disk: Path
) -> None:
    network_id, member_id = service.network()
    service.end(signal.SIGTERM)
    ballast = fill(small_disk)
    code, text = service.refused()
    assert code == 1
    assert "disk" in text
    assert "full" in text
    assert "Traceback" not in text

    ballast.unlink()
    service.start()
    service.await_network(network_id, member_id)


def _reason_of_disk(service: RunningService, path: str) -> str:
    status, answer = service.request("GET", path)
    assert status == 200, answer
    reason = str(answer["Network"].get("StatusReason") or "")
    return reason if "disk" in reason or "space" in reason else ""
