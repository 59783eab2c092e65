"""Sweeps: destroys what its time has come for, and removes what a killed server left behind."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.codes import forget_old_codes
from app.accounts.sessions import forget_old_sessions
from app.database import writing
from app.models import ID_LENGTH, Asset, Clip, IdempotencyKey, Job, Picture, Upload, Work, now
from app.services.erasure import mark_erased, scrub
from app.services.exports import drop_old_exports
from app.services.incoming import LEFTOVER_S, sweep_leftovers
from app.services.links import forget_expired
from app.services.previews import drop_old_previews
from app.services.releasing import release_files
from app.services.retention import erase_expired, forget_people
from app.services.tokens import forget_expired_tokens
from app.settings import AppSettings

#: How long the answer to a request with a key is kept.
IDEMPOTENCY_KEPT = timedelta(days=1)
#: As files are called that people keep: a word, an id, an ending.
NAMES = f"[a-z]*-{'[0-9a-f]' * ID_LENGTH}.*"
#: How often a sweep is due.
SWEEP_EVERY_S = 600.0


def sweep(session: Session, settings: AppSettings, idle_s: float | None = None) -> int:
    """What is to be done at a start, and now and then: forget stale uploads and answers, and remove files that nothing names.

    idle_s: after how long without a piece an upload is forgotten, with its bytes; as the limits say where it is not given.
    Returns how many files went.
    """
    stale = now() - timedelta(seconds=settings.limits.upload_idle_s if idle_s is None else idle_s)
    with writing(session):
        dropped = session.scalars(select(Upload.id).where(Upload.touched_at < stale)).all()
        session.execute(delete(Upload).where(Upload.id.in_(dropped)))
        if dropped:
            mark_erased(settings)
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < now() - IDEMPOTENCY_KEPT))
    erase_expired(session, settings)
    forget_old_codes(session)
    forget_old_sessions(session, settings.accounts)
    gone = release_files(session, settings) + drop_old_previews(session, settings) + drop_old_exports(session, settings)
    gone += remove_uploads(settings, dropped)
    with writing(session):
        forget_expired(session)
        forget_expired_tokens(session)
        forget_people(session)
    session.commit()
    uploads = set(session.scalars(select(Upload.id)))
    gone += sweep_leftovers(settings, uploads) + sweep_orphans(session, settings)
    scrub(session, settings)
    return gone + settings.vault.workspace.sweep() + settings.vault.files.sweep()


def remove_uploads(settings: AppSettings, upload_ids: Sequence[str]) -> int:
    """Remove what came of uploads whose rows are gone. Returns how many files went."""
    files, folders = settings.vault.files, {settings.incoming_dir, settings.pieces_dir}
    paths = [path for each in upload_ids for folder in folders for path, _ in files.found(folder, f"{each}.*")]
    for path in paths:
        files.remove(path)
    return len(paths)


def sweep_if_due(session: Session, settings: AppSettings) -> None:
    """Sweep unless any process has done so a short while ago."""
    mark = settings.results_dir / "swept"
    if not mark.exists() or mark.stat().st_mtime < time.time() - SWEEP_EVERY_S:
        mark.touch()
        sweep(session, settings)


def sweep_orphans(session: Session, settings: AppSettings) -> int:
    """Remove media files that no row names, an hour after they were written at the earliest."""
    uploads = set(session.scalars(select(Asset.file_name)))
    for pictured in (Picture, Clip):
        uploads |= set(session.scalars(select(pictured.thumb_name)))
    made = {name for model in (Work, Job) for files in session.scalars(select(model.files)) for name in files.values()}
    session.commit()
    gone = settings.uploads.remove_unnamed(uploads, NAMES, LEFTOVER_S)
    return gone + settings.results.remove_unnamed(made, NAMES, LEFTOVER_S)
