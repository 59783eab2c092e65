"""Drawings: which pictures show a drawn character, whose face is found in another way or framed by hand."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: Options that the program before this one does not know and would stumble over.
NEW_OPTIONS = ("restore", "in_between", "frame", "size", "preprocess", "pose", "pose_style", "yaw", "pitch", "roll")
#: Engines that it does not know either; it would take the best of its own.
NEW_ENGINES = ("anime", "sadtalker")
#: Marks the faces of a drawing while the program before this one keeps them.
MARK = "drawing"
#: What that program says of a drawing in which no face was found: it knows no picture without one.
NO_FACE: dict[str, Any] = {
    "number": 1,
    "box": [0.0, 0.0, 1.0, 1.0],
    "ok": False,
    "reason": "No human face was found in the picture; a photo, painting or drawing of one person who looks about into the camera"
    " is accepted, an animal is not.",
}
FILMS = sa.table("films", sa.column("id", sa.String), sa.column("settings", sa.JSON))
PICTURES = sa.table(
    "pictures", sa.column("id", sa.String), sa.column("faces", sa.JSON), sa.column("drawing", sa.Boolean(create_constraint=False))
)


def upgrade() -> None:
    """Make the column. Pictures of before count as no drawings, but for those that a downgrade has marked."""
    op.add_column("pictures", sa.Column("drawing", sa.Boolean(), nullable=False, server_default=sa.false()))
    for picture in rows_of(PICTURES):
        if any(face.get(MARK) for face in picture["faces"]):
            faces = [without_mark(face) for face in picture["faces"] if face["ok"]]
            change(PICTURES, picture["id"], {"faces": faces, "drawing": True})


def downgrade() -> None:
    """Take the column back, and out of the films' settings what the program before does not know."""
    for picture in rows_of(PICTURES):
        if picture["drawing"]:
            change(PICTURES, picture["id"], {"faces": [{**face, MARK: True} for face in picture["faces"] or [NO_FACE]]})
    for film in rows_of(FILMS):
        settings = {name: value for name, value in film["settings"].items() if name not in NEW_OPTIONS}
        if settings.get("engine") in NEW_ENGINES:
            settings["engine"] = "auto"
        if settings != film["settings"]:
            change(FILMS, film["id"], {"settings": settings})
    op.drop_column("pictures", "drawing")  # not in a batch: that would drop the whole table, which films point at


def rows_of(table: sa.TableClause) -> list[dict[str, Any]]:
    """All rows of the table."""
    return [dict(row) for row in op.get_bind().execute(sa.select(table)).mappings().all()]


def change(table: sa.TableClause, row_id: str, values: dict[str, Any]) -> None:
    """Set columns of one row."""
    op.get_bind().execute(table.update().where(table.c.id == row_id).values(**values))


def without_mark(face: dict[str, Any]) -> dict[str, Any]:
    """The face as it was before a downgrade."""
    return {name: value for name, value in face.items() if name != MARK}
