"""Searching: titles are found without their accents, and works by what is said or sung in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.services.spoken import folded_words
from app.services.titles import fold

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WORKS = sa.table(
    "works",
    *(sa.column("id", sa.String), sa.column("title", sa.Text), sa.column("search_text", sa.Text)),
    *(sa.column("words_text", sa.Text), sa.column("options", sa.JSON), sa.column("figures", sa.JSON)),
)
ASSETS = sa.table("assets", sa.column("id", sa.String), sa.column("title", sa.Text), sa.column("search_text", sa.Text))


def upgrade() -> None:
    """Make the column, and fold what is there as it is searched for from now on."""
    op.add_column("works", sa.Column("words_text", sa.Text(), nullable=False, server_default=""))
    connection = op.get_bind()
    for row in connection.execute(sa.select(ASSETS.c.id, ASSETS.c.title)).all():
        connection.execute(ASSETS.update().where(ASSETS.c.id == row.id).values(search_text=fold(row.title)))
    for work in connection.execute(sa.select(WORKS.c.id, WORKS.c.title, WORKS.c.options, WORKS.c.figures)).all():
        values = {"search_text": fold(work.title), "words_text": folded_words(work.options, work.figures)}
        connection.execute(WORKS.update().where(WORKS.c.id == work.id).values(**values))


def downgrade() -> None:
    """Take the column back. The titles stay as they are: what the program before searches for is mostly found in them too."""
    op.drop_column("works", "words_text")
