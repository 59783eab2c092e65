"""Notices: the browsers that are told when a film is ready."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.migrations.columns import at, ident, key, text

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "notice_addresses",
        *(ident("id"), ident("person_id"), key("key", 64), text("endpoint"), key("p256dh", 100), key("auth", 40)),
        *(key("language", 8), at("created_at")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_notice_addresses_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notice_addresses"),
        sa.UniqueConstraint("key", name="uq_notice_addresses_key"),
    )
    op.create_index("ix_notice_addresses_person_id", "notice_addresses", ["person_id"])


def downgrade() -> None:
    """Take the table back."""
    op.drop_table("notice_addresses")
