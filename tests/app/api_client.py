"""A client of the API that holds every answer against the OpenAPI document, and rows to ask for."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from app.api.openapi import PREFIX, document
from app.context import EXTENSION, PERSON_COOKIE
from app.database import writing
from app.models import Person, Picture, Song, new_id, now
from app.services.events import append_event
from app.services.options import options_json
from pipeline.film_settings import SongToVideoSettings
from tests.app.rows import film_job, film_row, report_job

DOCUMENT = "urn:openapi"
REGISTRY = Registry().with_resource(DOCUMENT, Resource.from_contents(document(), default_specification=DRAFT202012))


def operation_of(method, path):
    """The document's operation for a request; None where it knows none."""
    below = path.removeprefix(PREFIX).partition("?")[0]
    plain_first = sorted(document()["paths"].items(), key=lambda pair: pair[0].count("{"))
    for template, methods in plain_first:
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), below) and method in methods:
            return methods[method]
    return None


def check_answer(method, path, answer):
    """Fails unless the document says that this answer may come: its status, its headers, its type, its shape."""
    operation = operation_of(method, path)
    if operation is None:
        assert answer.status_code in (404, 405)
        assert answer.mimetype == "application/problem+json"
        return
    described = operation["responses"].get(str(answer.status_code))
    assert described, f"{method} {path} answered {answer.status_code}, which is not documented: {answer.text[:300]}"
    missing = [name for name in described.get("headers", {}) if name not in answer.headers and name != "Link"]
    assert not missing, f"{method} {path}: {missing} are missing"
    if "content" not in described:
        assert not answer.data
        return
    if any(not kind.startswith(("application/json", "application/problem")) for kind in described["content"]):
        kinds = list(described["content"])
        assert answer.mimetype == kinds[0] or kinds == ["*/*"]
        return
    assert answer.mimetype in described["content"], f"{method} {path} is {answer.mimetype}"
    pointer = f"{DOCUMENT}#/components/schemas/"
    schema = described["content"][answer.mimetype]["schema"]
    named = {"$ref": pointer + schema["$ref"].rpartition("/")[2]} if "$ref" in schema else schema
    Draft202012Validator(named, registry=REGISTRY, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(answer.json)


class ApiClient:
    """Calls below /api/v1; every answer is checked. `answered` collects (operation's name, status)."""

    def __init__(self, app, person=None):
        self.http = app.test_client()
        self.answered = set()
        if person:
            self.http.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person))

    def call(self, method, path, **request):
        """The answer; `path` is below the prefix, or one that the API gave."""
        full = path if path.startswith(PREFIX) else PREFIX + path
        answer = self.http.open(full, method=method.upper(), **request)
        check_answer(method, full, answer)
        operation = operation_of(method, full)
        self.answered.add((operation["operationId"] if operation else None, answer.status_code))
        return answer

    def get(self, path, **request):
        return self.call("get", path, **request)

    def post(self, path, json=None, **request):
        return self.call("post", path, json=json, **request)

    def patch(self, path, json=None, **request):
        return self.call("patch", path, json=json, **request)

    def delete(self, path, **request):
        return self.call("delete", path, **request)


def problem_of(answer, status, words=""):
    """The sentence of a problem of that status."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    body = answer.json
    assert body["status"] == status and body["title"] and body["detail"].endswith((".", "!"))
    assert words in body["detail"], body["detail"]
    return body["detail"]


class Rows:
    """Makes rows with files of some bytes, without the looks that the services take at real files."""

    def __init__(self, session, settings, person):
        self.session, self.settings, self.person = session, settings, person
        if session.get(Person, person) is None:
            with writing(session):
                session.add(Person(id=person))

    def song(self, title="A song", content=None, age_s=0):
        data = content or title.encode() * 100
        name = f"song-{new_id()}.mp3"
        (self.settings.uploads_dir / name).write_bytes(data)
        row = Song(person_id=self.person, title=title, search_text=title.casefold(), file_name=name, size_bytes=len(data))
        row.sha256, row.mime, row.duration_s, row.waveform = hashlib.sha256(data).hexdigest(), "audio/mpeg", 12.5, [0, 0.5, 1]
        row.created_at = now() - timedelta(seconds=age_s)
        return self._add(row)

    def picture(self, title="A picture", content=None):
        data = content or title.encode() * 100
        name, thumb = f"picture-{new_id()}.png", f"thumb-{new_id()}.jpg"
        (self.settings.uploads_dir / name).write_bytes(data)
        (self.settings.uploads_dir / thumb).write_bytes(b"\xff\xd8\xff" + data)
        row = Picture(person_id=self.person, title=title, search_text=title.casefold(), file_name=name, size_bytes=len(data))
        row.sha256, row.mime, row.width, row.height, row.thumb_name = (
            hashlib.sha256(data).hexdigest(),
            "image/png",
            640,
            480,
            thumb,
        )
        row.faces = [
            {"number": 1, "box": [0.1, 0.1, 0.4, 0.6], "ok": True, "reason": None},
            {
                "number": 2,
                "box": [0.6, 0.1, 0.9, 0.6],
                "ok": False,
                "reason": "The face is only 20 pixels wide; at least 48 are needed.",
            },
        ]
        return self._add(row)

    def film(self, state="queued", title="A film", content=b"0123456789" * 100):
        song, picture = self.song(f"song of {title}"), self.picture(f"picture of {title}")
        film = film_row(song, picture, title, options=options_json(SongToVideoSettings(face=1)))
        job = film_job(film, state)
        self._add(film)
        with writing(self.session):
            append_event(self.session, job.id, "queued", {"state": "queued"})
        if state == "done":
            self.finish(film, content)
        return film

    def finish(self, film, content=b"0123456789" * 100):
        name, page = f"film-{film.id}.mp4", f"film-{film.id}.html"
        (self.settings.results_dir / name).write_bytes(content)
        (self.settings.results_dir / page).write_text("<!doctype html><title>Report</title>")
        with writing(self.session):
            film.job.state, film.job.finished_at, film.job.started_at = "done", now(), now()
            film.files, film.size_bytes = {"film": name}, len(content)
            film.figures = {"video": name, "frames": 25, "notes": ["No voice was found in this file."]}
            self.session.add(report_job(film, result={"lag_ms": 20}, files={"page": page}))
            append_event(self.session, film.job.id, "state", {"state": "done"})
        return film

    def _add(self, row):
        with writing(self.session):
            self.session.add(row)
        return row
