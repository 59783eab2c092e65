"""Uploads that come in pieces and go on after a break: begun, continued at an offset, finished, abandoned."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, get_args

from sqlalchemy.orm import Session

from app.database import writing
from app.errors import Conflict, NotFound, Refused, TooLarge, WrongOffset
from app.models import Clip, Given, Picture, Song, Upload, now
from app.services import pieces
from app.services.clips import take_clip
from app.services.incoming import too_large
from app.services.keeping import sweep, sweep_if_due
from app.services.library import get_own, lock_person
from app.services.origins import origin_of
from app.services.people import ensure_person
from app.services.pictures import take_picture
from app.services.quotas import announced_bytes, check_disk, check_quota, check_unfinished, has_room
from app.services.songs import take_song
from app.services.titles import UNTITLED, clean_title
from app.settings import MEGABYTE, AppSettings
from core.errors import InputError
from core.locks.locks import Lock

#: The rows that uploads become, and what makes them.
MODELS: Mapping[str, type[Any]] = {"song": Song, "picture": Picture, "clip": Clip}
TAKERS: Mapping[str, Callable[..., Song | Picture | Clip]] = {"song": take_song, "picture": take_picture, "clip": take_clip}
NAME_CHARACTERS = 200
#: How long a piece waits for another request that is at the same upload: the one whose connection broke may still be writing.
PIECE_PATIENCE_S = 5.0
#: After how long without a piece an upload is dropped where the disk has no room for another one.
SHORT_IDLE_S = 600.0


def begin_upload(session: Session, settings: AppSettings, person_id: str, kind: Given, file_name: str, size_bytes: int) -> Upload:
    """Begin an upload of so many bytes. Raises Refused, TooLarge, LimitReached."""
    if kind not in get_args(Given):
        raise Refused("app.upload_kind_unknown")
    limit_bytes = settings.limits.most_bytes(kind)
    if size_bytes <= 0:
        raise Refused("app.file_empty")
    if size_bytes > limit_bytes:
        raise too_large(limit_bytes)
    ensure_person(session, person_id)
    sweep_if_due(session, settings)
    if not has_room(settings, announced_bytes(session) + size_bytes):
        sweep(session, settings, SHORT_IDLE_S)
    settings.vault.prepare(person_id)
    with writing(session):
        lock_person(session, person_id)
        check_quota(session, settings, person_id, MODELS[kind], size_bytes)
        check_unfinished(session, settings, person_id, size_bytes)
        check_disk(settings, announced_bytes(session) + size_bytes)
        name = clean_title(file_name.replace("\\", "/").rpartition("/")[2], NAME_CHARACTERS) or UNTITLED
        upload = Upload(person_id=person_id, origin=origin_of(session), kind=kind, file_name=name, size_bytes=size_bytes)
        session.add(upload)
        session.flush()
        pieces.begin(settings, upload)
    return upload


def get_upload(session: Session, person_id: str, upload_id: str) -> Upload:
    """The upload's row. Raises NotFound."""
    upload = session.get(Upload, upload_id, populate_existing=True)
    if upload is None or upload.person_id != person_id:
        raise NotFound("app.no_such_upload")
    return upload


def standing_upload(session: Session, settings: AppSettings, person_id: str, upload_id: str) -> Upload:
    """The upload as it stands; `received_bytes` is where to go on. Raises NotFound."""
    upload = get_upload(session, person_id, upload_id)
    if upload.result_id is None and missing_bytes(settings, upload):
        with suppress(Conflict), held(settings, upload_id):  # whoever holds it is about to say how it stands
            upload = held_upload(session, settings, person_id, upload_id)
    return upload


def held_upload(session: Session, settings: AppSettings, person_id: str, upload_id: str) -> Upload:
    """The upload inside `held`, set back to what is on the disk where a power loss has taken the rest of it.

    The part's end is lost then, or all of it where a finish had moved it: the person sends that once more, and no hole is filled
    with zeros. Raises NotFound.
    """
    with writing(session):
        lock_person(session, person_id)
        upload = get_upload(session, person_id, upload_id)
        upload.touched_at = now()  # no sweep takes it away meanwhile
        if upload.result_id is None and (missing := missing_bytes(settings, upload)):
            upload.received_bytes -= missing
    return upload


def missing_bytes(settings: AppSettings, upload: Upload) -> int:
    """How many of the bytes that are counted as received are not on the disk."""
    return max(0, upload.received_bytes - pieces.came(settings, upload))


@contextmanager
def held(settings: AppSettings, upload_id: str, patience_s: float = 0.0) -> Iterator[Lock]:
    """Hold the upload's bytes alone, among all threads and processes; a server that was killed holds nothing any more.

    Raises Conflict where another request does so for longer than `patience_s`; LocksFailed.
    """
    end_s = time.monotonic() + patience_s

    def waiting() -> None:
        if time.monotonic() >= end_s:
            raise Conflict("app.upload_busy")

    settings.make_folders()
    with settings.lock_at(lock_file(settings, upload_id), f"uploads/{upload_id}") as lock:
        lock.own(waiting)
        yield lock


