"""Emotion: what a film's face felt, and what was heard of it in songs before there was a film."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: Options that the program before this one does not know and would stumble over.
NEW_OPTIONS = ("style", "intensity", "lips")
FILMS = sa.table(
    "films",
    sa.column("id", sa.String),
    sa.column("settings", sa.JSON),
    sa.column("report", sa.JSON(none_as_null=True)),
    sa.column("emotion", sa.JSON(none_as_null=True)),
)


def upgrade() -> None:
    """Make the column and the table. Films that were made before have no emotion."""
    op.add_column("films", sa.Column("emotion", sa.JSON(), nullable=True))
    change_films(out_of_the_report)
    op.create_table(
        "song_emotions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("song_id", sa.String(length=32), nullable=False),
        sa.Column("start_s", sa.Double(), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("emotion", sa.JSON(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("owner", sa.String(length=120), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(), nullable=True),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["song_id"], ["songs.id"], name=op.f("fk_song_emotions_song_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_song_emotions")),
        sa.UniqueConstraint("song_id", "start_s", "duration_s", name=op.f("uq_song_emotions_song_id_start_s_duration_s")),
    )
    op.create_index(op.f("ix_song_emotions_state_asked_at"), "song_emotions", ["state", "asked_at"])


def downgrade() -> None:
    """Take column and table back; a film's emotion goes into its report, where the next upgrade finds it again."""
    op.drop_table("song_emotions")
    change_films(into_the_report)
    op.drop_column("films", "emotion")  # not in a batch: that would drop the whole table, which jobs point at


def change_films(change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
    """Set the columns that `change` names for each film that is there."""
    connection = op.get_bind()
    for film in connection.execute(sa.select(FILMS)).mappings().all():
        if values := change(dict(film)):
            connection.execute(FILMS.update().where(FILMS.c.id == film["id"]).values(**values))


def out_of_the_report(film: Mapping[str, Any]) -> dict[str, Any]:
    """The emotion that a downgrade has put into the report."""
    report = dict(film["report"] or {})
    emotion = report.pop("emotion", None)
    return {"report": report, "emotion": emotion} if emotion else {}


def into_the_report(film: Mapping[str, Any]) -> dict[str, Any]:
    """The emotion into the report, and the settings without what the program before does not know."""
    settings = {name: value for name, value in film["settings"].items() if name not in NEW_OPTIONS}
    changed: dict[str, Any] = {"settings": settings} if settings != film["settings"] else {}
    if film["report"] and film["emotion"]:
        changed["report"] = {**film["report"], "emotion": film["emotion"]}
    return changed
