"""Pictures and films keep when it was stated that whoever they show agreed, and in which wording."""

from __future__ import annotations

from alembic import op

from app.migrations.columns import at, key

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; of what was given before, nothing was stated."""
    op.add_column("assets", at("consent_at", True))
    op.add_column("assets", key("consent_wording", 16, True))


def downgrade() -> None:
    """Take the columns back."""
    op.drop_column("assets", "consent_wording")  # not in a batch: that would drop the whole table, which others point at
    op.drop_column("assets", "consent_at")
