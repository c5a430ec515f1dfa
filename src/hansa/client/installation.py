"""An installation as its data directory shows it: the service, its address, its administrator."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hansa.settings import Settings, load_settings

FIRST_ACCOUNT = "default"
FIRST_KEY_FILE = "administrator.json"
TLS_CHAIN = "managedblockchain-tls-chain.pem"


class ClientError(Exception):
    """Something the user asked for cannot be done; the text says what, why, and what to do."""


class NotRunningError(ClientError):
    """The service of the installation does not run."""


class NotReadyError(ClientError):
    """A resource that is needed is not there, or not AVAILABLE."""


@dataclass(frozen=True)
class Administrator:
    """The access key that an account was made with, and the file that holds it."""

    file: Path
    account_name: str
    account_id: str
    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True)
class Service:
    """The running service: its URL (``http://127.0.0.1:8590``), process id and start time."""

    url: str
    pid: int
    started: str


@dataclass(frozen=True)
class Installation:
    """The installation in ``settings.data_dir``, whether or not it was ever started.

    ``account`` is the name or number of the account to act for; empty for the first one.
    """

    settings: Settings
    account: str = ""

    @property
    def data_dir(self) -> Path:
        return self.settings.data_dir

    @property
    def service_log(self) -> Path:
        return self.data_dir / "logs" / "service.log"

    @property
    def tls_chain(self) -> Path:
        return self.data_dir / "tls" / TLS_CHAIN

    def administrator(self) -> Administrator:
        """The administrator of ``account``.

        Raises :class:`ClientError` before the first start, and where there is no such account.
        """
        stored = self._read(FIRST_KEY_FILE)
        if stored is None:
            raise ClientError(
                f"there is no administrator's key in {self.data_dir} yet: it is made at the first "
                "start. Start the service with `hansa up`."
            )
        if self.account in ("", FIRST_ACCOUNT, stored["AccountId"]):
            return self._administrator(FIRST_KEY_FILE, stored)
        for path in sorted((self.data_dir / "accounts").glob("*.json")):
            name = f"accounts/{path.name}"
            stored = self._read(name) or {}
            if self.account in (stored.get("AccountId"), stored.get("AccountName")):
                return self._administrator(name, stored)
        raise ClientError(
            f"there is no key of an account {self.account} in {self.data_dir / 'accounts'}. "
            "`hansa account list` shows the accounts there are; it was chosen with --account or "
            "HANSA_ACCOUNT."
        )

    def _administrator(self, name: str, stored: Mapping[str, str]) -> Administrator:
        return Administrator(
            file=self.data_dir / name,
            account_name=(
                FIRST_ACCOUNT
                if name == FIRST_KEY_FILE
                else stored.get("AccountName", stored["AccountId"])
            ),
            account_id=stored["AccountId"],
            access_key_id=stored["AccessKeyId"],
            secret_access_key=stored["SecretAccessKey"],
        )

    def lock_holder(self) -> int | None:
        """The pid of the service that holds this data directory; 0 where it is not told.

        None: no service runs. The lock, not the pid, decides: it ends with its process.
        """
        try:
            descriptor = os.open(self.data_dir / "service.lock", os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            stored = self._read("service.json") or {}
            text = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
            return int(text) if text.isdigit() else int(stored.get("pid", 0))
        finally:
            os.close(descriptor)
        return None

    def service(self) -> Service:
        """The service that listens. Raises :class:`NotRunningError`."""
        stored = self._read("service.json") if self.lock_holder() is not None else None
        if stored is None:
            raise NotRunningError(
                f"the service of {self.data_dir} is not running. Start it with `hansa up`."
            )
        return Service(url=stored["url"], pid=stored["pid"], started=str(stored["started"]))

    def _read(self, name: str) -> Any:
        try:
            return json.loads((self.data_dir / name).read_text())
        except FileNotFoundError:
            return None
        except (ValueError, OSError) as fault:
            raise ClientError(
                f"cannot read {self.data_dir / name}: {fault}. Restore the file, or stop the "
                "service and start it again."
            ) from fault


def open_installation(
    data_dir: Path, environment: Mapping[str, str], listen: str | None = None
) -> Installation:
    """The installation, used for the account that ``$HANSA_ACCOUNT`` names.

    Raises :class:`ClientError` where a setting cannot be understood.
    """
    account = environment.get("HANSA_ACCOUNT", "")
    try:
        return Installation(load_settings(data_dir, environment, {"listen": listen}), account)
    except ValueError as fault:
        raise ClientError(f"a setting cannot be used: {fault}.") from fault
