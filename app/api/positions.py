"""Where in the queue jobs are: about how many films will be made before each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import ACTIVE_STATES, Job
from app.services.queue_order import place as place_of


def queue_positions(session: Session) -> Mapping[str, int]:
    """Job id -> how many jobs are before it, of all people, of those that take turns; those under way have 0.

    People take turns, so somebody's second film waits for everybody's first; this is the order in which one worker
    would take them.
    """
    query = select(Job.id, Job.person_id, Job.state).where(Job.state.in_(ACTIVE_STATES), Job.turn == "fair")
    rows = session.execute(query.order_by(place_of(), Job.id)).all()
    running = [row for row in rows if row.state == "running"]
    turns = Counter(row.person_id for row in running)
    waiting = []
    for place, row in enumerate(row for row in rows if row.state == "queued"):
        waiting.append((turns[row.person_id], place, row.id))
        turns[row.person_id] += 1
    positions = {row.id: 0 for row in running}
    positions.update({job_id: len(running) + index for index, (_, _, job_id) in enumerate(sorted(waiting))})
    return positions
