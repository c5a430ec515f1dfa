"""trusted ids and session tags"""

import re

import sqlalchemy as sa
from alembic import op

from hansa.domain.trust import with_principals

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ENTITY = re.compile(r"arn:aws:iam::([0-9]{12}):(user|role)(/(?:.*/)?)([^/]+)")


def upgrade() -> None:
    """Whoever a trust policy names is taken for who has the name now."""
    with op.batch_alter_table("access_keys") as table:
        table.add_column(sa.Column("session_tags", sa.JSON(), nullable=True))
        table.add_column(sa.Column("transitive_tag_keys", sa.JSON(), nullable=True))
        table.add_column(sa.Column("source_identity", sa.String(length=64), nullable=True))
    connection = op.get_bind()
    rows = connection.execute(
        sa.text("SELECT id, trust FROM principals WHERE trust IS NOT NULL")
    ).all()
    for row in rows:
        kept = with_principals(row.trust, _id_of)
        connection.execute(
            sa.text("UPDATE principals SET trust = :trust WHERE id = :id"),
            {"trust": kept, "id": row.id},
        )


def _id_of(value: str) -> str:
    match = _ENTITY.fullmatch(value)
    if match is None:
        return value
    found = op.get_bind().execute(
        sa.text(
            "SELECT id FROM principals WHERE account_id = :account AND kind = :kind"
            " AND path = :path AND name = :name"
        ),
        dict(zip(("account", "kind", "path", "name"), match.groups(), strict=True)),
    )
    return found.scalar() or value
