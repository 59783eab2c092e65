"""A large library to measure and to look at: real songs, portraits and films of the demo under many names."""

from __future__ import annotations

import os
import random
import uuid
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy.orm import Session

from app.database import writing
from app.models import Job, JobInput, Picture, Song, Work, WorkInput, new_id, now
from app.services.people import ensure_person
from app.services.titles import fold
from app.settings import AppSettings
from benchmarks.programs import ROOT
from pipeline.works.song_to_film import SONG_TO_FILM

Row = TypeVar("Row", Song, Picture, Work)
EXAMPLES = ROOT / "demo" / "examples"
SONGS = (EXAMPLES / "song_twinkle.mp3", EXAMPLES / "song_alone.mp3", EXAMPLES / "song_second.mp3")
PICTURES = tuple(EXAMPLES / name for name in ("woman.jpg", "man.jpg", "mona_lisa.jpg", "pearl_earring.jpg", "drawn_red.jpg"))
FILMS = tuple(EXAMPLES / name for name in ("welcome.mp4", "lively.mp4", "stage.mp4"))
WORDS = (
    "Über",
    "den",
    "Wolken",
    "Abend",
    "song",
    "rehearsal",
    "Zoë",
    "smørrebrød",
    "morning",
    "Müller",
    "take",
    "garden",
    "river",
)


class Shelves:
    """Fills a person's library; the same numbers give the same library."""

    def __init__(self, session: Session, settings: AppSettings, person_id: str, seed: int = 5) -> None:
        self.session, self.settings, self.person_id = session, settings, person_id
        self.dice = random.Random(seed)

    def fill(self, count: int) -> None:
        """Add that many songs, as many pictures, and as many films that are done."""
        ensure_person(self.session, self.person_id)
        with writing(self.session):
            songs = [self.song(number) for number in range(count)]
            pictures = [self.picture(number) for number in range(count)]
            for number in range(count):
                self.film(number, self.dice.choice(songs), self.dice.choice(pictures))

    def wait(self, count: int) -> list[Work]:
        """Add that many films that wait, of a song and a picture of their own."""
        ensure_person(self.session, self.person_id)
        with writing(self.session):
            song, picture = self.song(0), self.picture(0)
            films = [self.film(number, song, picture) for number in range(count)]
            for number, film in enumerate(films):
                job = film.jobs[0]
                film.files, film.figures, film.size_bytes = {}, None, None
                job.state, job.started_at, job.finished_at = "queued", None, None
                job.queued_at = now() + timedelta(seconds=number)
        return films

    def song(self, number: int) -> Song:
        """One of the demo's songs under another name."""
        path = self.dice.choice(SONGS)
        row = Song(**self.given(path, f"song-{new_id()}.mp3", number), mime="audio/mpeg", duration_s=self.dice.uniform(8, 240))
        row.waveform = [self.dice.random() for _ in range(800)]
        return self.added(row)

    def picture(self, number: int) -> Picture:
        """One of the demo's portraits under another name."""
        path, thumb = self.dice.choice(PICTURES), f"thumb-{new_id()}.jpg"
        link(path, self.settings.uploads_dir / thumb)
        row = Picture(**self.given(path, f"picture-{new_id()}.jpg", number), mime="image/jpeg", width=768, height=768)
        row.faces = [{"number": 1, "box": [0.3, 0.2, 0.7, 0.7], "ok": True, "reason": None}]
        row.drawing, row.turned, row.thumb_name = False, 0, thumb
        return self.added(row)

    def film(self, number: int, song: Song, picture: Picture) -> Work:
        """One of the demo's films, as if it had been made of the song and the picture."""
        path, at, title = self.dice.choice(FILMS), now() - timedelta(minutes=number), self.title(number)
        name = f"film-{new_id()}.mp4"
        link(path, self.settings.results_dir / name)
        row = Work(person_id=self.person_id, kind=SONG_TO_FILM.name, title=title, search_text=fold(title), options={})
        row.order_key, row.files, row.size_bytes, row.created_at = new_id(), {"film": name}, path.stat().st_size, at
        row.figures = {"width": 256, "height": 256, "duration_s": round(self.dice.uniform(2, 200), 2), "frames": 50}
        row.inputs = {role: WorkInput(role=role, asset=asset) for role, asset in (("song", song), ("portrait", picture))}
        job = Job(id=new_id(), person_id=self.person_id, kind=SONG_TO_FILM.name, work=row, state="done", options={}, notes=[])
        job.inputs = {role: JobInput(role=role, asset=asset) for role, asset in (("song", song), ("portrait", picture))}
        job.queued_at = job.started_at = job.finished_at = at
        return self.added(row)

    def title(self, number: int) -> str:
        """A name of some words and the number."""
        return f"{' '.join(self.dice.sample(WORDS, 3))} {number}"

    def given(self, path: Path, name: str, number: int) -> dict[str, object]:
        """What songs and pictures have in common; the file is that of the demo under this name."""
        link(path, self.settings.uploads_dir / name)
        title = self.title(number)
        digest = uuid.UUID(int=self.dice.getrandbits(128)).hex * 2
        kept = {"person_id": self.person_id, "title": title, "search_text": fold(title), "file_name": name, "sha256": digest}
        return {**kept, "size_bytes": path.stat().st_size, "created_at": now() - timedelta(minutes=number)}

    def added(self, row: Row) -> Row:
        """The row, to be written."""
        self.session.add(row)
        return row


def link(source: Path, target: Path) -> None:
    """The file under another name, without its bytes where the disk allows that."""
    try:
        os.link(source, target)
    except OSError:
        target.write_bytes(source.read_bytes())
