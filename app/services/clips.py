"""A person's clips, which are films that get other lips: added once, kept, listed, renamed, deleted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.orm import Session

from app.database import writing
from app.models import Clip, new_id, now
from app.services.hiding import bring_back, make_way
from app.services.incoming import disk_errors_told, keep, received, sha256_of, too_large
from app.services.inspecting import look_at_film
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
    not_found,
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
from pipeline.inspecting.inspection import FilmFacts


@dataclass(frozen=True)
class NewClip:
    """A clip that was looked at: its file and its small JPEG, both still on their way in."""

    path: Path
    thumbnail: Path
    title: str
    digest: str
    facts: FilmFacts


def add_clip(session: Session, settings: AppSettings, person_id: str, path: Path, name: str) -> Clip:
    """Take over the file `path`, which is moved or removed in any case, as a clip; `name` is what the browser called it.

    Otherwise as `take_clip`; where it raises, nothing is kept.
    """
    try:
        return take_clip(session, settings, person_id, path, name)
    finally:
        path.unlink(missing_ok=True)


def take_clip(
    session: Session, settings: AppSettings, person_id: str, path: Path, name: str, became: Became[Clip] = nothing_more
) -> Clip:
    """Make the file `path` a clip: it is moved where it becomes the clip's, and stays as it is in any other case.

    A content that the person has already gives that clip. became: called with a new clip inside the transaction that keeps
    it. Raises InputError where the file can't be used; TooLarge, LimitReached,
    Busy, StorageFull.
    """
    settings.make_folders()
    thumbnail = settings.incoming_dir / f"{new_id()}.jpg"
    try:
        with disk_errors_told():
            settings.vault.seal(path, person_id)
        size_bytes = settings.vault.size_bytes(path)
        if size_bytes > settings.limits.clip_bytes:
            raise too_large(settings.limits.clip_bytes)
        ensure_person(session, person_id)
        digest = sha256_of(settings, path)
        known = find_content(session, Clip, person_id, digest)
        if known is not None and is_kept(settings, known):
            return known
        check_quota(session, settings, person_id, Clip, size_bytes)
        session.commit()  # nothing is held while the file is looked at
        title = title_of_file(name, settings.limits.title_characters)
        facts = look_at_film(settings, path, thumbnail, title, person_id)
        clip = store_clip(session, settings, person_id, NewClip(path, thumbnail, title, digest, facts), became)
        release_files(session, settings, person_id)  # what had to make way
        return clip
    finally:
        thumbnail.unlink(missing_ok=True)


def store_clip(session: Session, settings: AppSettings, person_id: str, new: NewClip, became: Became[Clip]) -> Clip:
    """Write the row and move the files. Another thread may have done so in between: then that row it is."""
    row_id = new_id()
    name, thumb_name = f"clip-{row_id}{new.facts.suffix}", f"thumb-{row_id}.jpg"
    size_bytes = settings.vault.size_bytes(new.path)
    try:
        with writing(session):
            lock_person(session, person_id)
            clip = find_content(session, Clip, person_id, new.digest)
            if clip is not None and is_kept(settings, clip):
                return clip
            check_quota(session, settings, person_id, Clip, size_bytes)
            make_way(session, settings, person_id, size_bytes)
            if clip is None:
                clip = Clip(person_id=person_id, sha256=new.digest, size_bytes=size_bytes, has_file=False, thumb_name="")
                session.add(clip)
            clip.title, clip.search_text, clip.created_at = new.title, fold(new.title), now()
            bring_back(clip)
            clip.mime, clip.duration_s = new.facts.mime, new.facts.duration_s
            clip.width, clip.height = new.facts.width, new.facts.height
            if not has_its_file(settings, clip):  # a film in the making may still hold on to the old one
                clip.file_name, clip.has_file = name, True
                keep(settings.uploads, new.path, name)
            if not settings.uploads.has(clip.thumb_name):
                clip.thumb_name = thumb_name
                keep(settings.uploads, new.thumbnail, thumb_name)
            session.flush()
            became(clip)
        return clip
    except BaseException:
        settings.uploads.take_back(name, new.path)
        settings.uploads.remove(thumb_name)
        raise


def add_clip_stream(session: Session, settings: AppSettings, person_id: str, stream: BinaryIO, name: str) -> Clip:
    """As `add_clip`, from a stream, of which no more is read than is accepted."""
    with received(settings, stream, settings.limits.clip_bytes, person_id) as path:
        return add_clip(session, settings, person_id, path, name)


def get_clip(session: Session, person_id: str, clip_id: str) -> Clip:
    """The clip. Raises NotFound."""
    return get_own(session, Clip, person_id, clip_id)


#: The person's clips; see `Lists`.
list_clips = Lists(Clip)


def rename_clip(session: Session, settings: AppSettings, person_id: str, clip_id: str, title: str) -> Clip:
    """Raises NotFound, and Refused for an empty title."""
    return rename_row(session, settings, Clip, person_id, clip_id, title)


def hide_clip(session: Session, person_id: str, clip_id: str) -> Clip:
    """Delete it so that it can be brought back for a day; films that were made of it stay. Raises NotFound."""
    return hide_row(session, Clip, person_id, clip_id)


def restore_clip(session: Session, person_id: str, clip_id: str) -> Clip:
    """Bring it back. Raises NotFound."""
    return restore_row(session, Clip, person_id, clip_id)


def delete_clip(session: Session, settings: AppSettings, person_id: str, clip_id: str) -> None:
    """Destroy it, hidden or not; films of it stay, and one in the making keeps the file till it ends. Raises NotFound."""
    delete_row(session, settings, Clip, person_id, clip_id)


def clip_file(settings: AppSettings, clip: Clip) -> Path:
    """The clip's own file. Raises NotFound where it is gone."""
    return file_of(settings, clip)


def thumb_file(settings: AppSettings, clip: Clip) -> Path:
    """The small JPEG, which stays as long as a film tells that it was made of the clip. Raises NotFound where it is gone."""
    if not settings.uploads.has(clip.thumb_name):
        raise not_found(Clip)
    return settings.uploads.path(clip.thumb_name)
