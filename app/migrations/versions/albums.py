"""Albums and tags, by which a person puts the library in order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.migrations.columns import at, ident, key, text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

#: What lies in albums and bears tags: what the columns are called, and the table that they point at.
THINGS = (("asset", "assets"), ("work", "works"))


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "albums",
        *(ident("id"), ident("person_id"), text("title"), text("search_text"), at("created_at")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_albums_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_albums"),
    )
    op.create_index("ix_albums_person_id", "albums", ["person_id"])
    for thing, table in THINGS:
        op.create_table(
            f"album_{table}",
            *(ident("album_id"), ident(f"{thing}_id")),
            sa.ForeignKeyConstraint(["album_id"], ["albums.id"], name=f"fk_album_{table}_album_id"),
            sa.ForeignKeyConstraint([f"{thing}_id"], [f"{table}.id"], name=f"fk_album_{table}_{thing}_id"),
            sa.PrimaryKeyConstraint("album_id", f"{thing}_id", name=f"pk_album_{table}"),
        )
        op.create_index(f"ix_album_{table}_{thing}_id", f"album_{table}", [f"{thing}_id"])
        op.create_table(
            f"{thing}_tags",
            *(ident(f"{thing}_id"), key("folded", 80), ident("person_id"), text("word")),
            sa.ForeignKeyConstraint([f"{thing}_id"], [f"{table}.id"], name=f"fk_{thing}_tags_{thing}_id"),
            sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=f"fk_{thing}_tags_person_id"),
            sa.PrimaryKeyConstraint(f"{thing}_id", "folded", name=f"pk_{thing}_tags"),
        )
        op.create_index(f"ix_{thing}_tags_person_id_folded", f"{thing}_tags", ["person_id", "folded"])


def downgrade() -> None:
    """Take the tables back; the things themselves stay."""
    for thing, table in THINGS:
        op.drop_table(f"{thing}_tags")
        op.drop_table(f"album_{table}")
    op.drop_table("albums")
