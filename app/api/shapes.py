"""Rows of the database as the JSON that `schemas.py` describes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import url_for

from app.models import ACTIVE_STATES, Clip, Job, Picture, Song, Upload, Work
from app.option_words import said
from app.services.hiding import Hidden
from app.watching.living import why_nobody
from app.wording import code_of, in_words, kept_in_words
from core.work import WorkKind
from pipeline.film_option_kinds import points_json

Json = dict[str, object]


def time_text(at: datetime) -> str:
    """The time as RFC 3339 in UTC, in milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def maybe_time(at: datetime | None) -> str | None:
    """The time as text, where there is one."""
    return None if at is None else time_text(at)


def song_json(song: Song) -> Json:
    """A `Song`."""
    return {
        "id": song.id,
        "title": song.title,
        "size_bytes": song.size_bytes,
        "mime": song.mime,
        "duration_s": song.duration_s,
        "created_at": time_text(song.created_at),
        "links": {
            "self": url_for("api.song", song_id=song.id),
            "file": url_for("api.song_file", song_id=song.id),
            "waveform": url_for("api.song_waveform", song_id=song.id),
        },
    }


def picture_json(picture: Picture) -> Json:
    """A `Picture`."""
    faces = [
        {
            "number": face["number"],
            "box": face["box"],
            "ok": face["ok"],
            "reason": kept_in_words(face["reason"]) or None,
            "advice": kept_in_words(face.get("advice")) or None,
            "animal": face.get("animal", False),
            "tilt_deg": face.get("tilt_deg"),
        }
        for face in picture.faces_as(picture.drawing)
    ]
    return {
        "id": picture.id,
        "title": picture.title,
        "size_bytes": picture.size_bytes,
        "mime": picture.mime,
        "width": picture.width,
        "height": picture.height,
        "faces": faces,
        "drawing": picture.drawing,
        "turned": picture.turned,
        "created_at": time_text(picture.created_at),
        "links": {
            "self": url_for("api.picture", picture_id=picture.id),
            "file": url_for("api.picture_file", picture_id=picture.id),
            "thumbnail": url_for("api.picture_thumbnail", picture_id=picture.id),
        },
    }


def clip_json(clip: Clip) -> Json:
    """A `Clip`."""
    return {
        "id": clip.id,
        "title": clip.title,
        "size_bytes": clip.size_bytes,
        "mime": clip.mime,
        "duration_s": clip.duration_s,
        "width": clip.width,
        "height": clip.height,
        "created_at": time_text(clip.created_at),
        "links": {
            "self": url_for("api.clip", clip_id=clip.id),
            "file": url_for("api.clip_file", clip_id=clip.id),
            "thumbnail": url_for("api.clip_thumbnail", clip_id=clip.id),
            "faces": url_for("api.clip_faces", clip_id=clip.id),
        },
    }


def given_json(row: Song | Picture | Clip) -> Json:
    """A `Song`, a `Picture` or a `Clip`."""
    if isinstance(row, Song):
        return song_json(row)
    return picture_json(row) if isinstance(row, Picture) else clip_json(row)


def hidden_json(hidden: Hidden) -> Json:
    """A `Deleted`."""
    kind = hidden.kind.removesuffix("s")
    return {
        "kind": kind,
        "id": hidden.id,
        "title": hidden.title,
        "deleted_at": time_text(hidden.deleted_at),
        "erase_at": time_text(hidden.until),
        "links": {
            name: url_for(f"api.{name}_{kind}", **{f"{kind}_id": hidden.id})  # type: ignore[arg-type]
            for name in ("restore", "erase")
        },
    }


def job_json(job: Job, positions: Mapping[str, int]) -> Json:
    """A `Job`. positions: how many jobs are before each."""
    return {
        "id": job.id,
        "kind": job.kind,
        "work_id": job.work_id,
        "film_id": job.work_id,
        "state": job.state,
        "stage": job.stage,
        "done": job.done,
        "total": job.total,
        "eta_s": job.eta_s if job.state in ACTIVE_STATES else None,
        "share": job.share if job.state in ACTIVE_STATES else None,
        "overdue": job.overdue and job.state == "running",
        "position": positions.get(job.id, 0),
        "waits_because": in_words(why) if (why := why_nobody(job)) is not None else None,
        "error": kept_in_words(job.failure) or None,
        "error_code": code_of(job.failure),
        "cancel_requested": job.cancel_requested,
        "notes": [kept_in_words(note) for note in job.notes],
        "queued_at": time_text(job.queued_at),
        "started_at": maybe_time(job.started_at),
        "finished_at": maybe_time(job.finished_at),
        "links": {
            "self": url_for("api.job", job_id=job.id),
            "work": url_for("api.work", work_id=job.work_id),
            "film": url_for("api.film", film_id=job.work_id),
            "events": url_for("api.job_events", job_id=job.id),
            "cancel": url_for("api.cancel_job", job_id=job.id),
        },
    }


