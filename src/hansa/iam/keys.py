"""The access keys of the store, as the request chain asks for them."""

from __future__ import annotations

from hansa.iam.credentials import Credential
from hansa.store.database import Store
from hansa.store.tables import AccessKey


class StoredCredentials:
    """The access keys of the store, as the request chain asks for them.

    Decrypted keys are kept in memory, since each call needs one and decryption costs more than the
    rest of a read; :meth:`forget` must follow every change of a key.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Credential] = {}

    def find(self, access_key_id: str) -> Credential | None:
        known = self._known.get(access_key_id)
        if known is not None:
            return known
        with self._store.read() as session:
            row = session.get(AccessKey, access_key_id)
        if row is None:
            return None
        cipher = self._store.cipher
        credential = Credential(
            access_key_id=row.id,
            secret_access_key=cipher.decrypt(row.secret),
            account_id=row.account_id,
            principal_arn=row.principal_arn,
            session_token=cipher.decrypt(row.session_token) if row.session_token else None,
            expires_at=row.expires_at,
            active=row.status == "Active",
        )
        self._known[access_key_id] = credential
        return credential

    def forget(self, access_key_id: str) -> None:
        self._known.pop(access_key_id, None)
