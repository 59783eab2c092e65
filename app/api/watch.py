"""One look at the database for all who listen to jobs: a thread that asks now and then, as long as anybody listens."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import SQLAlchemyError

#: Threads that find out what is new with a job; they work for some milliseconds each time.
THREADS = 4
#: Findings that are kept for others who ask the same.
MOST_KEPT = 256
Result = TypeVar("Result")
Values = ParamSpec("Values")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Latest:
    """How a job stands. number: of its last event, 0 where it has none. is_over: whether it has come to its end."""

    number: int
    is_over: bool


#: How those jobs stand that are there.
Newest = Callable[[Collection[str]], Mapping[str, Latest]]


class News:
    """Tells one listener on its loop that its job has news."""

    def __init__(self, after: int, login: str | None = None) -> None:
        #: the session of the account that listens; None without accounts.
        self.login = login
        #: number of the last event that the listener has told.
        self.after = after
        #: what the last look found; None before the first.
        self.number: int | None = None
        self.is_over = False
        #: whether the server ends.
        self.ends = False
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()

    def find(self, latest: Latest) -> None:
        """From the look's thread: wake the listener where there is something to tell."""
        self.number, self.is_over = latest.number, latest.is_over
        if latest.number > self.after or latest.is_over:
            self.ring()

    def ring(self) -> None:
        """Wake the listener; from any thread."""
        with suppress(RuntimeError):  # its loop is closed
            self._loop.call_soon_threadsafe(self._rung.set)

    async def wait(self, longest_s: float) -> bool:
        """Whether there was news within the time."""
        try:
            async with asyncio.timeout(max(0.0, longest_s)):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True


class Watch:
    """Looks after jobs for those who listen to them."""

    def __init__(self, newest: Newest, every_s: float) -> None:
        self._newest, self._every_s = newest, every_s
        self._lock, self._rung = threading.Lock(), threading.Event()
        self._listeners: defaultdict[str, set[News]] = defaultdict(set)
        self._thread: threading.Thread | None = None
        self._pool = ThreadPoolExecutor(THREADS, "events")
        self._kept: OrderedDict[Hashable, Future[object]] = OrderedDict()

    @contextmanager
    def listen(self, job_id: str, after: int, login: str | None = None) -> Iterator[News]:
        """Have the job looked after for the time of the block, which must run on a loop. login: by whose session."""
        news = News(after, login)
        with self._lock:
            self._listeners[job_id].add(news)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look_after, name="watch", daemon=True)
                self._thread.start()
        try:
            yield news
        finally:
            with self._lock:
                self._listeners[job_id].discard(news)
                if not self._listeners[job_id]:
                    del self._listeners[job_id]

    def end_all(self, logins: Collection[str] | None = None) -> None:
        """Have every listener end, or those of the sessions of these ids."""
        with self._lock:
            for news in (each for mine in self._listeners.values() for each in mine):
                if logins is None or news.login in logins:
                    news.ends = True
                    news.ring()

    def ring(self) -> None:
        """Look at once; from any thread."""
        self._rung.set()

    async def once(
        self, key: Hashable | None, work: Callable[Values, Result], *values: Values.args, **named: Values.kwargs
    ) -> Result:
        """The work's result, found in a thread; of those who come with the same key, only the first has it done."""
        found: Future[Result] | None = None
        with self._lock:
            if key is not None:
                found = self._kept.get(key)  # type: ignore[assignment]
            if found is None:
                found = self._pool.submit(work, *values, **named)
                if key is not None:
                    self._kept[key] = found  # type: ignore[assignment]
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
        return await asyncio.shield(asyncio.wrap_future(found))

    def _look_after(self) -> None:
        while True:
            with self._lock:
                jobs = list(self._listeners)
                if not jobs:
                    self._thread = None
                    return
            try:
                self._tell(self._newest(jobs), jobs)
            except SQLAlchemyError:
                log.exception("the jobs' news could not be looked at; the next look is in a moment")
            self._rung.wait(self._every_s)
            self._rung.clear()

    def _tell(self, found: Mapping[str, Latest], jobs: Collection[str]) -> None:
        with self._lock:
            for job_id in jobs:
                for news in self._listeners.get(job_id, ()):
                    news.find(found.get(job_id, Latest(0, is_over=True)))
