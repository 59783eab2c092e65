"""Work of any kind: songs and pictures become assets, films works, and what is to be done of any kind jobs, each in one table.

SQLite can't take away columns that point at other tables, so the tables are made anew and their rows copied.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.migrations import tables_before_work, tables_of_work
from core.messages import as_written

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FILM, EMOTION, REPORT = "song_to_film", "song_to_emotion", "quality_report"
#: How much of a song may lie behind a part that is taken to reach its end, in seconds.
ROUNDING_S = 0.001
OWNED = ("id", "person_id", "title", "search_text", "size_bytes", "created_at", "deleted_at", "erase_at")
ASSET = (*OWNED, "file_name", "has_file", "sha256", "mime")
SONG, PICTURE = ("duration_s", "waveform"), ("width", "height", "faces", "drawing", "turned", "thumb_name")
WORK = (*OWNED, "order_key")
RUN = ("id", "state", "failure", "owner", "heartbeat_at", "finished_at")
PROGRESS = ("stage", "done", "total", "eta_s", "share", "overdue", "cancel_requested", "attempts", "queued_at", "started_at")
JOB = (*RUN, *PROGRESS, "person_id", "notes")
#: A job that has not begun.
FRESH = {"stage": "", "done": 0, "total": 0, "overdue": False, "cancel_requested": False, "attempts": 0, "notes": [], "files": {}}


def upgrade() -> None:
    """Make the tables of work, and take the rows over."""
    rows = {name: read(table) for name, table in tables_before_work.TABLES.items()}
    for name in ("job_events", "jobs", "song_emotions", "films", "songs", "pictures"):
        op.drop_table(name)
    tables_of_work.make()
    songs = {row["id"]: row for row in rows["songs"]}
    write("assets", [{**only(row, ASSET + SONG), "kind": "sound"} for row in rows["songs"]])
    write("assets", [{**only(row, ASSET + PICTURE), "kind": "picture"} for row in rows["pictures"]])
    write("works", [work_of(film) for film in rows["films"]])
    write("work_inputs", [{"work_id": film["id"], **each} for film in rows["films"] for each in inputs_of(film)])
    films = {film["id"]: film for film in rows["films"]}
    jobs = [(job, films[job["film_id"]]) for job in rows["jobs"]]
    write("jobs", [film_job(job, film) for job, film in jobs])
    write("job_inputs", [{"job_id": job["id"], **each} for job, film in jobs for each in inputs_of(film)])
    reports = [(report_job(job, film), film) for job, film in newest(jobs)]
    write("jobs", [job for job, _ in reports if job])
    write("job_inputs", [{"job_id": job["id"], **each} for job, film in reports if job for each in inputs_of(film)])
    write("jobs", [emotion_job(row, songs[row["song_id"]]) for row in rows["song_emotions"]])
    sung = [{"job_id": row["id"], "role": "song", "asset_id": row["song_id"]} for row in rows["song_emotions"]]
    write("job_inputs", sung)
    write("job_events", rows["job_events"])
    follow_numbers()


def work_of(film: Mapping[str, Any]) -> dict[str, Any]:
    """A film as a work."""
    figures = film["report"] and {**film["report"], "emotion": film["emotion"]}
    files = {"film": film["file_name"]} if film["file_name"] else {}
    return {**only(film, WORK), "kind": FILM, "options": film["settings"], "files": files, "figures": figures}


def inputs_of(film: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What it is made of."""
    return [{"role": "song", "asset_id": film["song_id"]}, {"role": "portrait", "asset_id": film["picture_id"]}]


def film_job(job: Mapping[str, Any], film: Mapping[str, Any]) -> dict[str, Any]:
    """The making of a film. One that was done and had an owner was being measured, which begins anew."""
    kept = {**only(job, JOB), "kind": FILM, "turn": "fair", "work_id": film["id"], "options": film["settings"], "files": {}}
    return kept if job["state"] == "running" else {**kept, "owner": None}