def course_json(job: Job) -> Json:
    """How a job goes, and what it had to tell."""
    return {
        "state": job.state,
        "stage": job.stage,
        "done": job.done,
        "total": job.total,
        "error": kept_in_words(job.failure) or None,
        "error_code": code_of(job.failure),
        "notes": [kept_in_words(note) for note in job.notes],
    }


def preview_json(job: Job) -> Json:
    """A `Preview`."""
    return {
        "id": job.id,
        "song_id": job.inputs["song"].asset_id,
        "picture_id": job.inputs["portrait"].asset_id,
        "options": job.options,
        **course_json(job),
        "links": {
            "self": url_for("api.preview", preview_id=job.id),
            "file": url_for("api.preview_file", preview_id=job.id) if job.state == "done" else None,
        },
    }


def head_json(job: Job) -> Json:
    """A `Head`."""
    return {
        **course_json(job),
        "links": {
            "self": url_for("api.head", film_id=job.work_id),
            "file": url_for("api.head_file", film_id=job.work_id) if job.state == "done" else None,
        },
    }


def film_json(film: Work, positions: Mapping[str, int]) -> Json:
    """A `Film` with its newest job. The report leaves out where on the server the film lies."""
    report = None
    if film.report is not None:
        notes = [kept_in_words(note) for note in film.report.get("notes", ())]
        report = {**{name: value for name, value in film.report.items() if name != "video"}, "notes": notes}
    return {
        "id": film.id,
        "title": film.title,
        "song_id": film.song.id,
        "picture_id": film.picture.id,
        "options": film.options,
        "created_at": time_text(film.created_at),
        "report": report,
        "emotion": None if film.emotion is None else emotion_json(film.emotion),
        "metrics": film.metrics,
        "job": job_json(film.job, positions),
        "links": {
            "self": url_for("api.film", film_id=film.id),
            "job": url_for("api.job", job_id=film.job.id),
            "file": url_for("api.film_file", film_id=film.id) if film.file_name else None,
            "quality": url_for("api.film_quality", film_id=film.id) if film.metrics_html_name else None,
        },
    }


def kind_json(kind: WorkKind) -> Json:
    """A `Kind`."""
    options = {each.name: each.schema() for each in kind.all_options() if each.on_pages}
    schema = {"type": "object", "properties": options, "additionalProperties": False}
    told = {"name": kind.name, "title": said(kind.title), "inputs": dict(kind.inputs), "outputs": dict(kind.outputs)}
    return {**told, "options": schema}


def work_json(work: Work, positions: Mapping[str, int]) -> Json:
    """A `Work` with its newest job."""
    figures = work.figures
    if figures is not None and "notes" in figures:
        figures = {**figures, "notes": [kept_in_words(note) for note in figures["notes"]]}
    return {
        "id": work.id,
        "kind": work.kind,
        "title": work.title,
        "inputs": {role: each.asset_id for role, each in work.inputs.items()},
        "options": work.options,
        "created_at": time_text(work.created_at),
        "files": {role: url_for("api.work_file", work_id=work.id, role=role) for role in work.files},
        "figures": figures,
        "job": job_json(work.job, positions),
        "links": {"self": url_for("api.work", work_id=work.id), "job": url_for("api.job", job_id=work.job.id)},
    }


def emotion_json(emotion: Mapping[str, Any]) -> Json:
    """An `Emotion`, whose key points the pipeline tells as pairs."""
    points = {name: points_json(emotion.get(name, ())) for name in ("points", "automatic_points", "learned_points")}
    return {**emotion, "learned": emotion.get("learned", []), **points}


def intensity_json(start_s: float, duration_s: float, emotion: Mapping[str, Any]) -> Json:
    """A `SongIntensity` of a part whose emotion was found."""
    return {
        "start_s": start_s,
        "duration_s": duration_s,
        "sections": emotion["sections"],
        "step_s": emotion["step_s"],
        "values": emotion["automatic"],
        "points": points_json(emotion["automatic_points"]),
        "learned": emotion.get("learned", []),
        "learned_points": points_json(emotion.get("learned_points", ())),
    }


def upload_json(upload: Upload) -> Json:
    """An `Upload`."""
    return {
        "id": upload.id,
        "kind": upload.kind,
        "file_name": upload.file_name,
        "size_bytes": upload.size_bytes,
        "received_bytes": upload.received_bytes,
        "created_at": time_text(upload.created_at),
        "links": {
            "self": url_for("api.upload", upload_id=upload.id),
            "finish": url_for("api.finish_upload", upload_id=upload.id),
        },
    }
