"""Data keys: what people keep is sealed with keys of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; what was kept before lies open until `belcanto keys encrypt` seals it."""
    op.create_table(
        "data_keys",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("wrapped", sa.String(80), nullable=False),
        sa.Column("master_id", sa.String(16), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("retired_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_data_keys"),
    )
    op.create_index("ix_data_keys_person_id_created_at", "data_keys", ["person_id", "created_at"])
    op.create_index("ix_data_keys_master_id", "data_keys", ["master_id"])


def downgrade() -> None:
    """Take the table away. What was sealed can be read by nobody then."""
    op.drop_table("data_keys")
