"""Contracts in unit tests: a channel in memory with Fabric's semantics.

Reads see what is committed, not the transaction's own writes. What it does not have: rich queries
(as a peer with LevelDB), the limits of sizes, and peers that are behind.
"""

from __future__ import annotations

from hansa_contract.testing.channel import Endorsed, MockChannel, Result, TransactionError
from hansa_contract.testing.collections import Collection
from hansa_contract.testing.endorsing import Event, TransactionContext
from hansa_contract.testing.identities import CertificateAuthority, Identity
from hansa_contract.testing.validation import Code

__all__ = [
    "CertificateAuthority",
    "Code",
    "Collection",
    "Endorsed",
    "Event",
    "Identity",
    "MockChannel",
    "Result",
    "TransactionContext",
    "TransactionError",
]
