"""Names of workloads on this machine: a marked block in the hosts file, or none.

Several installations, also of several users, may keep a block in the same file; everything
outside the own block stays byte for byte. See hosts(5).
"""

from __future__ import annotations

import fcntl
import os
import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol

from hansa.drivers.base import PermanentDriverError

_ADDRESS = "127.0.0.1"
_HOSTNAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?\Z")
_RESOLVE_SECONDS = 3.0


class Hosts(Protocol):
    """Makes host names lead to this machine. ``owner`` is the workload that they belong to."""

    def add(self, owner: str, hostnames: Iterable[str]) -> None:
        """From now on the names of ``owner`` are these. Raises ``OSError``."""
        ...

    def remove(self, owner: str) -> None:
        """The names of ``owner`` are gone. Raises ``OSError``."""
        ...

    def clear(self) -> None:
        """All names of the installation are gone. Raises ``OSError``."""
        ...


class NoHosts:
    """Names resolve by themselves, or are not used."""

    def add(self, owner: str, hostnames: Iterable[str]) -> None:
        pass

    def remove(self, owner: str) -> None:
        pass

    def clear(self) -> None:
        pass


class HostsFile:
    """The installation's block in a hosts file: a line ``127.0.0.1 NAME # OWNER`` for each name.

    The file is written in place: in a container it is often a mount, which cannot be replaced.
    Only the bytes from the first difference on are written, under a lock on the file itself.
    """

    def __init__(self, path: Path, installation_id: str) -> None:
        self._path = path
        self._begin = f"# hansa {installation_id} begin".encode()
        self._end = f"# hansa {installation_id} end".encode()

    def add(self, owner: str, hostnames: Iterable[str]) -> None:
        names = sorted(set(hostnames))
        for name in names:
            if not _HOSTNAME.match(name):
                raise PermanentDriverError(f"cannot use {name!r} as a host name")
        lines = [f"{_ADDRESS} {name} # {owner}".encode() for name in names]
        self._edit(lambda entries: [*self._without(entries, owner), *lines])

    def remove(self, owner: str) -> None:
        with suppress(FileNotFoundError):
            self._edit(lambda entries: self._without(entries, owner))

    def clear(self) -> None:
        with suppress(FileNotFoundError):
            self._edit(lambda _: [])

    @staticmethod
    def _without(entries: list[bytes], owner: str) -> list[bytes]:
        return [line for line in entries if not line.endswith(f" # {owner}".encode())]

    def _edit(self, change: Callable[[list[bytes]], list[bytes]]) -> None:
        with _locked(self._path) as descriptor:
            content = _read(descriptor)
            before, entries, after = self._split(content)
            changed = sorted(change(entries))
            if changed == sorted(entries):
                return
            _write(descriptor, content, self._join(before, changed, after))

    def _split(self, content: bytes) -> tuple[bytes, list[bytes], bytes | None]:
        """What is before the block, the entries of it, and what is after it; None: no block."""
        stop = _find_line(content, self._end)
        start = _find_line(content[: max(stop, 0)], self._begin)
        if start < 0:
            return content, [], None
        block = content[start:stop].splitlines()[1:]
        return content[:start], block, content[stop + len(self._end) :]

    def _join(self, before: bytes, entries: list[bytes], after: bytes | None) -> bytes:
        if after is None:
            # A file whose last line does not end stays so: then neither does the block's.
            after = b"\n" if before.endswith(b"\n") or not before else b""
            before += b"" if after else b"\n"
        if entries:
            return before + b"\n".join([self._begin, *entries, self._end]) + after
        if after:
            return before + after.removeprefix(b"\n")
        return before.removesuffix(b"\n")


def _find_line(content: bytes, line: bytes) -> int:
    """Where the last whole line ``line`` begins; -1 where there is none."""
    position = content.rfind(line)
    while position >= 0:
        stop = position + len(line)
        begins = position == 0 or content[position - 1 : position] == b"\n"
        if begins and content[stop : stop + 1] in (b"", b"\n"):
            return position
        position = content.rfind(line, 0, stop - 1)
    return -1


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            # An editor may have replaced the file while the lock was waited for.
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _read(descriptor: int) -> bytes:
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0)


def _write(descriptor: int, former: bytes, content: bytes) -> None:
    """Turn ``former`` into ``content``; on a fault (the disk is full) back, and raise it."""
    pairs = enumerate(zip(former, content, strict=False))
    same = next((at for at, (old, new) in pairs if old != new), min(len(former), len(content)))
    try:
        _put(descriptor, content[same:], same)
    except OSError:
        _put(descriptor, former[same:], same)
        raise


def _put(descriptor: int, data: bytes, offset: int) -> None:
    length = offset + len(data)
    while data:
        written = os.pwrite(descriptor, data, offset)
        data, offset = data[written:], offset + written
    os.ftruncate(descriptor, length)
    os.fsync(descriptor)


@dataclass(frozen=True)
class NamesChoice:
    """``named``: endpoints are AMB's names, kept by ``hosts``; otherwise ``localhost:PORT``."""

    named: bool
    hosts: Hosts
    reason: str


def choose_names(
    mode: str,
    domain: str,
    region: str,
    hosts_file: Path,
    installation_id: str,
    resolves: Callable[[str], bool] | None = None,
) -> NamesChoice:
    """How endpoint names come to resolve, by the setting ``names`` (``mode``).

    ``auto`` takes the first that works of ``resolver``, ``hosts``, ``localhost``. ``resolves``
    tells whether a name leads to this machine; by default the system's resolver is asked. Raises
    :class:`PermanentDriverError` where ``mode`` cannot be had.
    """
    probe = f"probe.managedblockchain.{region}.{domain}"
    if mode == "localhost":
        return NamesChoice(False, NoHosts(), "endpoints are localhost:PORT, as set")
    if mode == "resolver":
        return NamesChoice(True, NoHosts(), f"names that end in .{domain} resolve, as set")
    writable = os.access(hosts_file, os.W_OK)
    if mode == "hosts" and not writable:
        raise PermanentDriverError(
            f"cannot write {hosts_file}, as names=hosts demands: run as a user who may, or set "
            "names=auto"
        )
    if mode not in ("auto", "hosts"):
        raise PermanentDriverError(
            f"cannot set names={mode}: it is one of auto, resolver, hosts, localhost"
        )
    if mode == "auto" and (resolves or _resolves_here)(probe):
        return NamesChoice(True, NoHosts(), f"names that end in .{domain} lead to this machine")
    if writable:
        hosts = HostsFile(hosts_file, installation_id)
        return NamesChoice(True, hosts, f"names are written to {hosts_file}")
    return NamesChoice(
        False,
        NoHosts(),
        f"endpoints are localhost:PORT: names that end in .{domain} do not lead to this machine, "
        f"and this user may not write {hosts_file}",
    )


def _resolves_here(name: str) -> bool:
    """Asked in a thread that is not waited for long: a resolver may be out of reach."""
    found: list[bool] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(name, None)
        except OSError:
            return
        addresses = [ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers]
        found.append(bool(addresses) and all(address.is_loopback for address in addresses))

    thread = threading.Thread(target=ask, name="hansa-names", daemon=True)
    thread.start()
    thread.join(_RESOLVE_SECONDS)
    return bool(found) and found[0]
