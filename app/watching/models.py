"""The row of a worker that lives, or has lived a short while ago."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.model_base import ID_LENGTH, Base


class WorkerRow(Base):
    """What a worker announces: see `jobs.abilities.Abilities`. Both times are the database's own, whose clock is one for all."""

    __tablename__ = "workers"
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    machine: Mapped[str] = mapped_column(String(80))
    cores: Mapped[int] = mapped_column(Integer)
    memory_mb: Mapped[int] = mapped_column(Integer)
    #: each with `name` and `memory_mb`.
    cards: Mapped[list[Any]]
    kinds: Mapped[list[Any]]
    engines: Mapped[list[Any]]
    since: Mapped[datetime]
    seen_at: Mapped[datetime]
    #: at which it is.
    job_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
