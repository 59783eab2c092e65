"""The rows of the keys by which what people keep is sealed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.model_base import ID_LENGTH, Base, now
from core.master_key import ID_LENGTH as MASTER_ID_LENGTH

#: Letters of a wrapped key: nonce, key and tag in base64.
WRAPPED_LENGTH = 80


class DataKeyRow(Base):
    """A key of one person's files, wrapped by a master key. Without the row nobody can read what was sealed with it.

    It hangs on no row of `people`: it may be needed before that, for a first file on its way.
    """

    __tablename__ = "data_keys"
    __table_args__ = (Index(None, "person_id", "created_at"),)
    #: 32 hexadecimal digits, as they stand in the headers of its files.
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    #: see `core.master_key.MasterKey.wrap`.
    wrapped: Mapped[str] = mapped_column(String(WRAPPED_LENGTH))
    #: which master key that was.
    master_id: Mapped[str] = mapped_column(String(MASTER_ID_LENGTH), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    #: since when nothing new is sealed with it.
    retired_at: Mapped[datetime | None]
