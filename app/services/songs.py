"""A person's songs: added once, kept, listed, renamed, deleted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.orm import Session

from app.database import writing
from app.models import Song, new_id, now
from app.services.hiding import bring_back, make_way
from app.services.incoming import disk_errors_told, keep, received, sha256_of, too_large
from app.services.inspecting import look_at_song
from app.services.library import (
    Became,
    delete_row,
    file_of,
    find_content,
    get_own,
    has_its_file,
    hide_row,
    is_kept,
    lock_person,
    nothing_more,
    rename_row,
    restore_row,
)
from app.services.listing import Lists
from app.services.people import ensure_person
from app.services.quotas import check_quota
from app.services.releasing import release_files
from app.services.titles import fold, title_of_file
from app.settings import AppSettings
from pipeline.inspecting.inspection import SongFacts


@dataclass(frozen=True)
class NewSong:
    """A song that was looked at: its file, still on its way in."""

    path: Path
    title: str
    digest: str
    facts: SongFacts


def add_song(session: Session, settings: AppSettings, person_id: str, path: Path, name: str) -> Song:
    """Take over the file `path`, which is moved or removed in any case, as a song; `name` is what the person's browser called it.

    Otherwise as `take_song`; where it raises, nothing is kept.
    """
    try:
        return take_song(session, settings, person_id, path, name)
    finally:
        path.unlink(missing_ok=True)


def take_song(
    session: Session, settings: AppSettings, person_id: str, path: Path, name: str, became: Became[Song] = nothing_more
) -> Song:
    """Make the file `path` a song: it is moved where it becomes the song's, and stays as it is in any other case.

    A content that the person has already gives that song. became: called with a new song inside the transaction that keeps it.
    Raises InputError where the file can't be used, TooLarge, LimitReached, Busy, StorageFull.
    """
    with disk_errors_told():
        settings.vault.seal(path, person_id)
    size_bytes = settings.vault.size_bytes(path)
    if size_bytes > settings.limits.song_bytes:
        raise too_large(settings.limits.song_bytes)
    ensure_person(session, person_id)
    digest = sha256_of(settings, path)
    known = find_content(session, Song, person_id, digest)
    if known is not None and is_kept(settings, known):
        return known
    check_quota(session, settings, person_id, Song, size_bytes)
    session.commit()  # nothing is held while the file is looked at
    title = title_of_file(name, settings.limits.title_characters)
    facts = look_at_song(settings, path, title)
    song = store_song(session, settings, person_id, NewSong(path, title, digest, facts), became)
    release_files(session, settings, person_id)  # what had to make way
    return song


def store_song(session: Session, settings: AppSettings, person_id: str, new: NewSong, became: Became[Song]) -> Song:
    """Write the row and move the file. Another thread may have done so in between: then that row it is."""
    path, title, digest, facts = new.path, new.title, new.digest, new.facts
    name = f"song-{new_id()}{facts.suffix}"
    size_bytes = settings.vault.size_bytes(path)
    try:
        with writing(session):
            lock_person(session, person_id)
            song = find_content(session, Song, person_id, digest)
            if song is not None and is_kept(settings, song):
                return song
            check_quota(session, settings, person_id, Song, size_bytes)
            make_way(session, settings, person_id, size_bytes)
            if song is None:
                song = Song(person_id=person_id, sha256=digest, size_bytes=size_bytes, has_file=False)
                session.add(song)
            song.title, song.search_text, song.created_at = title, fold(title), now()
            bring_back(song)
            song.mime, song.duration_s, song.waveform = facts.mime, facts.duration_s, list(facts.waveform)
            if not has_its_file(settings, song):  # a film in the making may still hold on to the old one
                song.file_name, song.has_file = name, True
                keep(settings.uploads, path, name)
            session.flush()
            became(song)
        return song
    except BaseException:
        settings.uploads.take_back(name, path)
        raise


def add_song_stream(session: Session, settings: AppSettings, person_id: str, stream: BinaryIO, name: str) -> Song:
    """As `add_song`, from a stream, of which no more is read than is accepted."""
    with received(settings, stream, settings.limits.song_bytes, person_id) as path:
        return add_song(session, settings, person_id, path, name)


def get_song(session: Session, person_id: str, song_id: str) -> Song:
    """The song. Raises NotFound."""
    return get_own(session, Song, person_id, song_id)


#: The person's songs; see `Lists`.
list_songs = Lists(Song)


def rename_song(session: Session, settings: AppSettings, person_id: str, song_id: str, title: str) -> Song:
    """Raises NotFound, and Refused for an empty title."""
    return rename_row(session, settings, Song, person_id, song_id, title)


def hide_song(session: Session, person_id: str, song_id: str) -> Song:
    """Delete it so that it can be brought back for a day; films that were made of it stay. Raises NotFound."""
    return hide_row(session, Song, person_id, song_id)


def restore_song(session: Session, person_id: str, song_id: str) -> Song:
    """Bring it back. Raises NotFound."""
    return restore_row(session, Song, person_id, song_id)


def delete_song(session: Session, settings: AppSettings, person_id: str, song_id: str) -> None:
    """Destroy it, hidden or not; films of it stay, and one in the making keeps the file till it ends. Raises NotFound."""
    delete_row(session, settings, Song, person_id, song_id)


def song_file(settings: AppSettings, song: Song) -> Path:
    """The song's file. Raises NotFound where it is gone."""
    return file_of(settings, song)
