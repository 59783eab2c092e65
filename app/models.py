"""The rows of the database. Everything a person has hangs on `Person`; files lie beside it under server-made names."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal, cast

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, attribute_keyed_dict, mapped_column, relationship

from app.found_faces import FoundFace
from app.model_base import ID_LENGTH, KIND_LENGTH, ORIGIN_LENGTH, ROLE_LENGTH, Base, UtcDateTime, new_id, now
from core.work import CONSENT, SIGNED
from pipeline.works.quality_report import QUALITY_REPORT

__all__ = ["ID_LENGTH", "Base", "UtcDateTime", "new_id", "now"]

#: What a person gives: a clip is a film that gets other lips.
Given = Literal["song", "picture", "clip"]
JobState = Literal["queued", "running", "done", "failed", "cancelled"]
ACTIVE_STATES: tuple[JobState, ...] = ("queued", "running")
FINAL_STATES: tuple[JobState, ...] = ("done", "failed", "cancelled")


class Person(Base):
    """A visitor, known by a signed cookie; there are no accounts."""

    __tablename__ = "people"
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=now)
    #: from where the visitor first kept something, as `app.client_address` tells it; unknown of earlier programs.
    origin: Mapped[str | None] = mapped_column(String(ORIGIN_LENGTH), index=True)


class Asset(Base):
    """A file that a person gave. One person's file of the same content is one row, also after it was deleted and given again."""

    __tablename__ = "assets"
    __table_args__ = (UniqueConstraint("person_id", "kind", "sha256"), Index(None, "person_id", "kind", "created_at"))
    __mapper_args__ = {"polymorphic_on": "kind"}  # noqa: RUF012 (SQLAlchemy's own)
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    #: `core.work.AssetKind`.
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(Text)
    #: the title as it is searched: folded.
    search_text: Mapped[str] = mapped_column(Text)
    #: name among `AppSettings.uploads`.
    file_name: Mapped[str] = mapped_column(String(80))
    #: False once a deleted asset's file is gone.
    has_file: Mapped[bool] = mapped_column(default=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    mime: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=now)
    #: when it was hidden; until `erase_at` it can be brought back, from then on it is destroyed.
    deleted_at: Mapped[datetime | None]
    erase_at: Mapped[datetime | None]
    #: when the person stated that whoever is shown agreed, and in which wording; None: not yet.
    consent_at: Mapped[datetime | None]
    consent_wording: Mapped[str | None] = mapped_column(String(16))

    #: what else is known of the file, for whoever works on it: names as in `core.work.WorkInput`.
    FACTS: ClassVar[tuple[str, ...]] = ()

    def facts(self) -> dict[str, Any]:
        """See `FACTS`; and what was stated of whom it shows."""
        told = {name: getattr(self, name) for name in self.FACTS}
        if self.consent_at is not None:
            told[CONSENT] = {"at": self.consent_at.isoformat(timespec="seconds"), "wording": self.consent_wording}
        return told


class Song(Asset):
    """A sound that was uploaded."""

    __mapper_args__ = {"polymorphic_identity": "sound"}  # noqa: RUF012
    FACTS = ("duration_s",)
    duration_s: Mapped[float] = mapped_column(nullable=True)
    #: at most 800 peaks, 0 to 1.
    waveform: Mapped[list[Any]] = mapped_column(nullable=True)