def continue_upload(session: Session, settings: AppSettings, person_id: str, upload_id: str, offset: int, piece: bytes) -> Upload:
    """Append a piece at the offset, which must be where the upload stands. It is safe on the disk before it is counted.

    Raises NotFound; WrongOffset where it stands at another byte: go on from there; Refused for a piece that is too large or
    goes beyond the end; Conflict while another request is at it; StorageFull.
    """
    if len(piece) > settings.limits.piece_bytes:
        raise Refused("app.piece_too_large", limit=settings.limits.piece_bytes / MEGABYTE)
    get_upload(session, person_id, upload_id)
    with held(settings, upload_id, PIECE_PATIENCE_S) as lock:
        upload = held_upload(session, settings, person_id, upload_id)
        if upload.result_id is not None or offset != upload.received_bytes:
            raise WrongOffset("app.upload_stands_elsewhere", upload.received_bytes, byte=upload.received_bytes)
        if offset + len(piece) > upload.size_bytes:
            raise Refused("app.upload_larger_than_begun", size=upload.size_bytes)
        check_disk(settings, len(piece))
        pieces.write_piece(settings, upload, offset, piece)
        lock.confirm()
        with writing(session):
            upload = get_upload(session, person_id, upload_id)  # it may have been abandoned meanwhile
            upload.received_bytes, upload.touched_at = offset + len(piece), now()
    return upload


def finish_upload(session: Session, settings: AppSettings, person_id: str, upload_id: str) -> Song | Picture | Clip:
    """Make the song, picture or clip of a whole upload; finishing it again gives the same.

    A file that can't be used ends the upload. Where anything else is in the way, a full disk, a limit, too much to do, what came
    is kept, so that the person only has to finish it again.
    Raises NotFound, WrongOffset where bytes lack, Conflict where it is being finished elsewhere, and as `take_song`,
    `take_picture` and `take_clip` do.
    """
    upload = get_upload(session, person_id, upload_id)
    if upload.result_id is not None:
        return get_result(session, upload, upload.result_id)
    with held(settings, upload_id):
        upload = held_upload(session, settings, person_id, upload_id)
        if upload.result_id is not None:
            return get_result(session, upload, upload.result_id)
        if upload.received_bytes != upload.size_bytes:
            received, size = upload.received_bytes, upload.size_bytes
            raise WrongOffset("app.upload_not_whole", received, received=received, size=size)
        try:
            row = take(session, settings, upload)
        except (InputError, Refused, TooLarge):
            drop(session, settings, upload)
            raise
        pieces.remove(settings, upload)  # there still where the person had the same content already, or it was sealed
        remove_lock(settings, upload_id)
    return row


def take(session: Session, settings: AppSettings, upload: Upload) -> Song | Picture | Clip:
    """The song, picture or clip of the bytes that came; in the same transaction the upload tells what it became."""

    def became(row: Song | Picture | Clip) -> None:
        kept = get_upload(session, upload.person_id, upload.id)
        kept.result_id, kept.touched_at = row.id, now()

    with pieces.put_together(settings, upload) as path:
        row = TAKERS[upload.kind](session, settings, upload.person_id, path, upload.file_name, became)
    if upload.result_id is None:  # the person had it already
        with writing(session):
            became(row)
    return row


def get_result(session: Session, upload: Upload, row_id: str) -> Song | Picture | Clip:
    """What the upload became. Raises NotFound where that was deleted."""
    row: Song | Picture | Clip = get_own(session, MODELS[upload.kind], upload.person_id, row_id)
    return row


def abandon_upload(session: Session, settings: AppSettings, person_id: str, upload_id: str) -> None:
    """Forget the upload and its bytes. Raises NotFound, and Conflict while another request is at it."""
    get_upload(session, person_id, upload_id)
    with held(settings, upload_id, PIECE_PATIENCE_S):
        drop(session, settings, get_upload(session, person_id, upload_id))


def drop(session: Session, settings: AppSettings, upload: Upload) -> None:
    """Remove the row and the bytes."""
    with writing(session):
        session.delete(upload)
    pieces.remove(settings, upload)
    remove_lock(settings, upload.id)


def lock_file(settings: AppSettings, upload_id: str) -> Path:
    """What `held` locks; it goes with the upload's end, after which nobody has anything to do here any more."""
    return settings.incoming_dir / f"{upload_id}.lock"


def remove_lock(settings: AppSettings, upload_id: str) -> None:
    """Remove what `held` locks."""
    with suppress(PermissionError):  # Windows removes no file that is open; the sweep does later
        lock_file(settings, upload_id).unlink(missing_ok=True)
