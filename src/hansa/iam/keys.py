"""The access keys of the store: found for each request, and their last use recorded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from hansa.iam.credentials import Credential
from hansa.store.database import Store
from hansa.store.principals import get_key
from hansa.store.sessions import record_last_use

KNOWN_MAX = 10_000
USE_INTERVAL = timedelta(minutes=1)


class StoredCredentials:
    """The access keys of the store, as the request chain asks for them.

    Decrypted keys are kept in memory, since each call needs one and decryption costs more than the
    rest of a read; :meth:`forget` must follow every change of keys.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Credential] = {}

    def find(self, access_key_id: str) -> Credential | None:
        # Kept in hand: a key read while they are forgotten must not outlive that.
        known = self._known
        found = known.get(access_key_id)
        if found is None:
            found = self._read(access_key_id)
            if found is not None:
                if len(known) >= KNOWN_MAX:
                    known.clear()
                known[access_key_id] = found
        return found

    def _read(self, access_key_id: str) -> Credential | None:
        with self._store.read() as session:
            row = get_key(session, access_key_id)
        if row is None:
            return None
        cipher = self._store.cipher
        return Credential(
            access_key_id=row.id,
            secret_access_key=cipher.decrypt(row.secret),
            account_id=row.account_id,
            principal_arn=row.principal_arn,
            session_token=cipher.decrypt(row.session_token) if row.session_token else None,
            expires_at=row.expires_at,
            active=row.status == "Active",
        )

    def forget(self) -> None:
        """Read every key anew."""
        self._known = {}


@dataclass(frozen=True)
class Use:
    """When a key was last used, for which service and in which region."""

    at: datetime
    service: str
    region: str


class KeyUses:
    """When keys were last used: in memory at once, in the store at most once a minute a key.

    A crash loses the last minute of it. Call :meth:`close` at the end.
    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._lock = threading.Lock()
        self._last: dict[str, Use] = {}
        self._written: dict[str, Use] = {}
        self._writer = ThreadPoolExecutor(1, "key-uses")

    def note(self, access_key_id: str, service: str, region: str) -> None:
        """The key has just authenticated a request."""
        use = Use(self._now(), service, region)
        with self._lock:
            written = self._written.get(access_key_id)
            self._last[access_key_id] = use
            if written is not None and use.at - written.at < USE_INTERVAL:
                return
            if len(self._last) > KNOWN_MAX:
                self._last.clear()
                self._written.clear()
            self._written[access_key_id] = use
        self._writer.submit(self._write, {access_key_id: use})

    def last(self, access_key_id: str) -> Use | None:
        """The last use since the service started."""
        return self._last.get(access_key_id)

    def close(self) -> None:
        """Write what is not written yet."""
        self._writer.shutdown(wait=True)
        self._write({k: use for k, use in self._last.items() if self._written.get(k) != use})

    def _write(self, uses: dict[str, Use]) -> None:
        if not uses:
            return
        with self._store.write() as session:
            for access_key_id, use in uses.items():
                record_last_use(session, access_key_id, use.at, use.service, use.region)
