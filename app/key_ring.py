"""The keys of people's files: made at need, kept wrapped in the database, opened by the master key.

It has connections of its own, so that a key is there before what it seals is told to the database.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from app.database import ANNOUNCE, make_engine, writing
from app.key_models import DataKeyRow
from app.model_base import now
from core.errors import BelcantoError
from core.locks.locks import Lock
from core.master_key import MasterKey, MasterKeySource, WrongMasterKey, new_master_key
from core.sealed_files import DataKey, new_data_key

log = logging.getLogger(__name__)


class KeyRing:
    """See `core.vault.Keys`; an owner is a person's id."""

    def __init__(self, database: str, source: MasterKeySource, lock: Callable[[], Lock]) -> None:
        """database: SQLAlchemy's address. lock: makes the lock that is held while a key is made or the master key changed."""
        self.source, self._database, self._lock = source, database, lock
        self._opened: dict[str, DataKey] = {}

    @cached_property
    def _engine(self) -> Engine:
        return make_engine(self._database, {"poolclass": NullPool})  # asked now and then: no connection is kept

    def session(self) -> Session:
        """A session of its own; close it, or use it in a `with` block."""
        return Session(self._engine, expire_on_commit=False, info={ANNOUNCE: lambda job_id: None})

    @contextmanager
    def alone(self) -> Iterator[Lock]:
        """Be the only process and thread that makes keys, for the time of the block. Raises LocksFailed."""
        with self._lock() as lock:
            lock.own(lambda: None)
            yield lock

    def secret(self, key_id: bytes) -> bytes:
        """See `Keys`. Raises WrongMasterKey, InputError."""
        known = self._opened.get(key_id.hex())
        if known is not None:
            return known.secret
        for last in (False, True):
            with self.session() as session:
                row = session.get(DataKeyRow, key_id.hex())
            if row is None:
                raise BelcantoError("core.no_data_key")
            try:
                return self._open(row).secret
            except WrongMasterKey:  # wrapped anew since it was read, and the old master key is gone: then it opens at once
                if last:
                    raise
        raise AssertionError("the last try returns or raises")

    def key_of(self, owner: str) -> DataKey:
        """See `Keys`. Raises WrongMasterKey, InputError."""
        with self.session() as session:
            row = newest_of(session, owner)
        return self._make(owner) if row is None else self._open(row)

    def keys_of(self, owner: str) -> list[DataKey]:
        """See `Keys`. Raises WrongMasterKey, InputError."""
        with self.session() as session:
            rows = session.scalars(select(DataKeyRow).where(DataKeyRow.person_id == owner)).all()
        return [self._open(row) for row in rows]

    def renew(self, owner: str) -> None:
        """Give the owner a new key, and retire the old ones, which still open what they sealed."""
        self._make(owner, anew=True)

    def wrap_anew(self, ids: Sequence[str]) -> None:
        """Wrap the data keys of those ids by the newest master key, all or none. Raises WrongMasterKey, InputError."""
        newest = self.source.read()[0]
        with self.session() as session, writing(session):
            for row in session.scalars(select(DataKeyRow).where(DataKeyRow.id.in_(ids))):
                row.wrapped, row.master_id = newest.wrap(self._open(row)), newest.id

    def check(self, sealing: bool = True) -> None:
        """Raises WrongMasterKey where the keys that are there were wrapped by a master key that is not, InputError where that
        can't be read. Where nothing is sealed yet and `sealing` is wanted, a master key is made if there is none."""
        with self.session() as session:
            wanted = set(session.scalars(select(DataKeyRow.master_id).distinct()))
        found = {key.id for key in self.source.read()} if sealing or wanted else set()
        if not wanted <= found:
            raise WrongMasterKey("core.master_key_wrong")
        if sealing and not found:
            with self.alone():
                self.master()

    def master(self) -> MasterKey:
        """The master key that wraps; made, with its file, where there is none and nothing is sealed yet. To be called alone.

        Raises WrongMasterKey where it is lost.
        """
        keys = self.source.read()
        if keys:
            return keys[0]
        with self.session() as session:
            if session.scalar(select(func.count()).select_from(DataKeyRow)):
                raise WrongMasterKey("core.master_key_wrong")
        made = new_master_key()
        self.source.write([made])
        log.warning(
            "What is kept here is sealed; its key lies in %s. Keep a copy: without it nothing can be read.", self.source.file
        )
        return made

    def _make(self, owner: str, anew: bool = False) -> DataKey:
        """A new key of the owner's, or the one that somebody else has made meanwhile."""
        with self.alone() as lock, self.session() as session, writing(session):
            row = newest_of(session, owner)
            if row is not None and not anew:
                return self._open(row)
            retire(session, owner)
            master, key = self.master(), new_data_key()
            session.add(DataKeyRow(id=key.id.hex(), person_id=owner, wrapped=master.wrap(key), master_id=master.id))
            lock.confirm()
        self._opened[key.id.hex()] = key
        return key

    def _open(self, row: DataKeyRow) -> DataKey:
        """The row's key. Raises WrongMasterKey, InputError."""
        known = self._opened.get(row.id)
        if known is not None:
            return known
        master = next((each for each in self.source.read() if each.id == row.master_id), None)
        if master is None:
            raise WrongMasterKey("core.master_key_wrong")
        key = master.unwrap(row.wrapped, bytes.fromhex(row.id))
        self._opened[row.id] = key
        return key


def newest_of(session: Session, owner: str) -> DataKeyRow | None:
    """The key with which the owner's files are sealed now; None where there is none."""
    query = select(DataKeyRow).where(DataKeyRow.person_id == owner, DataKeyRow.retired_at.is_(None))
    return session.scalars(query.order_by(DataKeyRow.created_at.desc(), DataKeyRow.id).limit(1)).first()


def retire(session: Session, owner: str) -> None:
    """Have nothing more sealed with the owner's keys. Inside a transaction that writes."""
    query = update(DataKeyRow).where(DataKeyRow.person_id == owner, DataKeyRow.retired_at.is_(None))
    session.execute(query.values(retired_at=now()).execution_options(synchronize_session=False))
