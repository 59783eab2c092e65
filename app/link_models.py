"""The rows of links by which others see a film without having an account or being its owner."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.model_base import ID_LENGTH, Base, new_id, now
from app.models import Work

#: Of a SHA-256 in hexadecimal digits.
DIGEST_LENGTH = 64


class ShareLink(Base):
    """A link to one film. Its secret lies here as a hash alone: whoever reads the database can open no link."""

    __tablename__ = "share_links"
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    work_id: Mapped[str] = mapped_column(ForeignKey("works.id"), index=True)
    #: SHA-256 of the secret in the link.
    secret_sha256: Mapped[str] = mapped_column(String(DIGEST_LENGTH), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    #: whether who has the link may save the film.
    download: Mapped[bool]
    #: how often its page was opened.
    opened: Mapped[int] = mapped_column(default=0)
    work: Mapped[Work] = relationship(lazy="joined", innerjoin=True)
