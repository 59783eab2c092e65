"""Workers: what each can do, and what jobs need of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.migrations.columns import at, flag, json, key, whole

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and the columns; jobs of before need nothing special."""
    op.create_table(
        "workers",
        *(
            key("name", 120),
            key("machine", 80),
            whole("cores"),
            whole("memory_mb"),
            json("cards"),
            json("kinds"),
            json("engines"),
        ),
        *(at("since"), at("seen_at"), key("job_id", 32, empty=True)),
        sa.PrimaryKeyConstraint("name", name="pk_workers"),
    )
    op.add_column("jobs", sa.Column("engine", sa.String(32), nullable=False, server_default=""))
    op.add_column("jobs", flag("needs_card", default=sa.false()))
    op.add_column("jobs", whole("needs_memory_mb", default="0"))


def downgrade() -> None:
    """Take them back."""
    for column in ("engine", "needs_card", "needs_memory_mb"):
        op.drop_column("jobs", column)
    op.drop_table("workers")