class Picture(Asset):
    """A picture that was uploaded."""

    __mapper_args__ = {"polymorphic_identity": "picture"}  # noqa: RUF012
    FACTS = ("width", "height", "drawing")
    #: of the upright picture, in pixels.
    width: Mapped[int] = mapped_column(nullable=True)
    height: Mapped[int] = mapped_column(nullable=True)
    #: list of `FoundFace`; of a drawing, one that can sing, or none, and the human ones besides.
    faces: Mapped[list[Any]] = mapped_column(nullable=True)
    #: whether it shows a drawn character, whose face may be framed by hand.
    drawing: Mapped[bool] = mapped_column(nullable=True, default=False)
    #: by how many quarters to the left it was turned so that its face stands upright, 0 to 3.
    turned: Mapped[int] = mapped_column(nullable=True, default=0)
    #: a JPEG beside the file, upright, at most 960 px a side, for every browser.
    thumb_name: Mapped[str] = mapped_column(String(80), nullable=True)

    def faces_as(self, drawing: bool) -> list[FoundFace]:
        """The faces that count where the picture is taken for a drawing, or for a photo."""
        if not self.drawing:
            return [] if drawing else list(self.faces)
        return [face for face in self.faces if bool(face.get("person")) != drawing]


class Clip(Asset):
    """A film that was uploaded, to be given other lips."""

    __mapper_args__ = {"polymorphic_identity": "film"}  # noqa: RUF012
    FACTS = ("duration_s", "width", "height")
    duration_s: Mapped[float] = mapped_column(nullable=True, use_existing_column=True)
    #: of the upright film, in pixels.
    width: Mapped[int] = mapped_column(nullable=True, use_existing_column=True)
    height: Mapped[int] = mapped_column(nullable=True, use_existing_column=True)
    #: a JPEG of one of its frames beside the file, at most 960 px a side.
    thumb_name: Mapped[str] = mapped_column(String(80), nullable=True, use_existing_column=True)


