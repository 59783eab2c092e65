"""A person's pictures: added once, their faces found, kept, listed, renamed, deleted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.orm import Session

from app.database import writing
from app.found_faces import FoundFace
from app.models import Picture, new_id, now
from app.services.hiding import bring_back, make_way
from app.services.incoming import disk_errors_told, keep, received, sha256_of, too_large
from app.services.inspecting import look_at_picture
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
from pipeline.inspecting.inspection import FaceFacts, PictureFacts


@dataclass(frozen=True)
class NewPicture:
    """A picture that was looked at: its file and its small JPEG, both still on their way in."""

    path: Path
    thumbnail: Path
    title: str
    digest: str
    facts: PictureFacts


def add_picture(session: Session, settings: AppSettings, person_id: str, path: Path, name: str) -> Picture:
    """Take over the file `path`, which is moved or removed in any case, as a picture; `name` is what the browser called it.

    Otherwise as `take_picture`; where it raises, nothing is kept.
    """
    try:
        return take_picture(session, settings, person_id, path, name)
    finally:
        path.unlink(missing_ok=True)


def take_picture(
    session: Session, settings: AppSettings, person_id: str, path: Path, name: str, became: Became[Picture] = nothing_more
) -> Picture:
    """Make the file `path` a picture: it is moved where it becomes the picture's, and stays as it is in any other case.

    A content that the person has already gives that picture. became: called with a new picture inside the transaction that keeps
    it. Raises InputError where the file can't be used, also where it is no drawing and no face can sing; TooLarge, LimitReached,
    Busy, StorageFull.
    """
    settings.make_folders()
    thumbnail = settings.incoming_dir / f"{new_id()}.jpg"
    try:
        with disk_errors_told():
            settings.vault.seal(path, person_id)
        size_bytes = settings.vault.size_bytes(path)
        if size_bytes > settings.limits.picture_bytes:
            raise too_large(settings.limits.picture_bytes)
        ensure_person(session, person_id)
        digest = sha256_of(settings, path)
        known = find_content(session, Picture, person_id, digest)
        if known is not None and is_kept(settings, known):
            return known
        check_quota(session, settings, person_id, Picture, size_bytes)
        session.commit()  # nothing is held while the file is looked at
        title = title_of_file(name, settings.limits.title_characters)
        facts = look_at_picture(settings, path, thumbnail, title, person_id)
        picture = store_picture(session, settings, person_id, NewPicture(path, thumbnail, title, digest, facts), became)
        release_files(session, settings, person_id)  # what had to make way
        return picture
    finally:
        thumbnail.unlink(missing_ok=True)


def store_picture(session: Session, settings: AppSettings, person_id: str, new: NewPicture, became: Became[Picture]) -> Picture:
    """Write the row and move the files. Another thread may have done so in between: then that row it is."""
    row_id = new_id()
    name, thumb_name = f"picture-{row_id}{new.facts.suffix}", f"thumb-{row_id}.jpg"
    size_bytes = settings.vault.size_bytes(new.path)
    try:
        with writing(session):
            lock_person(session, person_id)
            picture = find_content(session, Picture, person_id, new.digest)
            if picture is not None and is_kept(settings, picture):
                return picture
            check_quota(session, settings, person_id, Picture, size_bytes)
            make_way(session, settings, person_id, size_bytes)
            if picture is None:
                picture = Picture(person_id=person_id, sha256=new.digest, size_bytes=size_bytes, has_file=False, thumb_name="")
                session.add(picture)
            picture.title, picture.search_text, picture.created_at = new.title, fold(new.title), now()
            bring_back(picture)
            picture.mime, picture.width, picture.height = new.facts.mime, new.facts.width, new.facts.height
            people: list[FoundFace] = [{**as_row(face), "person": True} for face in new.facts.people]
            picture.faces, picture.drawing = [*(as_row(face) for face in new.facts.faces), *people], new.facts.drawing
            picture.turned = new.facts.turned
            if not has_its_file(settings, picture):  # a film in the making may still hold on to the old one
                picture.file_name, picture.has_file = name, True
                keep(settings.uploads, new.path, name)
            if not settings.uploads.has(picture.thumb_name):
                picture.thumb_name = thumb_name
                keep(settings.uploads, new.thumbnail, thumb_name)
            session.flush()
            became(picture)
        return picture
    except BaseException:
        settings.uploads.take_back(name, new.path)
        settings.uploads.remove(thumb_name)
        raise


def as_row(face: FaceFacts) -> FoundFace:
    """The face as it is kept."""
    reason = None if face.reason is None else face.reason.as_json()
    row: FoundFace = {"number": face.number, "box": list(face.box), "ok": reason is None, "reason": reason}
    row["tilt_deg"] = face.tilt_deg
    if face.advice is not None:
        row["advice"] = face.advice.as_json()
    return {**row, "animal": True} if face.animal else row


def add_picture_stream(session: Session, settings: AppSettings, person_id: str, stream: BinaryIO, name: str) -> Picture:
    """As `add_picture`, from a stream, of which no more is read than is accepted."""
    with received(settings, stream, settings.limits.picture_bytes, person_id) as path:
        return add_picture(session, settings, person_id, path, name)


def get_picture(session: Session, person_id: str, picture_id: str) -> Picture:
    """The picture. Raises NotFound."""
    return get_own(session, Picture, person_id, picture_id)


#: The person's pictures; see `Lists`.
list_pictures = Lists(Picture)


def rename_picture(session: Session, settings: AppSettings, person_id: str, picture_id: str, title: str) -> Picture:
    """Raises NotFound, and Refused for an empty title."""
    return rename_row(session, settings, Picture, person_id, picture_id, title)


def hide_picture(session: Session, person_id: str, picture_id: str) -> Picture:
    """Delete it so that it can be brought back for a day; films that were made of it stay. Raises NotFound."""
    return hide_row(session, Picture, person_id, picture_id)


def restore_picture(session: Session, person_id: str, picture_id: str) -> Picture:
    """Bring it back. Raises NotFound."""
    return restore_row(session, Picture, person_id, picture_id)


def delete_picture(session: Session, settings: AppSettings, person_id: str, picture_id: str) -> None:
    """Destroy it, hidden or not; films of it stay, and one in the making keeps the file till it ends. Raises NotFound."""
    delete_row(session, settings, Picture, person_id, picture_id)


def picture_file(settings: AppSettings, picture: Picture) -> Path:
    """The picture's own file. Raises NotFound where it is gone."""
    return file_of(settings, picture)


def thumb_file(settings: AppSettings, picture: Picture) -> Path:
    """The small JPEG, which stays as long as a film tells that it was made of the picture. Raises NotFound where it is gone."""
    if not settings.uploads.has(picture.thumb_name):
        raise not_found(Picture)
    return settings.uploads.path(picture.thumb_name)
