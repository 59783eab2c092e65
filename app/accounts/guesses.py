"""Holds whoever guesses passwords: after some that were wrong, every further one has to wait, longer and longer.

Counted are three things: what one place tries with one name, what one place tries with any name, and what all places that never
signed in with a name try with it. A place is an address (of IPv6 a household's, `app.client_address`), or a browser that has
signed in with that name before and shows so by a signed cookie ("Slow Down Online Guessing Attacks with Device Cookies", OWASP):
what others try with the name does not count for it, so nobody can lock somebody out of the browser that they always use. A try
counts before the password is looked at, so that many at once are no way around. Names that nobody has are counted alike.

The counters lie in memory, or in Redis where the queue does (`limits`); they hold keyed hashes, no names and no addresses.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from limits.storage import Storage, storage_from_string

from app.errors import LimitReached
from app.settings import AppSettings
from app.watching.counters import counters_of

#: How long a wrong try counts, in seconds.
COUNTED_S = 86_400


@dataclass(frozen=True)
class Patience:
    """After how many wrong tries the waits begin, and how long the longest is, in seconds. The first is a second; they double."""

    free: int
    longest_s: int

    def wait_s(self, tries: int) -> int:
        """How long after so many tries the next has to wait."""
        beyond = tries - self.free
        return 0 if beyond < 0 else min(self.longest_s, 2 ** min(beyond, 30))


#: One name from one place, any name from one place, and one name from all places that never signed in with it.
OF_PAIR, OF_PLACE, OF_NAME = Patience(5, 900), Patience(30, 900), Patience(20, 60)


class WaitFirst(LimitReached):
    """Too many wrong tries; `retry_after_s` says when the next is looked at."""

    slug = "wait-first"

    def __init__(self, wait_s: int) -> None:
        super().__init__("app.sign_in_later", seconds=wait_s)
        self.retry_after_s = wait_s


class Guesses:
    """Counts the tries of an application's visitors."""

    def __init__(self, storage: Storage, key: str, clock: Callable[[], float] = time.time) -> None:
        """key: for the hashes of names and places. clock: seconds, the storage's own."""
        self._storage, self._key, self._clock, self._lock = storage, key.encode(), clock, threading.Lock()

    @classmethod
    def of(cls, settings: AppSettings) -> Guesses:
        """Where the settings have them counted."""
        return cls(cast(Storage, storage_from_string(counters_of(settings))), f"guesses {settings.secret_key()}")

    def begin(self, name: str, place: str, is_known: bool = False) -> Try:
        """Count a try with a folded name from a place. is_known: whether the place has signed in with that name before.

        Raises WaitFirst where it has to wait; then it is not looked at, and doesn't count.
        """
        rules = {f"pair {name}\n{place}": OF_PAIR}
        if not is_known:
            rules |= {f"place {place}": OF_PLACE, f"name {name}": OF_NAME}
        made = Try(self, {self._hashed(what): patience for what, patience in rules.items()})
        with self._lock:
            self._take(made.rules)
        return made

    def once(self, what: str, good_for_s: int) -> bool:
        """Whether this is the first time that it is asked for within so many seconds."""
        with self._lock:
            return self._storage.incr(self._hashed(f"once {what}"), good_for_s) == 1

    def _hashed(self, what: str) -> str:
        return "belcanto-guesses-" + hmac.new(self._key, what.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]

    def _take(self, rules: dict[str, Patience]) -> None:
        """Count the try in each counter, all or none. Raises WaitFirst."""
        waits = [self._left_s(key) for key in rules]
        if any(waits):
            raise WaitFirst(max(waits))
        for key, patience in rules.items():
            tries = self._storage.incr(key, COUNTED_S)
            wait_s = patience.wait_s(tries)
            if wait_s and self._storage.incr(f"{key}-wait", wait_s) > 1:  # another process was quicker
                raise WaitFirst(self._left_s(key) or 1)

    def _left_s(self, key: str) -> int:
        """How long a try has to wait for this counter."""
        if self._storage.get(f"{key}-wait") == 0:
            return 0
        return max(1, math.ceil(self._storage.get_expiry(f"{key}-wait") - self._clock()))

    def take_back(self, rules: dict[str, Patience]) -> None:
        """The try was right: it is not counted where others are, and all of the pair's is forgotten."""
        with self._lock:
            for key, patience in rules.items():
                if patience is OF_PAIR:
                    self._storage.clear(key)
                else:
                    self._storage.incr(key, COUNTED_S, -1)
                self._storage.clear(f"{key}-wait")


@dataclass(frozen=True)
class Try:
    """A try that was counted."""

    guesses: Guesses
    rules: dict[str, Patience]

    def was_right(self) -> None:
        """Take it back."""
        self.guesses.take_back(self.rules)