class WorkInput(Base):
    """An asset that a work was made of, by its role."""

    __tablename__ = "work_inputs"
    work_id: Mapped[str] = mapped_column(ForeignKey("works.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(ROLE_LENGTH), primary_key=True)
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id"), index=True)
    asset: Mapped[Asset] = relationship(lazy="joined", innerjoin=True)


class Work(Base):
    """What was ordered and is kept in the library: of what kind, from what, with which options, and what became of it.

    Its newest job of its own kind says how far it is; its other jobs are what was found out about it.
    """

    __tablename__ = "works"
    __table_args__ = (UniqueConstraint("person_id", "order_key"), Index(None, "person_id", "created_at"))
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    #: name of a `core.work.WorkKind`.
    kind: Mapped[str] = mapped_column(String(KIND_LENGTH))
    title: Mapped[str] = mapped_column(Text)
    search_text: Mapped[str] = mapped_column(Text)
    #: what is said or sung in it, as far as that is known, folded as the title is.
    words_text: Mapped[str] = mapped_column(Text, default="")
    #: as the kind keeps them.
    options: Mapped[dict[str, Any]]
    #: hash of kind, inputs and options: the same order twice is one work.
    order_key: Mapped[str] = mapped_column(String(64))
    #: names among `AppSettings.results`, by role, once the files are there as a whole.
    files: Mapped[dict[str, Any]] = mapped_column(default=dict)
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    #: what the kind tells of the work once it is done.
    figures: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    deleted_at: Mapped[datetime | None]
    erase_at: Mapped[datetime | None]

    inputs: Mapped[dict[str, WorkInput]] = relationship(
        collection_class=attribute_keyed_dict("role"), passive_deletes="all", lazy="selectin"
    )
    jobs: Mapped[list[Job]] = relationship(back_populates="work", order_by="Job.queued_at.desc(), Job.id")

    @property
    def job(self) -> Job:
        """The newest job that makes it; every work has one."""
        return next(job for job in self.jobs if job.kind == self.kind)

    def found(self, kind: str) -> Job | None:
        """The newest job of another kind, which found out something about it."""
        return next((job for job in self.jobs if job.kind == kind), None)

    @property
    def song(self) -> Song:
        """What is sung. Raises KeyError where there is no song."""
        return cast(Song, self.inputs["song"].asset)

    @property
    def picture(self) -> Picture:
        """Who sings. Raises KeyError where there is no portrait."""
        return cast(Picture, self.inputs["portrait"].asset)

    @property
    def file_name(self) -> str | None:
        """The film, once it is there."""
        return self.files.get("film")

    @property
    def report(self) -> dict[str, Any] | None:
        """What is told of the film, but for its emotion and its number."""
        return self.figures and {name: value for name, value in self.figures.items() if name not in ("emotion", SIGNED)}

    @property
    def metrics(self) -> dict[str, Any] | None:
        """Figures of the quality report, or under `error` why there is none; None while it is not there yet."""
        job = self.found(QUALITY_REPORT.name)
        if job is not None and job.state == "failed":
            return {"error": job.failure}
        return job.result if job is not None and job.state == "done" else None

    @property
    def metrics_html_name(self) -> str | None:
        """The quality report's page."""
        job = self.found(QUALITY_REPORT.name)
        return job.files.get("page") if job is not None else None

    @property
    def emotion(self) -> dict[str, Any] | None:
        """Style and intensity in effect, `motion.intensity.Emotion`; works of earlier programs have none."""
        return self.figures and self.figures.get("emotion")


class JobInput(Base):
    """An asset that a job works on, by its role."""

    __tablename__ = "job_inputs"
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(ROLE_LENGTH), primary_key=True)
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id"), index=True)
    asset: Mapped[Asset] = relationship(lazy="joined", innerjoin=True)


class Job(Base):
    """A piece of work to be done, of any kind. A work that failed or was cancelled and is ordered again gets a new job."""

    __tablename__ = "jobs"
    __table_args__ = (Index(None, "turn", "state", "queued_at"), Index(None, "person_id", "state"))
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    #: name of a `core.work.WorkKind`, and its turn.
    kind: Mapped[str] = mapped_column(String(KIND_LENGTH))
    turn: Mapped[str] = mapped_column(String(8), default="fair")
    #: the work that it makes or finds out something about; None where nothing is kept but what it found.
    work_id: Mapped[str | None] = mapped_column(ForeignKey("works.id"), index=True)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: what a worker must have to do it, see `pipeline.needs.Needs`.
    engine: Mapped[str] = mapped_column(String(32), default="", server_default="")
    needs_card: Mapped[bool] = mapped_column(default=False, server_default=false())
    needs_memory_mb: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    #: by which request it was ordered, and on which trace it hangs, see `core.watching`.
    request_id: Mapped[str] = mapped_column(String(64), default="", server_default="")
    traceparent: Mapped[str] = mapped_column(String(64), default="", server_default="")
    #: what it found, where it makes no work, and names of files that tell of it, by role.
    result: Mapped[dict[str, Any] | None]
    files: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: hash of kind, inputs and options where the same question again is the same job.
    question_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(16), default="queued")
    #: the kind's own name of it; empty before the first.
    stage: Mapped[str] = mapped_column(String(32), default="")
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    #: seconds that are left, where they can be told.
    eta_s: Mapped[float | None]
    #: how much is done by the time that it takes, 0 to 1; and whether its stage takes longer than was foreseen.
    share: Mapped[float | None]
    overdue: Mapped[bool] = mapped_column(default=False)
    #: why it failed, see `Kept`.
    failure: Mapped[dict[str, Any] | None]
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    #: who does it: machine and process.
    owner: Mapped[str | None] = mapped_column(String(120))
    heartbeat_at: Mapped[datetime | None]
    queued_at: Mapped[datetime] = mapped_column(default=now)
    #: where it waits among the person's, where that was changed; else it waits by `queued_at`.
    place_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    #: what the person is told, a list of `Kept`.
    notes: Mapped[list[Any]] = mapped_column(default=list)

    work: Mapped[Work | None] = relationship(back_populates="jobs")
    inputs: Mapped[dict[str, JobInput]] = relationship(collection_class=attribute_keyed_dict("role"), passive_deletes="all")


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
    #: `Given`.
    kind: Mapped[str] = mapped_column(String(16))
    #: as the browser named it, cleaned for showing; no file bears it.
    file_name: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    received_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    #: the song, picture or clip that it became.
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
