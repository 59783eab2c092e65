"""Hiding: what is deleted is hidden until a time at which it is destroyed; till then it can be brought back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = ("songs", "pictures", "films")


def upgrade() -> None:
    """Make the columns. What was deleted before was deleted for good: its time has come."""
    for name in TABLES:
        op.add_column(name, sa.Column("erase_at", sa.DateTime(), nullable=True))
        table = sa.table(name, sa.column("deleted_at", sa.DateTime), sa.column("erase_at", sa.DateTime))
        op.execute(table.update().where(table.c.deleted_at.is_not(None)).values(erase_at=table.c.deleted_at))


def downgrade() -> None:
    """Take the columns back; the program of before destroys at once what is hidden, as it does with all that is deleted."""
    for name in TABLES:
        op.drop_column(name, "erase_at")
