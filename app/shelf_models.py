"""The rows by which a person puts the library in order: albums, what lies in them, and tags."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.model_base import ID_LENGTH, Base, new_id, now

#: Longest tag, folded, in characters.
TAG_LENGTH = 80


class Album(Base):
    """A name under which a person keeps things together; they stay where they are, and may lie in several."""

    __tablename__ = "albums"
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    title: Mapped[str] = mapped_column(Text)
    search_text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)


class AlbumAsset(Base):
    """A song, picture or clip in an album."""

    __tablename__ = "album_assets"
    album_id: Mapped[str] = mapped_column(ForeignKey("albums.id"), primary_key=True)
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id"), primary_key=True, index=True)


class AlbumWork(Base):
    """A film or other work in an album."""

    __tablename__ = "album_works"
    album_id: Mapped[str] = mapped_column(ForeignKey("albums.id"), primary_key=True)
    work_id: Mapped[str] = mapped_column(ForeignKey("works.id"), primary_key=True, index=True)


class AssetTag(Base):
    """A word that a person gave a song, picture or clip."""

    __tablename__ = "asset_tags"
    __table_args__ = (Index(None, "person_id", "folded"),)
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id"), primary_key=True)
    #: the word as it is compared.
    folded: Mapped[str] = mapped_column(String(TAG_LENGTH), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    #: as it was written.
    word: Mapped[str] = mapped_column(Text)


class WorkTag(Base):
    """A word that a person gave a film or other work."""

    __tablename__ = "work_tags"
    __table_args__ = (Index(None, "person_id", "folded"),)
    work_id: Mapped[str] = mapped_column(ForeignKey("works.id"), primary_key=True)
    folded: Mapped[str] = mapped_column(String(TAG_LENGTH), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    word: Mapped[str] = mapped_column(Text)
