"""Following: by which request a job was ordered, and on which trace it hangs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the columns; of jobs of before it is not known."""
    for name in ("request_id", "traceparent"):
        op.add_column("jobs", sa.Column(name, sa.String(64), nullable=False, server_default=""))


def downgrade() -> None:
    """Take them back."""
    for name in ("request_id", "traceparent"):
        op.drop_column("jobs", name)
