"""Links by which others see a film."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.migrations.columns import at, flag, ident, key, whole

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "share_links",
        *(ident("id"), ident("person_id"), ident("work_id"), key("secret_sha256", 64)),
        *(at("created_at"), at("expires_at"), flag("download"), whole("opened")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_share_links_person_id"),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name="fk_share_links_work_id"),
        sa.PrimaryKeyConstraint("id", name="pk_share_links"),
        sa.UniqueConstraint("secret_sha256", name="uq_share_links_secret_sha256"),
    )
    op.create_index("ix_share_links_person_id", "share_links", ["person_id"])
    op.create_index("ix_share_links_work_id", "share_links", ["work_id"])


def downgrade() -> None:
    """Take the table back; no link holds any more."""
    op.drop_table("share_links")
