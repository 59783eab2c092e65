"""The rows that tell where notices go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.model_base import ID_LENGTH, Base, new_id, now


class NoticeAddress(Base):
    """A browser that is told when a film of its visitor's is ready, as a push service knows it."""

    __tablename__ = "notice_addresses"
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    #: SHA-256 of the endpoint.
    key: Mapped[str] = mapped_column(String(64), unique=True)
    endpoint: Mapped[str] = mapped_column(Text)
    #: what is encrypted for: the browser's public key and its secret, as it wrote them.
    p256dh: Mapped[str] = mapped_column(String(100))
    auth: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(default=now)
