"""What a browser had before its visitor had an account becomes the account's, all of it in one transaction.

Only what the signed cookie of this very browser names, and never what belongs to an account already. The same file on both sides
is kept once. Where both together are more than one may keep, nothing moves and the cookie stays: after something was deleted, the
next sign-in takes it over.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlalchemy import Table, delete, exists, func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.database import writing
from app.errors import LimitReached
from app.models import Asset, Base, Clip, IdempotencyKey, Job, JobInput, Person, Picture, Upload, Work, WorkInput
from app.notices.models import NoticeAddress
from app.services.glimpses import glimpses_of
from app.services.hiding import bring_back
from app.services.library import lock_person
from app.services.releasing import AT_WORK
from app.services.storage import storage_of
from app.settings import AppSettings
from app.shelf_models import AlbumAsset, AssetTag
from app.token_models import ApiToken

#: What the visitor's rows of these were good for ends: programs with tokens and browsers that are told would else reach into
#: the account, whoever had asked for them; and answers to requests of before.
DROPPED = (ApiToken, NoticeAddress, IdempotencyKey)
#: Tables that tell of a person and don't move.
STAY = {Account.__tablename__, *(model.__tablename__ for model in DROPPED)}
#: What a row of a file has of its own.
OF_FILE = ("file_name", "has_file", "size_bytes", "mime")


def join(session: Session, settings: AppSettings, visitor_id: str, account: Account) -> bool:
    """Give the account what the visitor has; says whether there was anything. Raises LimitReached, and then nothing moved."""
    visitor = session.get(Person, visitor_id)
    if visitor is None or visitor_id == account.person_id or belongs_to_account(session, visitor_id):
        return False
    paths: list[Path] = []
    with writing(session):
        for person_id in sorted((visitor_id, account.person_id)):
            lock_person(session, person_id)
        if session.scalars(select(Person.id).where(Person.id == visitor_id)).one_or_none() is None:
            return False  # another sign-in was quicker
        for theirs, mine in same_files(session, visitor_id, account.person_id):
            paths += keep_once(session, settings, theirs, mine)
        tell_orders_apart(session, visitor_id, account.person_id)
        session.flush()
        for table in tables_of_persons():
            session.execute(update(table).where(table.c.person_id == visitor_id).values(person_id=account.person_id))
        for model in DROPPED:
            session.execute(delete(model).where(model.person_id == visitor_id))
        session.execute(delete(Person).where(Person.id == visitor_id))
        session.expire_all()
        check_room(session, settings, account.person_id)
    for path in paths:
        settings.vault.files.remove(path)
    return True


def belongs_to_account(session: Session, person_id: str) -> bool:
    """Whether the person's things are an account's: then no cookie is the key to them."""
    return bool(session.scalar(select(exists().where(Account.person_id == person_id))))


def tables_of_persons() -> list[Table]:
    """The tables whose rows move; a new one is among them by itself."""
    return [table for table in Base.metadata.sorted_tables if "person_id" in table.c and table.name not in STAY]


def same_files(session: Session, visitor_id: str, person_id: str) -> list[tuple[Asset, Asset]]:
    """The visitor's files that the account's person has too, each with the one of the account."""
    theirs = {(row.kind, row.sha256): row for row in session.scalars(select(Asset).where(Asset.person_id == visitor_id))}
    mine = session.scalars(select(Asset).where(Asset.person_id == person_id, Asset.sha256.in_([key[1] for key in theirs])))
    return [(theirs[row.kind, row.sha256], row) for row in mine if (row.kind, row.sha256) in theirs]


def keep_once(session: Session, settings: AppSettings, theirs: Asset, mine: Asset) -> list[Path]:
    """Let all that hangs on the visitor's row hang on the account's; the paths of files that are not needed any more.

    The account's row keeps its title. Of two files the one stays that a job is at work on, else the account's; one that another
    job is at work on as well is left to the sweep.
    """
    take = theirs.has_file and (not mine.has_file or (is_held(session, theirs) and not is_held(session, mine)))
    if theirs.has_file and theirs.deleted_at is None and mine.deleted_at is not None:
        bring_back(mine)
    names = (*OF_FILE, "thumb_name") if isinstance(mine, Picture | Clip) else OF_FILE
    going = {name: getattr(theirs, name) for name in names}
    if take:
        taken, going = going, {name: getattr(mine, name) for name in names}
        for name, value in taken.items():
            setattr(mine, name, value)
    held = is_held(session, theirs) and not take
    old_id = theirs.id
    hang_on(session, old_id, mine.id)
    session.delete(theirs)
    session.flush()
    files = [going[name] for name in ("file_name", "thumb_name") if going.get(name)]
    return [] if held else [*(settings.uploads.path(name) for name in files), *glimpses_of(settings, old_id)]


def is_held(session: Session, asset: Asset) -> bool:
    """Whether a job is at work on the file, or will be."""
    query = select(exists().where(JobInput.asset_id == asset.id, JobInput.job_id == Job.id, AT_WORK))
    return bool(session.scalar(query))


def hang_on(session: Session, old_id: str, new_id: str) -> None:
    """Point at another file's row what pointed at the old one: inputs of works and jobs, albums, tags, uploads."""
    for model in (WorkInput, JobInput):
        session.execute(update(model).where(model.asset_id == old_id).values(asset_id=new_id))
    for shelf, other in ((AlbumAsset, AlbumAsset.album_id), (AssetTag, AssetTag.folded)):
        known = select(other).where(shelf.asset_id == new_id)
        double = delete(shelf).where(shelf.asset_id == old_id, other.in_(known))
        session.execute(double.execution_options(synchronize_session=False))
        moved = update(shelf).where(shelf.asset_id == old_id).values(asset_id=new_id)
        session.execute(moved.execution_options(synchronize_session=False))
    session.execute(update(Upload).where(Upload.result_id == old_id).values(result_id=new_id))


def tell_orders_apart(session: Session, visitor_id: str, person_id: str) -> None:
    """Where both ordered the same, such as one text, both works stay: the visitor's is found by its order no more."""
    known = select(Work.order_key).where(Work.person_id == person_id)
    for work in session.scalars(select(Work).where(Work.person_id == visitor_id, Work.order_key.in_(known))).all():
        work.order_key = hashlib.sha256(f"{work.order_key} {work.id}".encode()).hexdigest()


def check_room(session: Session, settings: AppSettings, person_id: str) -> None:
    """Raises LimitReached where the person has more than one may have, now that it is together."""
    limits, kept = settings.limits, storage_of(session, settings, person_id)
    works = select(func.count()).select_from(Work).where(Work.person_id == person_id, Work.deleted_at.is_(None))
    counts = ((kept.kinds[name].count, getattr(limits, name)) for name in ("songs", "pictures", "clips"))
    full = any(count > most for count, most in counts) or session.scalars(works).one() > limits.films
    if full or kept.given_bytes > limits.kept_bytes or kept.made_bytes > limits.film_bytes:
        raise LimitReached("app.too_much_to_join")
