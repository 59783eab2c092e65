"""How quickly a large library answers, with how many questions to the database, and how much memory a zip of many films takes.

`python -m benchmarks.library [--count 1000] [--zip 300] [--json]` fills a folder of its own with so many songs, pictures and
films of the demo's files and asks the application in this process, as a browser would. Linux alone tells the memory.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from app import create_app
from app.context import EXTENSION, PERSON_COOKIE, AppParts
from app.models import Work, new_id
from app.settings import AppSettings
from benchmarks.ending import ends_in_words
from benchmarks.library_rows import Shelves
from benchmarks.machine import describe_machine

#: How often each page is asked for; the median counts.
TIMES = 7
PAGES = {
    "first page": "/library",
    "songs, 48 of them": "/library?kind=songs",
    "films, 48 of them": "/library?kind=films",
    "search": "/library?q=muller+4",
    "search for words": "/library?kind=films&q=nightingale",
    "by length": "/library?kind=films&sort=length",
    "API: a page of works": "/api/v1/works?limit=100",
    "API: all that match": "/api/v1/library/matches?part=songs",
}


@dataclass(frozen=True)
class Row:
    """One page: milliseconds (median), questions to the database, bytes of the answer."""

    page: str
    ms: float
    statements: int
    size_bytes: int


@dataclass(frozen=True)
class ZipRow:
    """One zip: its files, their bytes, the time, and by how much the process grew while it was read."""

    files: int
    size_bytes: int
    seconds: float
    grown_bytes: int


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """The command; see the module's text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="songs, pictures and films, of each so many")
    parser.add_argument("--zip", type=int, default=300, help="films of the zip")
    parser.add_argument("--json", action="store_true", help="write JSON")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        app, person_id = filled(Path(folder), given.count)
        client = app.test_client()
        parts: AppParts = app.extensions[EXTENSION]
        client.set_cookie(PERSON_COOKIE, parts.people.dumps(person_id))
        rows = [measured(app, client, page, address) for page, address in (PAGES | scrolled(client)).items()]
        bundle = zipped(app, client, person_id, given.zip)
        parts.database.close()
    if given.json:
        print(json.dumps({"machine": asdict(describe_machine()), "pages": [asdict(row) for row in rows], "zip": asdict(bundle)}))
        return 0
    for row in rows:
        print(f"{row.page:24s} {row.ms:7.1f} ms {row.statements:4d} statements {row.size_bytes / 1000:8.0f} kB")
    size_mb, grown_mb = bundle.size_bytes / 1e6, bundle.grown_bytes / 1e6
    print(f"zip of {bundle.files} files, {size_mb:.1f} MB: {bundle.seconds:.2f} s, the process grew by {grown_mb:.1f} MB")
    return 0


def filled(folder: Path, count: int) -> tuple[Flask, str]:
    """The application on that folder, and the person with so many of everything."""
    settings, person_id = AppSettings(data_dir=folder), new_id()
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    parts: AppParts = app.extensions[EXTENSION]
    with parts.database.session() as session:
        Shelves(session, settings, person_id).fill(count)
    return app, person_id


def scrolled(client: FlaskClient) -> dict[str, str]:
    """The address of a page far down a list, as scrolling comes to it."""
    page = client.get("/library?kind=films&limit=200").text
    address = next((each for each in page.split('"') if "after=" in each), "/library?kind=films")
    return {"films, after 200": address.replace("&amp;", "&")}


def measured(app: Flask, client: FlaskClient, page: str, address: str) -> Row:
    """Ask for the page several times."""
    parts: AppParts = app.extensions[EXTENSION]
    statements: list[str] = []

    def count(*given: object) -> None:
        statements.append(str(given[2]))

    times: list[float] = []
    answer = client.get(address)  # templates and statements are compiled once
    event.listen(parts.database.engine, "before_cursor_execute", count)
    for _ in range(TIMES):
        begin = time.perf_counter()
        answer = client.get(address)
        times.append(time.perf_counter() - begin)
    event.remove(parts.database.engine, "before_cursor_execute", count)
    return Row(page, 1000 * median(times), len(statements) // TIMES, len(answer.data))


def zipped(app: Flask, client: FlaskClient, person_id: str, count: int) -> ZipRow:
    """Read a zip of so many films as it comes, and look at the process's memory."""
    parts: AppParts = app.extensions[EXTENSION]
    with parts.database.session() as session:
        ids = session.scalars(select(Work.id).where(Work.person_id == person_id).limit(count)).all()
    size, grown = 0, 0
    begin, before = time.perf_counter(), memory_bytes()
    answer = client.post("/api/v1/library/zip", json={"works": list(ids)}, buffered=False)
    for index, piece in enumerate(answer.response):
        size += len(piece)
        if index % 20 == 0:
            grown = max(grown, memory_bytes() - before)
    return ZipRow(len(ids), size, time.perf_counter() - begin, grown)


def memory_bytes() -> int:
    """Memory that the process holds now, as Linux tells it."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main())
