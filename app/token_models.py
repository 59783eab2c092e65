"""The rows of tokens by which a person's own programs ask the API."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.model_base import ID_LENGTH, Base, new_id, now

#: Of a SHA-256 in hexadecimal digits.
DIGEST_LENGTH = 64
NAME_LENGTH = 80


class ApiToken(Base):
    """A token. Its secret lies here as a hash alone: whoever reads the database can ask nothing with it."""

    __tablename__ = "api_tokens"
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    #: what the person calls the program.
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    secret_sha256: Mapped[str] = mapped_column(String(DIGEST_LENGTH), unique=True)
    #: names of scopes (`app.services.tokens.SCOPES`) with blanks between them.
    scopes: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    #: no nearer than a day.
    used_on: Mapped[date | None] = mapped_column(Date)
