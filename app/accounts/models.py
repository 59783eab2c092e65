"""The rows of accounts. What a person has hangs on `Person`, as without accounts; an account is the key to one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from sqlalchemy import Boolean, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.model_base import ID_LENGTH, Base, new_id, now

Role = Literal["user", "administrator"]
#: What a one-time code is for: an account of one's own, or another password.
Purpose = Literal["invitation", "reset"]
#: Longest name, in characters: an e-mail address has at most 254.
NAME_LENGTH = 254
HASH_LENGTH = 64


class Account(Base):
    """Somebody who may sign in."""

    __tablename__ = "accounts"
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), unique=True)
    #: as it was written, and as it is compared.
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    folded: Mapped[str] = mapped_column(String(NAME_LENGTH), unique=True)
    #: `Role`.
    role: Mapped[str] = mapped_column(String(16), default="user")
    #: by argon2id, with its parameters; None: signs in without a password.
    password_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=now)
    #: no nearer than a day: administrators see it.
    seen_on: Mapped[date | None] = mapped_column(Date)
    disabled_at: Mapped[datetime | None]


class AccountSession(Base):
    """A browser in which somebody is signed in. The browser has the token; here is only its hash."""

    __tablename__ = "account_sessions"
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    #: when they last showed who they are: some things are asked of whoever did so a short while ago.
    proved_at: Mapped[datetime] = mapped_column(default=now)
    #: browser and system in two words, for the list of one's own sessions.
    browser: Mapped[str] = mapped_column(String(80), default="")


class AccountCode(Base):
    """A code that is good for one thing once, until its time is over. Whoever gets it has the code; here is only its hash."""

    __tablename__ = "account_codes"
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    #: `Purpose`.
    purpose: Mapped[str] = mapped_column(String(16))
    code_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), unique=True)
    #: role of the account that is invited.
    role: Mapped[str] = mapped_column(String(16), default="user")
    #: whose password it changes.
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]


class Passkey(Base):
    """A key of WebAuthn by which an account signs in without a password."""

    __tablename__ = "passkeys"
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    #: base64url, as browsers write it; their hash, since ids may be long.
    credential_id: Mapped[str] = mapped_column(Text)
    credential_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), unique=True)
    public_key: Mapped[str] = mapped_column(Text)
    sign_count: Mapped[int] = mapped_column(Integer, default=0)
    #: whether it is kept on several devices.
    backed_up: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None]


class AccountIdentity(Base):
    """Who an account is for an organisation, by OpenID Connect: issuer and subject, which nobody else ever gets."""

    __tablename__ = "account_identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(default=now)
