"""Origins: from which address, as a keyed hash, a visitor first kept something and an upload was begun."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("people", "uploads")


def upgrade() -> None:
    """Make the columns. Of what was there before nobody knows where it came from; it counts for its person alone."""
    for table in TABLES:
        op.add_column(table, sa.Column("origin", sa.String(length=32), nullable=True))
        op.create_index(op.f(f"ix_{table}_origin"), table, ["origin"])


def downgrade() -> None:
    """Take the columns back."""
    for table in TABLES:
        op.drop_index(op.f(f"ix_{table}_origin"), table)
        op.drop_column(table, "origin")