def newest(jobs: list[tuple[dict[str, Any], dict[str, Any]]]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The newest job of each film, with the film."""
    seen = set()
    for job, film in sorted(jobs, key=lambda each: (each[0]["queued_at"], each[0]["id"]), reverse=True):
        if film["id"] not in seen:
            seen.add(film["id"])
            yield job, film


def report_job(job: Mapping[str, Any], film: Mapping[str, Any]) -> dict[str, Any] | None:
    """The measuring of a film: done, failed, or from now on waiting; None where there is nothing to be measured."""
    if job["state"] != "done" or not film["file_name"] or (film["deleted_at"] is not None and film["metrics"] is None):
        return None
    figures, at = film["metrics"], job["finished_at"] or job["queued_at"]
    settings = film["settings"]
    options = {"face": settings.get("face"), "start_s": settings.get("start_s") or 0.0, "duration_s": settings.get("duration_s")}
    made = {**FRESH, "id": uuid.uuid4().hex, "person_id": film["person_id"], "kind": REPORT, "turn": "idle"}
    made |= {"work_id": film["id"], "options": options, "queued_at": at}
    if figures is None:
        return {**made, "state": "queued"}
    if "error" in figures:
        failure = as_written(figures["error"]).as_json() if isinstance(figures["error"], str) else figures["error"]
        return {**made, "state": "failed", "failure": failure, "finished_at": at}
    page = {"page": film["metrics_html_name"]} if film["metrics_html_name"] else {}
    return {**made, "state": "done", "result": figures, "files": page, "finished_at": at}


def emotion_job(row: Mapping[str, Any], song: Mapping[str, Any]) -> dict[str, Any]:
    """The search for a song's emotion."""
    to_the_end = row["start_s"] + row["duration_s"] >= song["duration_s"] - ROUNDING_S
    options = {"start_s": row["start_s"], "duration_s": None if to_the_end else row["duration_s"]}
    question = json.dumps([EMOTION, {"song": song["id"]}, options], sort_keys=True)
    kept = {**FRESH, **only(row, RUN)}
    kept |= {"person_id": song["person_id"], "kind": EMOTION, "turn": "soon", "options": options, "queued_at": row["asked_at"]}
    kept["result"] = row["emotion"] and {"emotion": row["emotion"]}
    return {**kept, "question_key": hashlib.sha256(question.encode()).hexdigest()}


def downgrade() -> None:
    """Back to songs, pictures and films. What the program before does not know is left out, such as other works."""
    rows = {name: read(table) for name, table in tables_of_work.TABLES.items()}
    for name in ("job_events", "job_inputs", "jobs", "work_inputs", "works", "assets"):
        op.drop_table(name)
    tables_before_work.make()
    sounds = {row["id"]: row for row in rows["assets"] if row["kind"] == "sound"}
    write_before("songs", [only(row, ASSET + SONG) for row in sounds.values()])
    write_before("pictures", [only(row, ASSET + PICTURE) for row in rows["assets"] if row["kind"] == "picture"])
    reports = {job["work_id"]: job for job in sorted(rows["jobs"], key=lambda job: job["queued_at"]) if job["kind"] == REPORT}
    made_of: dict[str, dict[str, str]] = {}
    for each in rows["work_inputs"]:
        made_of.setdefault(each["work_id"], {})[each["role"]] = each["asset_id"]
    films = [film_of(row, made_of[row["id"]], reports.get(row["id"])) for row in rows["works"] if row["kind"] == FILM]
    write_before("films", films)
    jobs = [{**only(job, JOB), "film_id": job["work_id"]} for job in rows["jobs"] if job["kind"] == FILM]
    write_before("jobs", jobs)
    songs = {each["job_id"]: sounds[each["asset_id"]] for each in rows["job_inputs"] if each["role"] == "song"}
    write_before("song_emotions", [emotion_of(job, songs[job["id"]]) for job in rows["jobs"] if job["kind"] == EMOTION])
    known = {job["id"] for job in jobs}
    write_before("job_events", [event for event in rows["job_events"] if event["job_id"] in known])
    follow_numbers()


def film_of(work: Mapping[str, Any], inputs: Mapping[str, str], report: Mapping[str, Any] | None) -> dict[str, Any]:
    """A work as a film, with its quality report."""
    film = {**only(work, WORK), "song_id": inputs["song"], "picture_id": inputs["portrait"], "settings": work["options"]}
    figures = work["figures"]
    film |= {"file_name": work["files"].get("film"), "emotion": figures and figures.get("emotion")}
    film["report"] = figures and {name: value for name, value in figures.items() if name != "emotion"}
    film |= {"metrics": None, "metrics_html_name": None}
    if report is not None and report["state"] == "failed":
        film["metrics"] = {"error": report["failure"]}
    elif report is not None and report["state"] == "done":
        film |= {"metrics": report["result"], "metrics_html_name": report["files"].get("page")}
    return film


def emotion_of(job: Mapping[str, Any], song: Mapping[str, Any]) -> dict[str, Any]:
    """A job as the search for a song's emotion."""
    options = job["options"]
    length_s = options["duration_s"] or round(song["duration_s"] - options["start_s"], 3)
    kept = only(job, RUN)
    state = job["state"] if job["state"] in ("queued", "running", "done", "failed") else "queued"
    kept |= {"song_id": song["id"], "start_s": options["start_s"], "duration_s": length_s, "asked_at": job["queued_at"]}
    return {**kept, "state": state, "emotion": job["result"] and job["result"]["emotion"]}


def only(row: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Those columns of a row."""
    return {name: row[name] for name in names}


def read(table: sa.Table) -> list[dict[str, Any]]:
    """All rows of a table."""
    return [dict(row) for row in op.get_bind().execute(sa.select(table)).mappings().all()]


def write(name: str, rows: list[dict[str, Any]]) -> None:
    """Rows into a table of work."""
    insert(tables_of_work.TABLES[name], rows)


def write_before(name: str, rows: list[dict[str, Any]]) -> None:
    """Rows into a table of before."""
    insert(tables_before_work.TABLES[name], rows)


def insert(table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """Rows into a table, each with every column that any of them has."""
    names = {name for row in rows for name in row}
    if rows:
        op.get_bind().execute(table.insert(), [{name: row.get(name) for name in names} for row in rows])


def follow_numbers() -> None:
    """On PostgreSQL, let the events be numbered on from where they are; SQLite does so by itself."""
    if op.get_bind().dialect.name == "postgresql":
        newest_number = "SELECT coalesce(max(id), 0) + 1 FROM job_events"
        op.execute(f"SELECT setval(pg_get_serial_sequence('job_events', 'id'), ({newest_number}), false)")
