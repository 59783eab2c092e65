"""Turns over what is kept: seals what lies open, opens what is sealed, seals anew under new keys. Each file is whole at any
moment, so all of it may be broken off anywhere and called again, and the application may run meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.database import writing
from app.key_models import DataKeyRow
from app.key_ring import KeyRing
from app.models import Asset, Clip, Job, Picture, Work, now
from app.services.erasure import cache_dir
from app.services.glimpses import glimpses_of
from app.settings import AppSettings
from core.errors import InputError
from core.master_key import new_master_key
from core.sealed_files import key_id_of
from core.vault import Vault, copy
from pipeline.cache import CacheSettings, StageCache
from pipeline.cache_entries import SEALED

#: A key that seals no more stays for so long, since work that was begun before may still use it.
RETIRED_FOR = timedelta(days=1)
#: Rows that are wrapped anew in one transaction.
AT_ONCE = 100
#: Is told how many of how many are done.
Told = Callable[[int, int], object]


def not_told(done: int, total: int) -> None:
    """Where nobody looks on."""


@dataclass(frozen=True)
class KeyStatus:
    """sealing: whether new files are sealed. place: of the master key. masters: how many data keys each master key wraps, by its
    id. retired: how many of them seal nothing new. sealed, plain: how many files. held: working copies."""

    sealing: bool
    place: str
    masters: dict[str, int]
    retired: int
    sealed: int
    plain: int
    held: int


def files_of_people(session: Session, settings: AppSettings) -> dict[Path, str]:
    """Every file that a row names and that is there, with its owner."""
    found: dict[Path, str] = {}
    for asset in session.scalars(select(Asset)):
        names = [asset.file_name] if asset.has_file else []
        names += [asset.thumb_name] if isinstance(asset, Picture | Clip) and asset.thumb_name else []
        found |= dict.fromkeys((settings.uploads.path(name) for name in names), asset.person_id)
        found |= dict.fromkeys(glimpses_of(settings, asset.id), asset.person_id)
    for model in (Work, Job):
        for row_id, person_id, files in session.execute(select(model.id, model.person_id, model.files)):
            found |= dict.fromkeys((settings.results.path(name) for name in files.values()), person_id)
            found |= dict.fromkeys(glimpses_of(settings, row_id), person_id)
    session.commit()
    return {path: owner for path, owner in found.items() if settings.vault.has(path)}


def status_of(session: Session, settings: AppSettings) -> KeyStatus:
    """How things stand."""
    ring = ring_of(settings)
    with ring.session() as keys:
        counted = keys.execute(select(DataKeyRow.master_id, func.count()).group_by(DataKeyRow.master_id)).all()
        retired = keys.scalar(select(func.count()).where(DataKeyRow.retired_at.is_not(None))) or 0
    kinds = [settings.vault.key_id(path) is not None for path in files_of_people(session, settings)]
    masters = {master: count for master, count in counted}  # noqa: C416 (rows are no pairs for `dict`'s types)
    held = settings.vault.workspace.held()
    return KeyStatus(settings.encryption, ring.source.place, masters, retired, sum(kinds), len(kinds) - sum(kinds), held)


def ring_of(settings: AppSettings) -> KeyRing:
    """The settings' keys."""
    ring = settings.vault.keys
    assert isinstance(ring, KeyRing)
    return ring


def encrypt(session: Session, settings: AppSettings, told: Told = not_told) -> int:
    """Seal every file that lies open, and forget the stages' results that do. Returns how many files were turned over.

    Raises BelcantoError, OSError.
    """
    count = turn_over(session, settings, replace(settings.vault, sealing=True), lambda key_id: key_id is None, told)
    forget_entries(settings, lambda folder: not (folder / SEALED).exists())
    return count


def decrypt(session: Session, settings: AppSettings, told: Told = not_told) -> int:
    """Have every file lie open, and forget the stages' results that are sealed. As `encrypt`."""
    count = turn_over(session, settings, replace(settings.vault, sealing=False), lambda key_id: key_id is not None, told)
    forget_entries(settings, lambda folder: (folder / SEALED).exists())
    return count


def turn_over(session: Session, settings: AppSettings, vault: Vault, is_meant: Callable[[bytes | None], bool], told: Told) -> int:
    """Write those files anew, as the vault keeps them, whose key's id is meant; None: of those that lie open."""
    meant = [(path, owner) for path, owner in files_of_people(session, settings).items() if is_meant(vault.key_id(path))]
    for done, (path, owner) in enumerate(meant, 1):
        with suppress(FileNotFoundError):  # deleted meanwhile
            write_anew(vault, path, owner)
        told(done, len(meant))
    return len(meant)


