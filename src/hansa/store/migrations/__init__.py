"""Migrations of the store's schema, with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def known_revisions() -> frozenset[str]:
    script = ScriptDirectory.from_config(configuration())
    return frozenset(revision.revision for revision in script.walk_revisions())


def upgrade(connection: Connection) -> None:
    """Bring the database behind ``connection`` to the newest revision."""
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
