"""The installation's store, opened by a command while the service may run beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hansa.cli.session import current
from hansa.client.installation import ClientError

if TYPE_CHECKING:
    from hansa.store.database import Store


@contextmanager
def opened_store() -> Iterator[Store]:
    """The store of the session's installation; whoever may read the data directory may have it.

    Raises ``ClientError`` before the first start, or where it cannot be opened.
    """
    from hansa.store.cipher import CipherError
    from hansa.store.database import SchemaError, open_store

    data_dir = current().installation().data_dir
    database = data_dir / "hansa.db"
    if not database.exists():
        raise ClientError(
            f"there is no installation in {data_dir} yet: it is made at the first start. "
            "Start the service with `hansa up`."
        )
    try:
        store = open_store(database, data_dir / "secrets" / "store.key")
    except (SchemaError, CipherError) as fault:
        raise ClientError(f"cannot open the store: {fault}") from fault
    try:
        yield store
    finally:
        store.close()
