"""What holds for all tests."""

from __future__ import annotations

import structlog
from hypothesis import HealthCheck, settings

# A traceback in colours with every variable takes seconds on a busy machine.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(),
    ]
)

# How long an example takes says more of what else the machine does.
settings.register_profile("hansa", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("hansa")
