"""Uploads that come in pieces and go on after a break: begun, continued at an offset, finished, abandoned."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database import writing
from app.errors import Conflict, LimitReached, NotFound, Refused
from app.models import Picture, Song, SongOrPicture, Upload, now
from app.services.incoming import disk_errors_told, too_large
from app.services.keeping import sweep_if_due
from app.services.library import check_room, get_own, lock_person
from app.services.people import ensure_person
from app.services.pictures import add_picture
from app.services.songs import add_song
from app.services.titles import UNTITLED, clean_title
from app.settings import MEGABYTE, AppSettings

NAME_CHARACTERS = 200
#: How long a finish may take beside its look at the file and its waiting for a turn.
PATIENCE_S = 60.0


def begin_upload(
    session: Session, settings: AppSettings, person_id: str, kind: SongOrPicture, file_name: str, size_bytes: int
) -> Upload:
    """Begin an upload of so many bytes. Raises Refused, TooLarge, LimitReached."""
    if kind not in get_args(SongOrPicture):
        raise Refused("An upload is a song or a picture.")
    limit_bytes = settings.limits.song_bytes if kind == "song" else settings.limits.picture_bytes
    if size_bytes <= 0:
        raise Refused("The file is empty; choose another.")
    if size_bytes > limit_bytes:
        raise too_large(limit_bytes)
    ensure_person(session, person_id)
    sweep_if_due(session, settings)
    with writing(session):
        lock_person(session, person_id)
        check_room(session, settings, person_id, Song if kind == "song" else Picture, size_bytes)
        count = session.scalars(select(func.count()).where(Upload.person_id == person_id, Upload.result_id.is_(None))).one()
        if count >= settings.limits.uploads:
            raise LimitReached("You have %(count)s unfinished uploads; finish or abandon one first.", count=count)
        name = clean_title(file_name.replace("\\", "/").rpartition("/")[2], NAME_CHARACTERS) or UNTITLED
        upload = Upload(person_id=person_id, kind=kind, file_name=name, size_bytes=size_bytes)
        session.add(upload)
        session.flush()
        settings.make_folders()
        with disk_errors_told():
            part_file(settings, upload).touch(exist_ok=False)
    return upload


def get_upload(session: Session, person_id: str, upload_id: str) -> Upload:
    """The upload as it stands; `received_bytes` is where to go on. Raises NotFound."""
    upload = session.get(Upload, upload_id, populate_existing=True)
    if upload is None or upload.person_id != person_id:
        raise NotFound("There is no such upload; it was abandoned, or too long ago. Begin it anew.")
    return upload


def continue_upload(session: Session, settings: AppSettings, person_id: str, upload_id: str, offset: int, piece: bytes) -> Upload:
    """Append a piece at the offset, which must be where the upload stands.

    Raises NotFound; Conflict where it stands elsewhere (ask, and go on from there); Refused for a piece that is too large or goes
    beyond the end; StorageFull.
    """
    if len(piece) > settings.limits.piece_bytes:
        limit = f"{settings.limits.piece_bytes / MEGABYTE:g}"
        raise Refused("A piece of an upload may have %(limit)s MB; send smaller ones.", limit=limit)
    with writing(session):
        lock_person(session, person_id)
        upload = get_upload(session, person_id, upload_id)
        if upload.result_id is not None or offset != upload.received_bytes:
            raise Conflict("The upload stands at byte %(byte)s; go on from there.", byte=upload.received_bytes)
        if offset + len(piece) > upload.size_bytes:
            raise Refused("The upload was begun with %(size)s bytes; more came.", size=upload.size_bytes)
        path = part_file(settings, upload)
        if not path.is_file():
            raise being_finished()
        with disk_errors_told(), path.open("r+b") as file:
            file.seek(offset)
            file.write(piece)
            file.truncate()
        upload.received_bytes, upload.touched_at = offset + len(piece), now()
    return upload


def finish_upload(session: Session, settings: AppSettings, person_id: str, upload_id: str) -> Song | Picture:
    """Make the song or picture of a whole upload; finishing it again gives the same. A file that can't be used ends the upload.

    Raises NotFound, Conflict where bytes lack or it is being finished elsewhere, and as `add_song` and `add_picture` do.
    """
    upload = get_upload(session, person_id, upload_id)
    if upload.result_id is not None:
        return get_result(session, upload, upload.result_id)
    if upload.received_bytes != upload.size_bytes:
        values = {"received": upload.received_bytes, "size": upload.size_bytes}
        raise Conflict("Only %(received)s of %(size)s bytes came; send the rest first.", **values)
    whole = settings.incoming_dir / f"{upload.id}.whole"
    claim(settings, part_file(settings, upload), whole)
    add: Callable[..., Song | Picture] = add_song if upload.kind == "song" else add_picture
    try:
        row = add(session, settings, person_id, whole, upload.file_name)
    except BaseException:
        drop(session, settings, upload)
        raise
    with writing(session):
        upload.result_id, upload.touched_at = row.id, now()
    return row


def get_result(session: Session, upload: Upload, row_id: str) -> Song | Picture:
    """What the upload became. Raises NotFound where that was deleted."""
    if upload.kind == "song":
        return get_own(session, Song, upload.person_id, row_id)
    return get_own(session, Picture, upload.person_id, row_id)


def claim(settings: AppSettings, part: Path, whole: Path) -> None:
    """Take the bytes for one finish alone: the renaming can go well but once. Raises Conflict for the others.

    Bytes that a finish took so long ago that it can't be at work any more were left by a killed server: they are taken over.
    """
    try:
        part.rename(whole)
    except FileNotFoundError as error:
        longest_s = 2 * settings.limits.inspection_s + PATIENCE_S
        try:
            if time.time() - whole.stat().st_ctime < longest_s:
                raise being_finished() from error
            os.utime(whole)  # also sets the time of its change: the next one who asks has to wait
        except FileNotFoundError:
            raise being_finished() from error


def abandon_upload(session: Session, settings: AppSettings, person_id: str, upload_id: str) -> None:
    """Forget the upload and its bytes. Raises NotFound."""
    drop(session, settings, get_upload(session, person_id, upload_id))


def drop(session: Session, settings: AppSettings, upload: Upload) -> None:
    """Remove the row and the bytes."""
    with writing(session):
        session.delete(upload)
    part_file(settings, upload).unlink(missing_ok=True)


def part_file(settings: AppSettings, upload: Upload) -> Path:
    """Where the bytes are that came so far."""
    return settings.incoming_dir / f"{upload.id}.part"


def being_finished() -> Conflict:
    """The error for a second finish while the first one looks at the file."""
    return Conflict("This upload is being finished already; wait a moment.")
