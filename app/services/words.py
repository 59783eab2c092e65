"""The words of a song, found once as a work and corrected by whoever it belongs to; its files always say what its words are."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.database import writing
from app.errors import NotFound
from app.models import Song, Work, WorkInput
from app.services.library import lock_person
from app.services.spoken import folded_words
from app.services.works import get_work
from app.settings import AppSettings
from pipeline.lyrics.lines import Lyrics, lyrics_from_json
from pipeline.lyrics.writing import lrc_text, write_lyrics
from pipeline.works.song_to_film import SONG_TO_FILM
from pipeline.works.song_to_lyrics import SONG_TO_LYRICS

#: Where a work's figures have the words.
WORDS = "words"
#: Films of the song that are offered to be made again with its words.
MOST_FILMS = 50


def get_words(session: Session, person_id: str, work_id: str) -> tuple[Work, Lyrics]:
    """The person's work and its words. Raises NotFound for another kind of work, and for words that are not there yet."""
    work = get_work(session, person_id, work_id)
    if work.kind != SONG_TO_LYRICS.name or not work.files or not (work.figures or {}).get(WORDS):
        raise NotFound("app.no_such_words")
    assert work.figures is not None
    return work, lyrics_from_json(work.figures[WORDS])


def save_words(session: Session, settings: AppSettings, person_id: str, work_id: str, lyrics: Lyrics) -> Work:
    """Keep corrected words, in the work and in its files. Raises NotFound as `get_words`."""
    vault = settings.vault
    vault.prepare(person_id)
    with vault.workspace.folder() as folder, writing(session):
        lock_person(session, person_id)
        work, _ = get_words(session, person_id, work_id)
        for name in work.files.values():
            write_lyrics(folder / name, lyrics)
            vault.keep(folder / name, settings.results.path(name), person_id)
        work.figures = {**(work.figures or {}), WORDS: lyrics.as_json()}
        work.words_text = folded_words(work.options, work.figures)
        work.size_bytes = sum(settings.results.size_bytes(name) for name in work.files.values())
    return work


def words_for_film(session: Session, person_id: str, work_id: str, song: Song) -> str | None:
    """The words as an option of a film of that song takes them; None where they are gone or are another song's."""
    try:
        work, lyrics = get_words(session, person_id, work_id)
    except NotFound:
        return None
    return lrc_text(lyrics) if work.inputs["song"].asset_id == song.id else None


def films_of(session: Session, person_id: str, song_id: str) -> list[Work]:
    """The person's films of a song, newest first."""
    query = (
        select(Work)
        .join(WorkInput)
        .where(Work.person_id == person_id, Work.kind == SONG_TO_FILM.name, Work.deleted_at.is_(None))
        .where(WorkInput.role == "song", WorkInput.asset_id == song_id)
        .order_by(Work.created_at.desc())
        .options(selectinload(Work.jobs))
        .limit(MOST_FILMS)
    )
    return list(session.scalars(query))
