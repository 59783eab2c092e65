"""The rows of the database. Everything a person has hangs on `Person`; files lie beside it under server-made names."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any, Literal, NotRequired, TypedDict

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Index, Integer, MetaData, String, Text, UniqueConstraint, false
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

#: What is said to a person, as `core.messages.Message.as_json`; rows of earlier programs keep a sentence.
Kept = dict[str, Any] | str
SongOrPicture = Literal["song", "picture"]
JobState = Literal["queued", "running", "done", "failed", "cancelled"]
ACTIVE_STATES: tuple[JobState, ...] = ("queued", "running")
FINAL_STATES: tuple[JobState, ...] = ("done", "failed", "cancelled")

#: 32 hexadecimal digits.
ID_LENGTH = 32
#: the same of a keyed hash.
ORIGIN_LENGTH = 32


def new_id() -> str:
    """An id that nobody can guess."""
    return uuid.uuid4().hex


def now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in UTC, on every database: SQLite keeps no time zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC, then without zone."""
        return value.astimezone(UTC).replace(tzinfo=None) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware again."""
        return value.replace(tzinfo=UTC) if value is not None else None


class FoundFace(TypedDict):
    """A face of a picture.

    number: counted from 1, from left to right. box: [left, top, right, bottom] as parts of the picture's width and height (0 to
    1, a little outside where the border cuts it). ok: whether it can sing; reason: why not, else None. person: a
    human face in a drawing, which counts where somebody says that the picture is none; numbered apart from the drawn one.
    animal: most likely an animal's, which sings only where that is allowed. advice: what would make its film better.
    """

    number: int
    box: list[float]
    ok: bool
    reason: NotRequired[Kept | None]
    person: NotRequired[bool]
    animal: NotRequired[bool]
    advice: NotRequired[Kept]


class Base(DeclarativeBase):
    """Base of all rows. Constraints have names, so that migrations can reach them on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON(none_as_null=True), list[Any]: JSON}  # noqa: RUF012 (SQLAlchemy's own)


class Person(Base):
    """A visitor, known by a signed cookie; there are no accounts."""

    __tablename__ = "people"
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=now)
    #: from where the visitor first kept something, as `app.client_address` tells it; unknown of earlier programs.
    origin: Mapped[str | None] = mapped_column(String(ORIGIN_LENGTH), index=True)


