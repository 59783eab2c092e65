"""Messages: why a job or a search for an emotion failed is kept as code and values, so that every language can say it.

What was kept before as a sentence stays that sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from core.messages import as_written, message_from_json

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JOBS = sa.table("jobs", sa.column("id", sa.String), sa.column("error", sa.Text))
NOTES = sa.table("jobs", sa.column("id", sa.String), sa.column("notes", sa.JSON))
EMOTIONS = sa.table("song_emotions", sa.column("id", sa.String), sa.column("error", sa.Text))
PICTURES = sa.table("pictures", sa.column("id", sa.String), sa.column("faces", sa.JSON))
FILMS = sa.table("films", sa.column("id", sa.String), sa.column("report", sa.JSON), sa.column("metrics", sa.JSON))
#: What a face says of itself.
TOLD = ("reason", "advice")


def upgrade() -> None:
    """Make the columns, and take the sentences over."""
    for table in (JOBS, EMOTIONS):
        op.add_column(table.name, sa.Column("failure", sa.JSON(), nullable=True))
        target = sa.table(table.name, sa.column("id", sa.String), sa.column("failure", sa.JSON))
        for row in rows_of(table):
            if row["error"] is not None:
                change(target, row["id"], {"failure": as_written(row["error"]).as_json()})
        op.drop_column(table.name, "error")


def downgrade() -> None:
    """Back to sentences, in English: the program before knows no others, neither of jobs nor of faces."""
    for table in (JOBS, EMOTIONS):
        op.add_column(table.name, sa.Column("error", sa.Text(), nullable=True))
        source = sa.table(table.name, sa.column("id", sa.String), sa.column("failure", sa.JSON))
        for row in rows_of(source):
            if row["failure"] is not None:
                change(table, row["id"], {"error": in_english(row["failure"])})
        op.drop_column(table.name, "failure")
    change_all(NOTES, "notes", sentences)
    change_all(PICTURES, "faces", lambda faces: [with_sentences(face) for face in faces])
    change_all(FILMS, "report", lambda report: report and with_sentences(report))
    change_all(FILMS, "metrics", with_sentence)


def in_english(kept: dict[str, Any] | str) -> str:
    """The sentence for what a row keeps."""
    return str(message_from_json(kept))


def sentences(notes: list[Any]) -> list[str]:
    """All of them as sentences."""
    return [in_english(note) for note in notes]


def with_sentences(values: dict[str, Any]) -> dict[str, Any]:
    """A face with its reason and advice as sentences, or a report with its notes."""
    told = {name: in_english(value) for name, value in values.items() if name in TOLD and value}
    return {**values, **told} | ({"notes": sentences(values["notes"])} if "notes" in values else {})


def with_sentence(figures: dict[str, Any] | None) -> dict[str, Any] | None:
    """A report's figures; where there is none, why, as a sentence."""
    return {"error": in_english(figures["error"])} if figures and "error" in figures else figures


def change_all(table: sa.TableClause, name: str, changed: Callable[[Any], Any]) -> None:
    """Change a column of all rows whose value becomes another."""
    for row in rows_of(table):
        if (value := changed(row[name])) != row[name]:
            change(table, row["id"], {name: value})


def rows_of(table: sa.TableClause) -> list[dict[str, Any]]:
    """All rows of the table."""
    return [dict(row) for row in op.get_bind().execute(sa.select(table)).mappings().all()]


def change(table: sa.TableClause, row_id: str, values: dict[str, Any]) -> None:
    """Set columns of one row."""
    op.get_bind().execute(table.update().where(table.c.id == row_id).values(**values))
