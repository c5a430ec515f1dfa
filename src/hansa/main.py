"""The service process: ``python -m hansa.main serve --data-dir DIR [--listen HOST:PORT]``."""

from __future__ import annotations

import argparse
import fcntl
import json
import logging
import os
import signal
import socket
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import structlog
import uvicorn

from hansa import __version__
from hansa.asgi import create_service_app
from hansa.assembly import Parts, assemble, now
from hansa.settings import Settings, load_settings

DIRECTORIES = ("logs", "networks", "members", "nodes", "secrets", "tls", "workloads")


class ServiceError(Exception):
    """The service cannot start; the text is for a person."""


def main(arguments: list[str] | None = None) -> int:
    """Run the service until SIGTERM or SIGINT; 0 at a wanted end, 1 with a text on a fault."""
    parser = argparse.ArgumentParser(prog="python -m hansa.main", description=__doc__)
    parser.add_argument("command", choices=["serve"])
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--listen")
    options = parser.parse_args(arguments)
    _configure_logs()
    try:
        settings = load_settings(options.data_dir, os.environ, {"listen": options.listen})
        serve(settings, os.environ)
    except Exception as fault:
        if isinstance(fault, ServiceError | OSError | ValueError) or _is_told(fault):
            sys.stderr.write(f"hansa: {fault}\n")
            return 1
        raise
    return 0


def _is_told(fault: Exception) -> bool:
    """Whether the fault is one of ours, whose text is for a person."""
    return type(fault).__module__.startswith("hansa.")


def serve(settings: Settings, environment: Mapping[str, str]) -> None:
    """Run the service of one data directory, which no other service can use meanwhile."""
    _make_directories(settings.data_dir)
    with _only_service(settings.data_dir), _listening_socket(settings.listen) as listener:
        parts = assemble(settings, environment)
        try:
            _run(parts, listener)
        finally:
            parts.audit.close()
            parts.store.close()


def _run(parts: Parts, listener: socket.socket) -> None:
    boot = parts.driver.start()
    structlog.get_logger().info(
        "service.starting", version=__version__, adopted=boot.adopted, restarted=boot.restarted
    )
    app, close = create_service_app(parts, now, lambda: str(uuid.uuid4()))
    parts.reconciler.start()
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(parts.settings.trusted_proxies),
        forwarded_allow_ips=parts.settings.trusted_proxies,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
    )
    try:
        with _announced(parts.settings.data_dir, listener):
            _Server(config).run(sockets=[listener])
    finally:
        parts.webhooks.close()
        parts.commands.close()
        parts.reconciler.stop()
        parts.reach.close()
        parts.driver.close()
        close()


class _Server(uvicorn.Server):
    """Ends on SIGTERM and SIGINT with exit code 0: both are how it is meant to end."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        former = {s: signal.signal(s, self._end) for s in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self.should_exit = True


@contextmanager
def _only_service(data_dir: Path) -> Iterator[None]:
    """Hold the lock of the data directory; it ends with this process, however that ends."""
    descriptor = os.open(data_dir / "service.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            raise ServiceError(
                f"another service (pid {holder}) already uses {data_dir}; stop it with "
                f"`hansa down --data-dir {data_dir}`, or give this one a data directory of its own"
            ) from fault
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _listening_socket(listen: str) -> Iterator[socket.socket]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ServiceError(f"cannot listen on {listen!r}: give HOST:PORT, such as 127.0.0.1:8590")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, int(port)))
        except OSError as fault:
            raise ServiceError(
                f"cannot listen on {listen}: {fault.strerror}; another program may use that port. "
                "Give another address with --listen HOST:PORT"
            ) from fault
        listener.listen(2048)
        yield listener


@contextmanager
def _announced(data_dir: Path, listener: socket.socket) -> Iterator[None]:
    """Tell in ``service.json`` where the service listens, while it does."""
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    if host in ("0.0.0.0", "::"):  # noqa: S104  # not bound here: only shown as an address that works
        shown = "127.0.0.1"
    file = data_dir / "service.json"
    content: dict[str, Any] = {
        "url": f"http://{shown}:{port}",
        "pid": os.getpid(),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    temporary = file.with_name(".service.json.new")
    temporary.write_text(json.dumps(content))
    temporary.chmod(0o600)
    temporary.replace(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _make_directories(data_dir: Path) -> None:
    os.umask(0o077)
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    data_dir.chmod(0o700)
    for name in DIRECTORIES:
        (data_dir / name).mkdir(mode=0o700, exist_ok=True)


def _configure_logs() -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")


if __name__ == "__main__":
    sys.exit(main())
