"""Tokens by which programs ask the API."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.migrations.columns import at, ident, key

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "api_tokens",
        *(ident("id"), ident("person_id"), key("name", 80), key("secret_sha256", 64), key("scopes", 80)),
        *(at("created_at"), at("expires_at"), sa.Column("used_on", sa.Date(), nullable=True)),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_api_tokens_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("secret_sha256", name="uq_api_tokens_secret_sha256"),
    )
    op.create_index("ix_api_tokens_person_id", "api_tokens", ["person_id"])


def downgrade() -> None:
    """Take the table back; no token holds any more."""
    op.drop_table("api_tokens")