class Song(Base):
    """A song that was uploaded. One person's file of the same content is one row, also after it was deleted and given again."""

    __tablename__ = "songs"
    __table_args__ = (UniqueConstraint("person_id", "sha256"), Index(None, "person_id", "created_at"))
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    title: Mapped[str] = mapped_column(Text)
    #: the title as it is searched: folded.
    search_text: Mapped[str] = mapped_column(Text)
    #: name under `uploads/`.
    file_name: Mapped[str] = mapped_column(String(80))
    #: False once a deleted song's file is gone.
    has_file: Mapped[bool] = mapped_column(default=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    mime: Mapped[str] = mapped_column(String(80))
    duration_s: Mapped[float]
    #: at most 800 peaks, 0 to 1.
    waveform: Mapped[list[Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    #: when it was hidden; until `erase_at` it can be brought back, from then on it is destroyed.
    deleted_at: Mapped[datetime | None]
    erase_at: Mapped[datetime | None]


class Picture(Base):
    """A picture that was uploaded; one row for one content of a person, as for songs."""

    __tablename__ = "pictures"
    __table_args__ = (UniqueConstraint("person_id", "sha256"), Index(None, "person_id", "created_at"))
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    title: Mapped[str] = mapped_column(Text)
    search_text: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(String(80))
    has_file: Mapped[bool] = mapped_column(default=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    mime: Mapped[str] = mapped_column(String(80))
    #: of the upright picture, in pixels.
    width: Mapped[int]
    height: Mapped[int]
    #: list of `FoundFace`; of a drawing, one that can sing, or none, and the human ones besides.
    faces: Mapped[list[Any]]
    #: whether it shows a drawn character, whose face may be framed by hand.
    drawing: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: by how many quarters to the left it was turned so that its face stands upright, 0 to 3.
    turned: Mapped[int] = mapped_column(default=0, server_default="0")
    #: a JPEG under `uploads/`, upright, at most 960 px a side, for every browser.
    thumb_name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=now)
    deleted_at: Mapped[datetime | None]
    erase_at: Mapped[datetime | None]

    def faces_as(self, drawing: bool) -> list[FoundFace]:
        """The faces that count where the picture is taken for a drawing, or for a photo."""
        if not self.drawing:
            return [] if drawing else list(self.faces)
        return [face for face in self.faces if bool(face.get("person")) != drawing]


class Film(Base):
    """A film that was ordered: from what, with which options, and what became of it. Its newest job says how far it is."""

    __tablename__ = "films"
    __table_args__ = (UniqueConstraint("person_id", "order_key"), Index(None, "person_id", "created_at"))
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    song_id: Mapped[str] = mapped_column(ForeignKey("songs.id"), index=True)
    picture_id: Mapped[str] = mapped_column(ForeignKey("pictures.id"), index=True)
    title: Mapped[str] = mapped_column(Text)
    search_text: Mapped[str] = mapped_column(Text)
    #: the fields of `SongToVideoSettings`.
    settings: Mapped[dict[str, Any]]
    #: hash of song, picture and settings: the same order twice is one film.
    order_key: Mapped[str] = mapped_column(String(64))
    #: name under `results/` once the film is there as a whole.
    file_name: Mapped[str | None] = mapped_column(String(80))
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    #: the pipeline's `FilmReport`, but for the emotion.
    report: Mapped[dict[str, Any] | None]
    #: style and intensity in effect, the pipeline's `Emotion`; films of earlier programs have none.
    emotion: Mapped[dict[str, Any] | None]
    #: figures of the quality report, and its page under `results/`.
    metrics: Mapped[dict[str, Any] | None]
    metrics_html_name: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=now)
    deleted_at: Mapped[datetime | None]
    erase_at: Mapped[datetime | None]

    song: Mapped[Song] = relationship()
    picture: Mapped[Picture] = relationship()
    jobs: Mapped[list[Job]] = relationship(back_populates="film", order_by="Job.queued_at.desc(), Job.id")

    @property
    def job(self) -> Job:
        """The newest job; every film has one."""
        return self.jobs[0]


class SongEmotion(Base):
    """The emotion of a song, or of a part of it, as somebody asked for it before a film of it was there."""

    __tablename__ = "song_emotions"
    __table_args__ = (UniqueConstraint("song_id", "start_s", "duration_s"), Index(None, "state", "asked_at"))
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    song_id: Mapped[str] = mapped_column(ForeignKey("songs.id"))
    #: the part, in seconds to the thousandth; the whole song has its own length.
    start_s: Mapped[float]
    duration_s: Mapped[float]
    #: queued, running, done or failed.
    state: Mapped[str] = mapped_column(String(16), default="queued")
    #: the pipeline's `Emotion` of the style `auto`, once it is done.
    emotion: Mapped[dict[str, Any] | None]
    #: why it failed, see `Kept`.
    failure: Mapped[dict[str, Any] | None]
    #: who is at it: machine and process.
    owner: Mapped[str | None] = mapped_column(String(120))
    heartbeat_at: Mapped[datetime | None]
    asked_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]

    song: Mapped[Song] = relationship()


class Job(Base):
    """The making of a film. A film that failed or was cancelled and is ordered again gets a new job."""

    __tablename__ = "jobs"
    __table_args__ = (Index(None, "state", "queued_at"), Index(None, "person_id", "state"))
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    film_id: Mapped[str] = mapped_column(ForeignKey("films.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(String(16), default="queued")
    #: decode, portrait, separate, motion, frames or mux; empty before the first.
    stage: Mapped[str] = mapped_column(String(32), default="")
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    #: seconds that are left, where they can be told.
    eta_s: Mapped[float | None]
    #: how much of the film is done by the time that it takes, 0 to 1; and whether its stage takes longer than was foreseen.
    share: Mapped[float | None]
    overdue: Mapped[bool] = mapped_column(default=False)
    #: why it failed, see `Kept`.
    failure: Mapped[dict[str, Any] | None]
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    #: who makes it: machine and process.
    owner: Mapped[str | None] = mapped_column(String(120))
    heartbeat_at: Mapped[datetime | None]
    queued_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    #: what the pipeline tells the person, a list of `Kept`.
    notes: Mapped[list[Any]] = mapped_column(default=list)

    film: Mapped[Film] = relationship(back_populates="jobs")


class JobEvent(Base):
    """Something that happened to a job; its id is the Last-Event-ID of the stream."""

    __tablename__ = "job_events"
    __table_args__ = (Index(None, "job_id", "id"),)
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    kind: Mapped[str] = mapped_column(String(32))
    data: Mapped[dict[str, Any]]


class Upload(Base):
    """A file that comes in pieces. It lies in `uploads/incoming/` until it is finished."""

    __tablename__ = "uploads"
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    #: from where it was begun.
    origin: Mapped[str | None] = mapped_column(String(ORIGIN_LENGTH), index=True)
    #: song or picture.
    kind: Mapped[str] = mapped_column(String(16))
    #: as the browser named it, cleaned for showing; no file bears it.
    file_name: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    received_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    #: the song or picture that it became.
    result_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    created_at: Mapped[datetime] = mapped_column(default=now)
    touched_at: Mapped[datetime] = mapped_column(default=now, index=True)


class IdempotencyKey(Base):
    """A request that bore a key, and its answer, so that the same request again gets the same answer and does nothing."""

    __tablename__ = "idempotency_keys"
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    #: None while the first request is being answered.
    response_status: Mapped[int | None]
    response_json: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
