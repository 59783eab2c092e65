"""Workers announce in the database that they live and what they can do."""

from __future__ import annotations

import threading
from dataclasses import asdict, replace
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.services.engines import engine_states
from app.store_access import StoreAccess
from app.watching.living import database_time
from app.watching.models import WorkerRow
from jobs.abilities import Abilities, cards, cores, memory_mb
from jobs.workers import host_name
from pipeline.engine_list import ENGINES, for_photos
from pipeline.needs import kinds_here, lips_here

#: After so long its row is removed.
FORGOTTEN_S = 3600.0


def first_abilities() -> Abilities:
    """What this machine can do, before the engines were looked at: that takes seconds, in which the usual film need not wait."""
    return Abilities(host_name()[:80], cores(), memory_mb(), cards(), kinds_here(), lips_here() | {for_photos().name})


def all_abilities(first: Abilities) -> Abilities:
    """The same once the engines were looked at."""
    there = {state.name for state in engine_states() if state.available}
    return replace(first, engines=(first.engines - {engine.name for engine in ENGINES}) | there | {for_photos().name})


class TableAnnouncer(StoreAccess):
    """See `jobs.abilities.Announcer`: in the database. The engines are looked at beside, the first time and now and then."""

    #: set once the worker's first word is written.
    abilities: Abilities | None = None

    def tell(self, worker: str, job_id: str | None) -> None:
        """See `Announcer`."""
        if self.abilities is None:
            self.abilities = first_abilities()
            threading.Thread(target=self._look, name="look-at-engines", daemon=True).start()
        elif job_id is None:
            self._look()  # a stale answer is renewed beside
        with self._writing() as session:
            write(session, worker, self.abilities, job_id)

    def _look(self) -> None:
        assert self.abilities is not None
        self.abilities = all_abilities(self.abilities)

    def leave(self, worker: str) -> None:
        """See `Announcer`."""
        with self._writing() as session:
            session.execute(delete(WorkerRow).where(WorkerRow.name == worker))


def write(session: Session, worker: str, abilities: Abilities, job_id: str | None) -> None:
    """Write the worker's word down, and forget who has been gone for long. Inside a transaction that writes."""
    at = database_time(session)
    row = session.get(WorkerRow, worker)
    if row is None:
        row = WorkerRow(name=worker, since=at)
        session.add(row)
    row.machine, row.cores, row.memory_mb = abilities.machine, abilities.cores, abilities.memory_mb
    row.cards, row.kinds, row.engines = (
        [asdict(card) for card in abilities.cards],
        sorted(abilities.kinds),
        sorted(abilities.engines),
    )
    row.seen_at, row.job_id = at, job_id
    session.execute(delete(WorkerRow).where(WorkerRow.seen_at < at - timedelta(seconds=FORGOTTEN_S)))
