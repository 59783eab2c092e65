"""Where given files wait for their look, apart from the requests that brought them.

Whoever hands in a file gets a ticket and asks for its state from time to time. Turns go round by address, so that one who hands
in many does not keep others waiting; and one visitor, and one address, may have only so many here at once. What is known lives
in this process alone: after a restart a ticket is gone, and the file is handed in again.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Literal

from app.errors import AppError, Busy, LimitReached, NotFound
from app.models import Given, new_id
from app.settings import AppSettings
from core.errors import BelcantoError

TicketState = Literal["queued", "running", "done", "failed"]
#: What a look makes of a file: the id of the song or picture.
Work = Callable[[], str]


@dataclass(frozen=True)
class ReceptionSettings:
    """How many files are looked at, how many wait, and how long anybody is made to wait for the answer."""

    #: files that are looked at at the same time.
    at_once: int = 2
    #: files that may be here at once: those that are looked at and those that wait.
    most: int = 60
    #: requests that may wait in their thread, so that most visitors have their answer at once; for others there is the ticket.
    waiting_requests: int = 8
    #: how long such a request waits, in seconds.
    answer_within_s: float = 20.0
    #: how long the outcome is known after the look, in seconds.
    known_s: float = 1800.0
    #: when whoever was refused may try again, in seconds.
    retry_after_s: int = 15


@dataclass(eq=False)
class Ticket:
    """A file that was handed in. key: of what is looked at, so that the same is not looked at twice at a time."""

    person_id: str
    network: str
    kind: Given
    key: Hashable
    work: Work
    id: str = field(default_factory=new_id)
    is_running: bool = False
    #: of the song or picture, once it is done.
    result_id: str | None = None
    #: why there is none.
    error: BelcantoError | None = None
    #: on the monotonic clock; None before the end.
    ended_s: float | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def state(self) -> TicketState:
        """How far it is."""
        if self.ended_s is None:
            return "running" if self.is_running else "queued"
        return "failed" if self.error else "done"


class Reception:
    """Takes files in and has them looked at."""

    def __init__(self, settings: AppSettings, own: ReceptionSettings | None = None) -> None:
        self.settings = own or ReceptionSettings()
        self._limits = settings.limits
        self._lock = threading.Lock()
        self._tickets: dict[str, Ticket] = {}
        #: tickets that wait, by network; the next turn is the first network's.
        self._waiting: OrderedDict[str, deque[Ticket]] = OrderedDict()
        self._running = 0
        self._patience = threading.BoundedSemaphore(self.settings.waiting_requests)

    def check(self, person_id: str | None, network: str) -> None:
        """Raises LimitReached where the visitor or the address has as many files here as one may, Busy where all have.

        person_id: None where only the address is known yet.
        """
        with self._lock:
            self._check(person_id, network)

    def hand_in(self, person_id: str, network: str, kind: Given, key: Hashable, work: Work) -> Ticket:
        """Have the work done in its turn; the ticket that is there already where the same waits. Raises as `check`."""
        with self._lock:
            self._forget_old()
            for ticket in self._here():
                if (ticket.person_id, ticket.key) == (person_id, key):
                    return ticket
            self._check(person_id, network)
            ticket = Ticket(person_id, network, kind, key, work)
            self._tickets[ticket.id] = ticket
            self._waiting.setdefault(network, deque()).append(ticket)
            self._begin_more()
        return ticket

    def find(self, person_id: str, ticket_id: str) -> Ticket:
        """The person's ticket. Raises NotFound."""
        with self._lock:
            ticket = self._tickets.get(ticket_id)
        if ticket is None or ticket.person_id != person_id:
            raise NotFound("app.look_unknown")
        return ticket

    def settle(self, ticket: Ticket) -> bool:
        """Whether it is at its end; for a few requests at a time that is awaited for a while."""
        if ticket.ended.is_set() or not self._patience.acquire(blocking=False):
            return ticket.ended.is_set()
        try:
            return ticket.ended.wait(self.settings.answer_within_s)
        finally:
            self._patience.release()

    def position(self, ticket: Ticket) -> int:
        """How many files are looked at before it, as things stand: those of its address, and in each round one of every other."""
        with self._lock:
            mine = self._waiting.get(ticket.network, ())
            if ticket not in mine:
                return 0
            place, before, rounds = mine.index(ticket), self._running, mine.index(ticket) + 1
            for each in self._waiting.values():
                if each is mine:
                    before, rounds = before + place, place
                else:
                    before += min(rounds, len(each))
            return before

    def _here(self) -> list[Ticket]:
        return [ticket for ticket in self._tickets.values() if ticket.ended_s is None]

    def _check(self, person_id: str | None, network: str) -> None:
        here = self._here()
        if sum(ticket.person_id == person_id for ticket in here) >= self._limits.waiting_looks:
            raise self._later(LimitReached("app.too_many_own_looks"))
        if sum(ticket.network == network for ticket in here) >= self._limits.address_waiting_looks:
            raise self._later(LimitReached("app.too_many_looks_of_address"))
        if len(here) >= self.settings.most:
            raise self._later(Busy("app.too_many_looks"))

    def _later(self, error: AppError) -> AppError:
        error.retry_after_s = self.settings.retry_after_s
        return error

    def _begin_more(self) -> None:
        while self._running < self.settings.at_once and self._waiting:
            network, mine = self._waiting.popitem(last=False)
            ticket = mine.popleft()
            if mine:
                self._waiting[network] = mine  # at the end: the others come first
            ticket.is_running = True
            self._running += 1
            threading.Thread(target=self._look, args=(ticket,), name="look", daemon=True).start()

    def _look(self, ticket: Ticket) -> None:
        """Do one ticket's work. An error of the program ends this thread, and its log has it."""
        try:
            ticket.result_id = ticket.work()
        except BelcantoError as error:
            ticket.error = error
        finally:
            if ticket.result_id is None and ticket.error is None:
                ticket.error = AppError("app.look_broke")
            with self._lock:
                ticket.ended_s = time.monotonic()
                self._running -= 1
                self._begin_more()
            ticket.ended.set()

    def _forget_old(self) -> None:
        oldest_s = time.monotonic() - self.settings.known_s
        for ticket in [each for each in self._tickets.values() if each.ended_s is not None and each.ended_s < oldest_s]:
            del self._tickets[ticket.id]
