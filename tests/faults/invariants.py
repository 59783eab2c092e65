"""What must hold after every fault; each check gives sentences of what is wrong, none where all is well."""

from __future__ import annotations

import hashlib
import re
import subprocess
from html import unescape
from unittest import mock

from sqlalchemy import select

from app.database import Database
from app.models import Asset, Job, JobEvent, Upload, Work
from app.services import incoming, keeping
from app.services.keeping import NAMES
from media.ffmpeg_run import ffmpeg_path

#: What no sentence for a person may hold: the name of an error, of a code, of a place in the program.
NOT_FOR_PEOPLE = re.compile(r"Traceback|Error\b|Exception|Errno|\b[a-z]+\.[a-z]+_[a-z_]+\b|/work/|\.py\b|\bNone\b")
#: Films that were decoded before, by their digests.
decoded: set[str] = set()


def check(site) -> list[str]:
    """All of them. The site must be at rest: nothing waits or is made."""
    database = Database(site.settings)
    try:
        with database.session() as session:
            found = orders_kept(session, site.orders) + jobs_ended(session) + films_whole(session, site.settings)
            found += failures_told(session, site)
            sweep_all(session, site.settings)
            session.expire_all()
            return found + files_and_rows(session, site.settings)
    finally:
        database.close()


def orders_kept(session, orders) -> list[str]:
    """No film that was confirmed is lost, none is doubled."""
    numbers = [(work.id, work.order_key) for work in session.scalars(select(Work))]
    ids = {work_id for work_id, _ in numbers}
    lost = [f"the order {work_id} (number {number}) is lost" for work_id, number in orders.items() if work_id not in ids]
    twice = len(numbers) - len({key for _, key in numbers})
    return lost + ([f"{twice} films are there twice"] if twice else [])


def jobs_ended(session) -> list[str]:
    """Every job has ended, and once."""
    found = []
    for job in session.scalars(select(Job).where(Job.turn == "fair")):
        states = [
            event.data["state"]
            for event in session.scalars(select(JobEvent).where(JobEvent.job_id == job.id, JobEvent.kind == "state"))
        ]
        if job.state in ("queued", "running"):
            found.append(f"the job {job.id} is {job.state} still")
        elif sum(state in ("done", "failed", "cancelled") for state in states) != 1:
            found.append(f"the job {job.id} ended as {states}")
    return found


def films_whole(session, settings) -> list[str]:
    """Every film that is offered plays from its beginning to its end."""
    found = []
    for work in session.scalars(select(Work)):
        if (work.job.state == "done") != bool(work.files):
            found.append(f"the work {work.id} is {work.job.state} with the files {work.files}")
        for name in work.files.values():
            if not settings.results.has(name):
                found.append(f"the film {name} is offered and not there")
                continue
            with settings.vault.plain(settings.results.path(name)) as path:
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                if digest not in decoded and (why := does_not_play(path)):
                    found.append(f"the film {name} does not play: {why}")
                else:
                    decoded.add(digest)
    return found


def does_not_play(path) -> str:
    """Why not; empty where it does."""
    command = [ffmpeg_path(), "-v", "error", "-xerror", "-i", str(path), "-f", "null", "-"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return "" if run.returncode == 0 and not run.stderr else run.stderr[-200:] or "?"


def failures_told(session, site) -> list[str]:
    """Every failure is a sentence, in the API and on the work's page."""
    found = []
    for work in session.scalars(select(Work)):
        if work.job.state != "failed":
            continue
        sentence = site.person.call("GET", f"/works/{work.id}").json["job"]["error"] or ""
        if not sentence.endswith((".", "!")) or NOT_FOR_PEOPLE.search(sentence):
            found.append(f"the work {work.id} failed without a sentence: {sentence!r}")
        page = site.person.page(f"/works/{work.id}")
        if page.status != 200 or sentence.split("\n")[0][:40] not in plain(page.body.decode()):
            found.append(f"the page of the work {work.id} ({page.status}) does not say: {sentence!r}")
    return found


def plain(html: str) -> str:
    """The text without tags and with its signs as they are."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", html)))


def sweep_all(session, settings) -> None:
    """The sweep, which takes for left behind what it else would look at again in an hour."""
    with mock.patch.object(keeping, "LEFTOVER_S", -1.0), mock.patch.object(incoming, "LEFTOVER_S", -1.0):
        keeping.sweep(session, settings)


def files_and_rows(session, settings) -> list[str]:
    """No file without a row, no row without a file."""
    rows = [asset for asset in session.scalars(select(Asset)) if asset.has_file]
    uploads = {row.file_name for row in rows} | {row.thumb_name for row in rows if getattr(row, "thumb_name", None)}
    works = {name for work in session.scalars(select(Work)) for name in work.files.values()}
    works |= {name for job in session.scalars(select(Job)) for name in job.files.values()}
    begun = set(session.scalars(select(Upload.id)))
    there = {path.name for path in settings.uploads_dir.glob(NAMES)}
    made = {path.name for path in settings.results_dir.glob(NAMES)} | {path.name for path in settings.results_dir.glob(".*.part")}
    left = {path.name for path in settings.incoming_dir.glob("*") if path.name.partition(".")[0] not in begun}
    found = [f"{name} has no row" for name in sorted((there - uploads) | (made - works) | left)]
    return found + [f"the row of {name} has no file" for name in sorted((uploads - there) | (works - made))]
