"""A thousand jobs before four workers: none lost, none twice, fair between people, and waits as the model says.

Real films are made (a second of film in another look), by real workers in processes of their own. The model is told how long the
first jobs held their workers, and when each job was ordered; it then says how long all of them should wait.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from app.database import Database
from app.models import Job, JobEvent, Work
from app.settings import AppSettings
from benchmarks.load.model import Arrival, mean_wait_s
from benchmarks.load.person import ApiPerson, small_film
from benchmarks.load.site import Site
from core.errors import MissingError
from core.messages import as_written

#: The model learns from so many of the first jobs, as a share.
LEARNED = 0.1
#: The queue must go on by at least one job in so long, in seconds.
STANDSTILL_S = 120.0


@dataclass(frozen=True)
class Made:
    """One job as the database tells it, times in seconds from the first order."""

    person: str
    ordered_s: float
    begun_s: float
    ended_s: float


@dataclass(frozen=True)
class QueueFigures:
    """What came of the jobs. foreseen_s: by how long the first jobs held their workers; measured_s: by how long all did, which
    leaves out that a machine becomes slower or quicker meanwhile.

    lost: orders without a film that is there; twice: jobs with more than one beginning or end; unfair: by how many films the one
    who was served most was ever before one who still waited. Waits are means, in seconds.
    """

    jobs: int
    people: int
    workers: int
    seconds: float
    lost: int
    twice: int
    unfair: int
    held_s: float
    wait_s: float
    foreseen_s: float
    measured_s: float

    @property
    def off(self) -> float:
        """By what share the wait was off what the model says of the times measured on all jobs."""
        return abs(self.wait_s - self.measured_s) / self.measured_s


def run_queue(jobs: int, people: int, workers: int) -> QueueFigures:
    """Order, make, count. Raises `MissingError` where the work stands still."""
    with tempfile.TemporaryDirectory(prefix="belcanto-queue-") as name:
        folder = Path(name)
        film = small_film(folder / "given.mp4")
        with Site(folder / "data", workers) as site:
            for number in range(people):
                person = ApiPerson(site.server.port)
                clip = person.give_clip(film)
                for order in range(number, jobs, people):
                    person.order_look(clip, order // people)
            settings = AppSettings(data_dir=folder / "data")
            database = Database(settings)
            try:
                site.start_workers()
                wait_until_made(database, site)
                return figures_of(database, settings, jobs, workers)
            finally:
                database.close()


def wait_until_made(database: Database, site: Site) -> None:
    """Until nothing waits or is being made."""
    left, moved_s = -1, time.monotonic()
    while True:
        with database.session() as session:
            waiting = session.scalar(select(func.count()).select_from(Job).where(Job.state.in_(("queued", "running")))) or 0
        if waiting == 0:
            return
        if waiting != left:
            left, moved_s = waiting, time.monotonic()
        if time.monotonic() - moved_s > STANDSTILL_S:
            raise MissingError(as_written(f"{left} jobs are left and none has ended for {STANDSTILL_S:g} s."))
        site.check_workers()
        time.sleep(0.5)


def figures_of(database: Database, settings: AppSettings, ordered: int, workers: int) -> QueueFigures:
    """From the rows, the events and the files."""
    with database.session() as session:
        jobs = session.scalars(select(Job).order_by(Job.started_at, Job.id)).all()
        films = session.scalars(select(Work)).all()
        events = session.execute(select(JobEvent.job_id, JobEvent.data).where(JobEvent.kind == "state")).all()
    ends = Counter(job_id for job_id, data in events if data.get("state") == "done")
    there = sum(bool(film.files) and all(settings.results.has(name) for name in film.files.values()) for film in films)
    twice = sum(ends[job.id] > 1 or job.attempts > 1 for job in jobs) + max(0, len(jobs) - ordered)
    begin = min(job.queued_at for job in jobs)
    made = [made_of(job, begin) for job in jobs if job.started_at and job.finished_at]
    held_s = held(made, workers)
    learned = held_s[: max(workers, round(LEARNED * len(held_s)))]
    first_s = min(each.begun_s for each in made)
    arrivals = [Arrival(max(0.0, each.ordered_s - first_s), each.person) for each in sorted(made, key=lambda m: m.ordered_s)]
    lead_s = sum(min(0.0, each.ordered_s - first_s) for each in made) / len(made)
    return QueueFigures(
        jobs=len(jobs),
        people=len({each.person for each in made}),
        workers=workers,
        seconds=max(each.ended_s for each in made) - first_s,
        lost=ordered - there,
        twice=twice,
        unfair=unfairness(made),
        held_s=sum(learned) / len(learned),
        wait_s=sum(each.begun_s - each.ordered_s for each in made) / len(made) + lead_s,
        foreseen_s=mean_wait_s(arrivals, learned, workers),
        measured_s=mean_wait_s(arrivals, held_s, workers),
    )


def made_of(job: Job, begin: datetime) -> Made:
    """The job's times."""
    assert job.started_at is not None and job.finished_at is not None
    times = [(each - begin).total_seconds() for each in (job.queued_at, job.started_at, job.finished_at)]
    return Made(job.person_id, *times)


def held(made: Sequence[Made], workers: int) -> list[float]:
    """How long each job held a worker, in the order in which they began: to the beginning of the next one that took its place."""
    begun = [each.begun_s for each in made]
    ends = sorted((each.ended_s, index) for index, each in enumerate(made))
    found = dict[int, float]()
    for (_, index), next_s in zip(ends, begun[workers:], strict=False):
        found[index] = next_s - begun[index]
    return [found[index] for index in sorted(found) if found[index] > 0]


def unfairness(made: Sequence[Made]) -> int:
    """By how many begun films anybody was ever before somebody of whom still one waited."""
    left, begun, worst = Counter(each.person for each in made), Counter[str](), 0
    for each in sorted(made, key=lambda one: one.begun_s):
        begun[each.person] += 1
        left[each.person] -= 1
        waiting = [begun[person] for person in left if left[person] > 0]
        if waiting:
            worst = max(worst, begun[each.person] - min(waiting))
    return worst


def told(figures: QueueFigures) -> str:
    """The figures as lines."""
    found = asdict(figures)
    lines = [f"- {name}: {value:.1f}" if isinstance(value, float) else f"- {name}: {value}" for name, value in found.items()]
    return "\n".join([*lines, f"- off the model by: {figures.off:.1%}"])
