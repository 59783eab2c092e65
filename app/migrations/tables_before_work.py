"""The tables as they were before migration 0009, which replaces them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.migrations.columns import at, big, flag, floating, ident, job_events, json, key, text, whole

#: In the order in which they can be made: each after those that it points at.
METADATA = sa.MetaData()
TABLES: dict[str, sa.Table] = {}


def table(name: str, *items: sa.schema.SchemaItem) -> None:
    """A table of before."""
    TABLES[name] = sa.Table(name, METADATA, *items)


def kept() -> list[sa.schema.SchemaItem]:
    """The columns that songs and pictures had in common."""
    return [
        *(ident("id"), ident("person_id"), text("title"), text("search_text"), key("file_name", 80), flag("has_file")),
        *(big("size_bytes"), key("sha256", 64), key("mime", 80), at("created_at"), at("deleted_at", True), at("erase_at", True)),
    ]


def rules(name: str) -> list[sa.schema.SchemaItem]:
    """The rules that songs and pictures had in common."""
    return [
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=f"fk_{name}_person_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("person_id", "sha256", name=f"uq_{name}_person_id_sha256"),
        sa.Index(f"ix_{name}_person_id_created_at", "person_id", "created_at"),
    ]


sa.Table("people", METADATA, ident("id"))  # stays as it is
table("songs", *kept(), floating("duration_s"), json("waveform"), *rules("songs"))
table(
    "pictures",
    *kept(),
    *(whole("width"), whole("height"), json("faces"), flag("drawing", default=sa.false()), whole("turned", default="0")),
    key("thumb_name", 80),
    *rules("pictures"),
)
table(
    "films",
    *(ident("id"), ident("person_id"), ident("song_id"), ident("picture_id"), text("title"), text("search_text")),
    *(json("settings"), key("order_key", 64), key("file_name", 80, True), big("size_bytes", True), json("report", True)),
    *(json("emotion", True), json("metrics", True), key("metrics_html_name", 80, True), at("created_at")),
    *(at("deleted_at", True), at("erase_at", True)),
    sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_films_person_id"),
    sa.ForeignKeyConstraint(["picture_id"], ["pictures.id"], name="fk_films_picture_id"),
    sa.ForeignKeyConstraint(["song_id"], ["songs.id"], name="fk_films_song_id"),
    sa.PrimaryKeyConstraint("id", name="pk_films"),
    sa.UniqueConstraint("person_id", "order_key", name="uq_films_person_id_order_key"),
    sa.Index("ix_films_person_id_created_at", "person_id", "created_at"),
    sa.Index("ix_films_picture_id", "picture_id"),
    sa.Index("ix_films_song_id", "song_id"),
)
table(
    "song_emotions",
    *(ident("id"), ident("song_id"), floating("start_s"), floating("duration_s"), key("state", 16), json("emotion", True)),
    *(json("failure", True), key("owner", 120, True), at("heartbeat_at", True), at("asked_at"), at("finished_at", True)),
    sa.ForeignKeyConstraint(["song_id"], ["songs.id"], name="fk_song_emotions_song_id"),
    sa.PrimaryKeyConstraint("id", name="pk_song_emotions"),
    sa.UniqueConstraint("song_id", "start_s", "duration_s", name="uq_song_emotions_song_id_start_s_duration_s"),
    sa.Index("ix_song_emotions_state_asked_at", "state", "asked_at"),
)
table(
    "jobs",
    *(ident("id"), ident("film_id"), ident("person_id"), key("state", 16), key("stage", 32), whole("done"), whole("total")),
    *(floating("eta_s", True), flag("cancel_requested"), whole("attempts"), key("owner", 120, True), at("heartbeat_at", True)),
    *(at("queued_at"), at("started_at", True), at("finished_at", True), json("notes"), floating("share", True)),
    *(flag("overdue", default=sa.false()), json("failure", True)),
    sa.ForeignKeyConstraint(["film_id"], ["films.id"], name="fk_jobs_film_id"),
    sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_jobs_person_id"),
    sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    sa.Index("ix_jobs_film_id", "film_id"),
    sa.Index("ix_jobs_person_id_state", "person_id", "state"),
    sa.Index("ix_jobs_state_queued_at", "state", "queued_at"),
)
table("job_events", *job_events())


def make() -> None:
    """Make them, with their indexes."""
    for each in TABLES.values():
        each.create(op.get_bind())
