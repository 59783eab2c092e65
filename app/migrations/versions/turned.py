"""Turned: by how many quarters a picture was turned so that its face stands upright."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

#: An option that the program before this one does not know and would stumble over.
NEW_OPTION = "turn_back"
FILMS = sa.table("films", sa.column("id", sa.String), sa.column("settings", sa.JSON))


def upgrade() -> None:
    """Make the column. Whether a picture of before was turned nobody kept; none is said to have been."""
    op.add_column("pictures", sa.Column("turned", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Take the column back, and the option out of the films' settings."""
    connection = op.get_bind()
    for film in connection.execute(sa.select(FILMS)).mappings().all():
        if NEW_OPTION in film["settings"]:
            settings = {name: value for name, value in film["settings"].items() if name != NEW_OPTION}
            connection.execute(FILMS.update().where(FILMS.c.id == film["id"]).values(settings=settings))
    op.drop_column("pictures", "turned")  # not in a batch: that would drop the whole table, which films point at
