"""The tables as migration 0009 makes them; later migrations may change them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.migrations.columns import at, big, flag, floating, ident, job_events, json, key, text, whole

#: In the order in which they can be made: each after those that it points at.
METADATA = sa.MetaData()
TABLES: dict[str, sa.Table] = {}


def table(name: str, *items: sa.schema.SchemaItem) -> None:
    """A table of this program."""
    TABLES[name] = sa.Table(name, METADATA, *items)


sa.Table("people", METADATA, ident("id"))  # is there already
table(
    "assets",
    *(ident("id"), ident("person_id"), key("kind", 16), text("title"), text("search_text"), key("file_name", 80)),
    *(flag("has_file"), big("size_bytes"), key("sha256", 64), key("mime", 80), at("created_at")),
    *(at("deleted_at", True), at("erase_at", True), floating("duration_s", True), json("waveform", True)),
    *(whole("width", True), whole("height", True), json("faces", True), flag("drawing", True), whole("turned", True)),
    key("thumb_name", 80, True),
    sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_assets_person_id"),
    sa.PrimaryKeyConstraint("id", name="pk_assets"),
    sa.UniqueConstraint("person_id", "kind", "sha256", name="uq_assets_person_id_kind_sha256"),
    sa.Index("ix_assets_person_id_kind_created_at", "person_id", "kind", "created_at"),
)
table(
    "works",
    *(ident("id"), ident("person_id"), key("kind", 32), text("title"), text("search_text"), json("options")),
    *(key("order_key", 64), json("files"), big("size_bytes", True), json("figures", True), at("created_at")),
    *(at("deleted_at", True), at("erase_at", True)),
    sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_works_person_id"),
    sa.PrimaryKeyConstraint("id", name="pk_works"),
    sa.UniqueConstraint("person_id", "order_key", name="uq_works_person_id_order_key"),
    sa.Index("ix_works_person_id_created_at", "person_id", "created_at"),
)
table(
    "work_inputs",
    *(ident("work_id"), key("role", 32), ident("asset_id")),
    sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name="fk_work_inputs_asset_id"),
    sa.ForeignKeyConstraint(["work_id"], ["works.id"], name="fk_work_inputs_work_id"),
    sa.PrimaryKeyConstraint("work_id", "role", name="pk_work_inputs"),
    sa.Index("ix_work_inputs_asset_id", "asset_id"),
)
table(
    "jobs",
    *(ident("id"), ident("person_id"), key("kind", 32), key("turn", 8), ident("work_id", True), json("options")),
    *(json("result", True), json("files"), key("question_key", 64, True), key("state", 16), key("stage", 32)),
    *(whole("done"), whole("total"), floating("eta_s", True), floating("share", True), flag("overdue")),
    *(json("failure", True), flag("cancel_requested"), whole("attempts"), key("owner", 120, True)),
    *(at("heartbeat_at", True), at("queued_at"), at("started_at", True), at("finished_at", True), json("notes")),
    sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_jobs_person_id"),
    sa.ForeignKeyConstraint(["work_id"], ["works.id"], name="fk_jobs_work_id"),
    sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    sa.UniqueConstraint("question_key", name="uq_jobs_question_key"),
    sa.Index("ix_jobs_work_id", "work_id"),
    sa.Index("ix_jobs_person_id_state", "person_id", "state"),
    sa.Index("ix_jobs_turn_state_queued_at", "turn", "state", "queued_at"),
)
table(
    "job_inputs",
    *(ident("job_id"), key("role", 32), ident("asset_id")),
    sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name="fk_job_inputs_asset_id"),
    sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_job_inputs_job_id"),
    sa.PrimaryKeyConstraint("job_id", "role", name="pk_job_inputs"),
    sa.Index("ix_job_inputs_asset_id", "asset_id"),
)
table("job_events", *job_events())


def make() -> None:
    """Make them, with their indexes."""
    for each in TABLES.values():
        each.create(op.get_bind())
