"""Log lines in JSON on standard error, each with the transaction that it belongs to.

Arguments, values and results are never logged here; a transaction is told of by its id.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime

from hansa_contract.proposal import Transaction

current_transaction: ContextVar[Transaction | None] = ContextVar("transaction", default=None)
"""Set while a transaction runs, in its worker thread too."""

LEVEL_VARIABLES = ("CHAINCODE_LOG_LEVEL", "CORE_CHAINCODE_LOGGING_LEVEL")


class JsonFormatter(logging.Formatter):
    """One object in one line: ``time``, ``level``, ``logger``, ``message``, perhaps more."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        transaction = current_transaction.get()
        if transaction is not None:
            told["channel"], told["tx_id"] = transaction.channel_id, transaction.tx_id
        facts = getattr(record, "facts", None)
        if isinstance(facts, Mapping):
            told.update(facts)
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


def set_up_logging(environment: Mapping[str, str] = os.environ) -> None:
    """Send all logging to standard error as JSON; the level is the environment's, else INFO."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    wanted = next((environment[name] for name in LEVEL_VARIABLES if environment.get(name)), "INFO")
    levels = logging.getLevelNamesMapping()
    root.setLevel(levels.get(wanted.upper(), logging.INFO))