def write_anew(vault: Vault, path: Path, owner: str) -> None:
    """The same content as the vault keeps it now, under the same name and time. Raises BelcantoError, OSError."""
    changed_ns = vault.files.told(path).changed_ns
    with vault.open(path) as source, vault.writer(path, owner) as target:
        copy(source, target)
    if not vault.files.elsewhere:  # a store has times of its own
        os.utime(path, ns=(changed_ns, changed_ns))


def forget_entries(settings: AppSettings, is_meant: Callable[[Path], bool]) -> None:
    """Remove those entries of the stages' cache; they are made again where they are needed, and those in use stay.

    Of those in a store that machines share, all go: which of them are meant is not told there.
    """
    told = replace(CacheSettings.from_environment(), folder=cache_dir(settings))
    if not (told.folder.is_dir() or told.shared):
        return
    cache = StageCache(told)
    if cache.shared is not None:
        cache.shared.clear()
    for folder in cache.folders():
        if is_meant(folder):
            cache.remove(folder.parent.name, folder.name)


def rotate_master(settings: AppSettings, told: Told = not_told) -> int:
    """Wrap all data keys by a new master key, or go on with that where it was broken off. Returns how many were wrapped anew.

    A master key in a file is made here, and the old one leaves the file when nothing needs it; one in the environment is put
    before the old one by whoever sets that. Raises InputError where it was not, WrongMasterKey, OSError.
    """
    ring = ring_of(settings)
    with ring.alone():
        keys = ring.source.read()
        if not keys:
            keys = [ring.master()]
        if not others_than(ring, keys[0].id):
            if ring.source.text:
                raise InputError("core.no_newer_master_key")
            keys = [new_master_key(), *keys]
            ring.source.write(keys)
    waiting = others_than(ring, keys[0].id)
    for begin in range(0, len(waiting), AT_ONCE):
        ring.wrap_anew(waiting[begin : begin + AT_ONCE])
        told(min(begin + AT_ONCE, len(waiting)), len(waiting))
    with ring.alone():
        if not ring.source.text and not others_than(ring, keys[0].id):
            ring.source.write(keys[:1])
    return len(waiting)


def others_than(ring: KeyRing, master_id: str) -> list[str]:
    """The ids of the data keys that another master key wraps."""
    with ring.session() as session:
        return list(session.scalars(select(DataKeyRow.id).where(DataKeyRow.master_id != master_id).order_by(DataKeyRow.id)))


def rotate_data_keys(session: Session, settings: AppSettings, told: Told = not_told) -> int:
    """Give everybody a new data key and seal all their files with it, or go on with that where it was broken off.

    Returns how many files were sealed anew. Raises as `encrypt`.
    """
    ring, vault = ring_of(settings), replace(settings.vault, sealing=True)
    if not used_keys(session, settings) & retired_keys(ring):
        with ring.session() as keys:
            owners = set(keys.scalars(select(DataKeyRow.person_id).where(DataKeyRow.retired_at.is_(None))))
        for owner in sorted(owners):
            ring.renew(owner)
    retired = retired_keys(ring)
    count = turn_over(session, settings, vault, lambda key_id: key_id is not None and key_id.hex() in retired, told)
    forget_entries(settings, lambda folder: (folder / SEALED).exists() and key_of_entry(folder) in retired)
    drop_unused(session, settings, ring)
    return count


def key_of_entry(folder: Path) -> str:
    """The id of the key that the entry is sealed with."""
    return (key_id_of(folder / SEALED) or b"").hex()


def retired_keys(ring: KeyRing) -> set[str]:
    """The ids of those that seal nothing new."""
    with ring.session() as session:
        return set(session.scalars(select(DataKeyRow.id).where(DataKeyRow.retired_at.is_not(None))))


def used_keys(session: Session, settings: AppSettings) -> set[str]:
    """The ids of those with which any file is sealed, also one on its way in."""
    return {key.hex() for key in map(settings.vault.key_id, every_file(session, settings)) if key is not None}


def every_file(session: Session, settings: AppSettings) -> Iterator[Path]:
    """Of rows, and on their way in."""
    yield from files_of_people(session, settings)
    for folder in {settings.incoming_dir, settings.pieces_dir}:
        yield from (path for path, _ in settings.vault.files.found(folder, "*"))


def drop_unused(session: Session, settings: AppSettings, ring: KeyRing) -> None:
    """Destroy the keys that have sealed nothing new for long and that no file needs."""
    used: Iterable[str] = used_keys(session, settings)
    with ring.session() as keys, writing(keys):
        old = delete(DataKeyRow).where(DataKeyRow.retired_at < now() - RETIRED_FOR, DataKeyRow.id.not_in(list(used)))
        keys.execute(old.execution_options(synchronize_session=False))
