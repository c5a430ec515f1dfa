"""delivery of events"""

import sqlalchemy as sa
from alembic import op

import hansa.store.types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_targets",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("command", sa.JSON(), nullable=True),
        sa.Column("timeout_seconds", sa.Double(), nullable=False),
        sa.Column("detail_types", sa.JSON(), nullable=False),
        sa.Column("network_ids", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", hansa.store.types.UtcDateTime(), nullable=False),
        sa.Column("tried_at", hansa.store.types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_targets")),
    )
    op.create_index(op.f("ix_event_targets_account_id"), "event_targets", ["account_id"])

    op.create_table(
        "deliveries",
        sa.Column("target_id", sa.String(length=32), nullable=False),
        sa.Column("event_number", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_attempt_at", hansa.store.types.UtcDateTime(), nullable=True),
        sa.Column("due_at", hansa.store.types.UtcDateTime(), nullable=False),
        sa.Column("lease_until", hansa.store.types.UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("settled_at", hansa.store.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_number"], ["events.number"], name=op.f("fk_deliveries_event_number_events")
        ),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["event_targets.id"],
            name=op.f("fk_deliveries_target_id_event_targets"),
        ),
        sa.PrimaryKeyConstraint("target_id", "event_number", name=op.f("pk_deliveries")),
    )
    op.create_index("ix_deliveries_event_number", "deliveries", ["event_number"])
    heads = ["target_id", "status", "subject", "event_number"]
    op.create_index("ix_deliveries_heads", "deliveries", heads)


def downgrade() -> None:
    op.drop_table("deliveries")
    op.drop_table("event_targets")
