"""Alembic's entry: runs the migrations on the connection it is given."""

from alembic import context

from hansa.store.event_tables import EventTarget
from hansa.store.operation_tables import Operation
from hansa.store.tables import Base

connection = context.config.attributes["connection"]
# Named, so that their tables are among those that Alembic compares with.
_ = EventTarget, Operation

context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
