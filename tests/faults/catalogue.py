"""The faults. Each is a function of a site and a chance; it orders at least one film, harms the site, and heals what it did to
the machine; what the program makes of that is looked at afterwards."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import time
from collections.abc import Callable

from tests.faults.site import Site, wait_for

Fault = Callable[[Site, random.Random], str]
#: By name.
FAULTS: dict[str, Fault] = {}
#: The longest time that a film takes here, in seconds, within which moments are chosen.
FILM_S = 2.0


def fault(function: Fault) -> Fault:
    FAULTS[function.__name__] = function
    return function


def order_and_wait(site: Site, chance: random.Random, films: int = 1) -> float:
    """Order, and wait until some moment of the making; the moment, in seconds."""
    for _ in range(films):
        site.order()
    moment_s = chance.uniform(0.0, FILM_S)
    time.sleep(moment_s)
    return moment_s


@fault
def disk_full(site, chance):
    """No room but a little, before the order or amid the making, for a while."""
    left_bytes = chance.choice((0, 4_096, 16_384, 65_536, 262_144))
    before = chance.random() < 0.5
    if not site.has_disk:
        return write_fails(site, chance)
    if before:
        site.fill_disk(left_bytes)
        site.order()
    else:
        order_and_wait(site, chance)
        site.fill_disk(left_bytes)
    time.sleep(chance.uniform(0.5, 3.0))
    site.empty_disk()
    return f"{left_bytes} bytes left, {'before the order' if before else 'amid the making'}"


@fault
def write_fails(site, chance):
    """One or a few openings for writing meet a full disk, somewhere in the data folder."""
    part, after = chance.choice(("/results/", "/cache/", "/results/film-", "/signing/", ".part")), chance.randrange(6)
    site.plan(write={"part": part, "after": after, "times": chance.choice((1, 1, 3))})
    site.order()
    time.sleep(chance.uniform(1.0, FILM_S))
    return f"opening {after} for writing of {part}"


@fault
def read_fails(site, chance):
    """One or a few openings for reading fail, somewhere in the data folder."""
    part, after = chance.choice(("/uploads/", "/cache/", "/results/", "/signing/")), chance.randrange(4)
    site.plan(read={"part": part, "after": after, "times": chance.choice((1, 1, 3))})
    site.order()
    time.sleep(chance.uniform(1.0, FILM_S))
    return f"opening {after} for reading of {part}"


def killed(site, chance, who, films=1):
    """Who is ended at once, at some moment of the work."""
    moment_s = order_and_wait(site, chance, films=films)
    site.kill(who)
    return f"after {moment_s:.2f} s"


@fault
def child_killed(site, chance):
    return killed(site, chance, "child")


@fault
def ffmpeg_killed(site, chance):
    site.order()
    with contextlib.suppress(AssertionError):
        wait_for(lambda: site.below("ffmpeg"), "ffmpeg", 6.0, 0.005)
    time.sleep(chance.uniform(0.0, 0.1))
    site.kill("ffmpeg")
    return "at its work"


@fault
def worker_killed(site, chance):
    return killed(site, chance, "worker", films=2)


@fault
def server_killed(site, chance):
    return killed(site, chance, "server")


@fault
def power_lost(site, chance):
    """All end at once, and the disk has forgotten what was not synced."""
    moment_s = order_and_wait(site, chance, films=2)
    lost = site.lose_power(chance)
    return f"after {moment_s:.2f} s; lost: {', '.join(lost) or 'nothing'}"


@fault
def clock_set(site, chance):
    """Back or forward by up to some days while a film is made, and right again."""
    shift_s = chance.choice((-1, 1)) * chance.choice((5.0, 120.0, 3700.0, 90_000.0))
    order_and_wait(site, chance)
    site.plan(clock_s=shift_s)
    site.order()
    time.sleep(chance.uniform(0.5, 2.0))
    site.plan()
    return f"by {shift_s:g} s"


@fault
def request_doubled(site, chance):
    """A client whose connection broke sends its order once more."""
    site.order(once_more=True)
    return "the same order twice"


@fault
def database_locked(site, chance):
    """Somebody else holds the database for a while."""
    moment_s = order_and_wait(site, chance)
    with contextlib.closing(sqlite3.connect(site.settings.results_dir / "belcanto.sqlite3", timeout=30)) as connection:
        connection.isolation_level = None
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(held_s := chance.uniform(0.5, 4.0))
        connection.execute("ROLLBACK")
    return f"after {moment_s:.2f} s for {held_s:.1f} s"
