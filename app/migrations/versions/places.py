"""Places: where in the queue a person put a job that waits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column; jobs of before wait where they are."""
    op.add_column("jobs", sa.Column("place_at", sa.DateTime(), nullable=True))


def downgrade() -> None:
    """Take the column back; jobs wait by when they were ordered again."""
    op.drop_column("jobs", "place_at")
