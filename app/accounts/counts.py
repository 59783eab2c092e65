"""What administrators may know of accounts: how many and how much, never what. No query here reads a title, a text or a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.models import ACTIVE_STATES, Asset, Job, Work


@dataclass(frozen=True)
class Counted:
    """An account as administrators see it. works: that are kept. size_bytes: of all that is kept. seen_on: the last day."""

    id: str
    name: str
    role: str
    created_at: datetime
    seen_on: date | None
    disabled: bool
    works: int
    size_bytes: int


def counted_accounts(session: Session) -> list[Counted]:
    """All accounts by their names."""
    works = select(Work.person_id, func.count(), func.coalesce(func.sum(Work.size_bytes), 0)).group_by(Work.person_id)
    assets = select(Asset.person_id, func.coalesce(func.sum(Asset.size_bytes), 0)).where(Asset.has_file).group_by(Asset.person_id)
    made = {person: (count, int(size or 0)) for person, count, size in session.execute(works.where(Work.deleted_at.is_(None)))}
    given = {person: int(size or 0) for person, size in session.execute(assets)}
    rows = session.scalars(select(Account).order_by(Account.folded)).all()
    return [counted(row, *made.get(row.person_id, (0, 0)), given.get(row.person_id, 0)) for row in rows]


def counted(row: Account, works: int, made_bytes: int, given_bytes: int) -> Counted:
    """What is told of one."""
    disabled = row.disabled_at is not None
    return Counted(row.id, row.name, row.role, row.created_at, row.seen_on, disabled, works, made_bytes + given_bytes)


def queue_length(session: Session) -> dict[str, int]:
    """How many works wait and how many are being made, of everybody together."""
    query = select(Job.state, func.count()).where(Job.turn == "fair", Job.state.in_(ACTIVE_STATES)).group_by(Job.state)
    found = {state: count for state, count in session.execute(query)}  # noqa: C416 (rows are no pairs for `dict`'s types)
    return {state: found.get(state, 0) for state in ACTIVE_STATES}
