"""The engine: Hyperledger Fabric's programs, and what chaincode is built and run with.

:func:`install_engine` makes it once, in the user's cache, from the pinned sources in ``engine/``;
:func:`locate_engine` finds it.
"""

from __future__ import annotations

from hansa.engine.errors import EngineBrokenError, EngineError, EngineMissingError
from hansa.engine.install import install_engine
from hansa.engine.locate import Engine, EngineStatus, engine_status, locate_engine
from hansa.engine.progress import Progress, Silent

__all__ = [
    "Engine",
    "EngineBrokenError",
    "EngineError",
    "EngineMissingError",
    "EngineStatus",
    "Progress",
    "Silent",
    "engine_status",
    "install_engine",
    "locate_engine",
]
