"""Shares: how much of a film is done, by the time that it takes, and whether it takes longer than was foreseen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the columns; nothing is known of the jobs of before."""
    op.add_column("jobs", sa.Column("share", sa.Double(), nullable=True))
    op.add_column("jobs", sa.Column("overdue", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Take the columns back."""
    op.drop_column("jobs", "overdue")
    op.drop_column("jobs", "share")
