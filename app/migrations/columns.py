"""Columns of the tables that migrations make, one function for each type, and the one table that stays as it is."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def ident(name: str, empty: bool = False) -> sa.Column[Any]:
    """An id: 32 hexadecimal digits."""
    return sa.Column(name, sa.String(length=32), nullable=empty)


def key(name: str, length: int, empty: bool = False) -> sa.Column[Any]:
    """A short text."""
    return sa.Column(name, sa.String(length=length), nullable=empty)


def text(name: str, empty: bool = False) -> sa.Column[Any]:
    """A text of any length."""
    return sa.Column(name, sa.Text(), nullable=empty)


def json(name: str, empty: bool = False) -> sa.Column[Any]:
    """JSON values; nothing is the database's own NULL."""
    return sa.Column(name, sa.JSON(none_as_null=True), nullable=empty)


def at(name: str, empty: bool = False) -> sa.Column[Any]:
    """A time, UTC."""
    return sa.Column(name, sa.DateTime(), nullable=empty)


def flag(name: str, empty: bool = False, default: Any = None) -> sa.Column[Any]:
    """Yes or no."""
    return sa.Column(name, sa.Boolean(), nullable=empty, server_default=default)


def whole(name: str, empty: bool = False, default: Any = None) -> sa.Column[Any]:
    """A whole number."""
    return sa.Column(name, sa.Integer(), nullable=empty, server_default=default)


def big(name: str, empty: bool = False) -> sa.Column[Any]:
    """A number of bytes."""
    return sa.Column(name, sa.BigInteger(), nullable=empty)


def floating(name: str, empty: bool = False) -> sa.Column[Any]:
    """A number."""
    return sa.Column(name, sa.Double(), nullable=empty)


def job_events() -> list[sa.schema.SchemaItem]:
    """What happened to jobs."""
    return [
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        *(ident("job_id"), at("at"), key("kind", 32), json("data")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_job_events_job_id"),
        sa.PrimaryKeyConstraint("id", name="pk_job_events"),
        sa.Index("ix_job_events_job_id_id", "job_id", "id"),
    ]
