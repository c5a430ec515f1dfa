"""What holds for all tests."""

from __future__ import annotations

import structlog

# A traceback in colours with every variable takes seconds on a busy machine.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(),
    ]
)
