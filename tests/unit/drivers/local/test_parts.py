"""The small parts: logs, reasons, backoff, ports, probes, disk use."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.ports import free_port
from tests.unit.drivers.contract import listening

from hansa.domain.workload import Limits, Probe, Program, Workload
from hansa.drivers.local import logs, ports
from hansa.drivers.local.backoff import Backoff
from hansa.drivers.local.readiness import Prober
from hansa.drivers.local.reasons import describe_end
from hansa.drivers.local.resources import disk_bytes


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        ("\n \n", ""),
        ("started\nlistening\n", "listening"),
        ("cannot open the ledger\ngoodbye\n", "cannot open the ledger"),
        ("panic: no leader\n\ngoroutine 1 [running]:\n\terror.go:1\nexit\n", "panic: no leader"),
        ("\x1b[31mPANI [a] Failed\x1b[0m to \x1b[1mlisten\x1b[0m\n", "PANI [a] Failed to listen"),
        ("error: \x00\x07bell\n", "error: bell"),
        ("Traceback (most recent call last):\n  File x\nValueError: bad\n", "ValueError: bad"),
        ("error " + "x" * 1000, "error " + "x" * 293 + "…"),
    ],
)
def test_telling_line(tmp_path: Path, text: str, line: str) -> None:
    log = tmp_path / "current.log"
    log.write_text(text)
    assert logs.telling_line(log) == line


def test_telling_line_is_of_this_run(tmp_path: Path) -> None:
    log = tmp_path / "current.log"
    log.write_text("error of before\nnow\n")
    assert logs.telling_line(log, len("error of before\n")) == "now"
    assert logs.telling_line(log, 10_000) == "error of before"
    assert logs.telling_line(tmp_path / "none") == ""


def test_rotation_keeps_the_newest(tmp_path: Path) -> None:
    log = tmp_path / "current.log"
    for content in ("one", "two", "six"):
        with log.open("a") as file:
            file.write(content)
        assert logs.rotate(log, 3, 2)
    assert log.read_text() == ""
    assert (tmp_path / "current.log.1").read_text() == "six"
    assert (tmp_path / "current.log.2").read_text() == "two"
    assert not (tmp_path / "current.log.3").exists()
    assert not logs.rotate(log, 3, 2)
    assert not logs.rotate(tmp_path / "none", 0, 2)


def test_rotation_on_a_full_disk_makes_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "current.log"
    log.write_text("full")

    def full(_source: Path, target: Path) -> None:
        target.write_text("fu")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    assert logs.rotate(log, 3, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["current.log"]
    assert log.read_text() == ""


@pytest.mark.parametrize(
    ("code", "times", "line", "text"),
    [
        (2, 1, "", "peer of nd-1 ended with exit code 2"),
        (0, 2, "", "peer of nd-1 ended with exit code 0 two times in a row"),
        (-9, 10, "x", "peer of nd-1 ended by SIGKILL ten times in a row: x"),
        (-9, 11, "x", "peer of nd-1 ended by SIGKILL 11 times in a row: x"),
        (None, 1, "x", "peer of nd-1 ended: x"),
        (-99, 1, "", "peer of nd-1 ended by signal 99"),
    ],
)
def test_ends_are_described(code: int | None, times: int, line: str, text: str) -> None:
    assert describe_end(_peer(), code, times, line, out_of_memory=False) == text


def test_want_of_memory_is_described() -> None:
    text = describe_end(_peer(), -9, 1, "last", out_of_memory=True)
    assert text == ("peer of nd-1 ended by SIGKILL because it used up its 64 MiB of memory: last")


def _peer() -> Workload:
    return Workload(
        "nd-1-peer", "nd-1", Program.PEER, (), {}, {}, (), (), Probe(""), Limits(memory_mib=64)
    )


def test_backoff_doubles_up_to_its_most() -> None:
    backoff = Backoff(lambda: 0.0)
    delays = [backoff.delay(failures) for failures in (1, 2, 3, 9, 10, 10_000)]
    assert delays == [0.1, 0.2, 0.4, 25.6, 30.0, 30.0]
    assert Backoff(lambda: 1.0).delay(1) == pytest.approx(0.125)


def test_port_is_free_or_has_a_holder() -> None:
    port = free_port()
    assert ports.is_free("127.0.0.1", port)
    with listening(port):
        assert not ports.is_free("127.0.0.1", port)
        assert not ports.is_free("0.0.0.0", port)
        holder = ports.find_holder(port)
        assert holder.pid == os.getpid()
        assert str(os.getpid()) in holder.description
    assert ports.is_free("127.0.0.1", port)
    assert ports.find_holder(port).pid is None


def test_port_of_a_connection_that_has_just_closed_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = server.accept()
        accepted.close()  # its end waits (TIME_WAIT) on the server's port
        client.close()
    assert ports.is_free("127.0.0.1", port)


def test_disk_use(tmp_path: Path) -> None:
    assert disk_bytes(tmp_path / "none") == 0
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_bytes(b"1" * 50_000)
    (tmp_path / "link").symlink_to("/")
    assert 50_000 <= disk_bytes(tmp_path) < 100_000


@contextmanager
def answering(answer: bytes, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that gives one answer to each connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                    secure = context.wrap_socket(connection, True) if context else connection
                    with secure:
                        secure.recv(65536)
                        secure.sendall(answer)
                except OSError:
                    if server.fileno() < 0 or closing.is_set():
                        return

        closing = threading.Event()
        thread = threading.Thread(target=serve)
        thread.start()
        port = server.getsockname()[1]
        yield port
        closing.set()
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture
def prober() -> Iterator[Prober]:
    made = Prober()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\n{status: OK}", ""),
        (b"HTTP/1.0 200 OK\r\n\r\n{status: BAD}", "does not hold 'OK' yet"),
        (b"HTTP/1.0 503 Unavailable\r\n\r\nOK", "it answers 503"),
        (b"nonsense\r\n\r\n", "does not answer yet"),
        (b"", "does not answer yet"),
    ],
)
def test_probe(prober: Prober, answer: bytes, fault: str) -> None:
    with answering(answer) as port:
        found = prober.ask(Probe(f"http://127.0.0.1:{port}/healthz", "OK"), 5)
    assert (fault in found) if fault else found == ""


def test_probe_of_a_closed_or_silent_port(prober: Prober) -> None:
    port = free_port()
    probe = Probe(f"http://127.0.0.1:{port}/")
    assert "does not answer yet" in prober.ask(probe, 5)
    with listening(port):
        assert "does not answer in time" in prober.ask(probe, 0.05)


def test_probe_uses_no_proxy(prober: Prober, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    with answering(b"HTTP/1.0 200 OK\r\n\r\nOK") as port:
        assert prober.ask(Probe(f"http://127.0.0.1:{port}/"), 5) == ""


def test_probe_verifies_the_server(prober: Prober, tmp_path: Path) -> None:
    own, other = _certificate(tmp_path / "own"), _certificate(tmp_path / "other")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "own")
    with answering(b"HTTP/1.0 200 OK\r\n\r\nOK", context) as port:
        url = f"https://localhost:{port}/cainfo"
        assert prober.ask(Probe(url, "OK", own), 5) == ""
        assert "certificate verify failed" in prober.ask(Probe(url, "OK", other), 5)
        assert "certificate verify failed" in prober.ask(Probe(url, "OK"), 5)


def _certificate(file: Path) -> bytes:
    """A certificate of ``localhost`` that signs itself; ``file`` also holds its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, file.name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(private + pem)
    return pem
