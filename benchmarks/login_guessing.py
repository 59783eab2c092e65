"""How far somebody gets who guesses passwords, and how long the owner waits meanwhile: `python -m benchmarks.login_guessing`.

The program's own counters (`app/accounts/guesses.py`) on a clock of the benchmark's: days pass in seconds. The guesser comes back
the moment that a try is let, from one address or from many; the right password stands at a seeded place of the guesser's list.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from unittest import mock

from limits.storage import MemoryStorage

from app.accounts.guesses import Guesses, WaitFirst
from app.accounts.passwords import fits, hashed

DAY_S = 86_400.0
#: Places of the right password in the guesser's list are drawn up to here: far fewer than any list of leaked passwords has.
LIST = 1_000_000
#: How long a try takes at least, in seconds: somebody's line.
TRY_S = 0.05
SEED = 5


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now_s = 1_000_000.0

    def time(self) -> float:
        """The time."""
        return self.now_s


@dataclass(frozen=True)
class Outcome:
    """tries: that were looked at. owner_s: how long the owner waited for a first try, each time, from an address never seen."""

    tries: int
    owner_s: list[float]


def attack(addresses: int, days: float, names: int = 1, owner_every_s: float = 3600.0) -> Outcome:
    """Guess for some days from so many addresses at so many names; the owner of the first comes now and then."""
    clock, chance = Clock(), random.Random(SEED)
    with mock.patch("limits.storage.memory.time", clock):
        guesses = Guesses(MemoryStorage(), "benchmark", clock.time)
        ready_s = [clock.now_s] * addresses
        ends_s, owner_due_s, tries, waits = clock.now_s + days * DAY_S, clock.now_s + owner_every_s, 0, list[float]()
        while clock.now_s < ends_s:
            address = min(range(addresses), key=ready_s.__getitem__)
            at_s = max(clock.now_s + TRY_S, ready_s[address])
            if at_s >= owner_due_s:
                clock.now_s = owner_due_s
                waits.append(owner_waits(guesses, len(waits)))
                owner_due_s += chance.uniform(0.5, 1.5) * owner_every_s
                continue
            clock.now_s = at_s
            try:
                guesses.begin(f"name {tries % names}", f"address {address}")
                tries += 1
            except WaitFirst as error:
                ready_s[address] = clock.now_s + (error.retry_after_s or 1)
    return Outcome(tries, waits)


def owner_waits(guesses: Guesses, visit: int) -> float:
    """How long the owner is told to wait at an address where nobody has tried before."""
    try:
        guesses.begin("name 0", f"owner's place {visit}").was_right()
    except WaitFirst as error:
        return float(error.retry_after_s or 1)
    return 0.0


def milliseconds(work: Callable[[], object], count: int = 15) -> float:
    """The median of some runs."""
    spent = []
    for _ in range(count):
        begun = time.perf_counter()
        work()
        spent.append(1000.0 * (time.perf_counter() - begun))
    return statistics.median(spent)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.login_guessing", description=__doc__.partition("\n")[0])
    parser.add_argument("--days", type=float, default=1.0, help="how long somebody guesses (default %(default)s)")
    options = parser.parse_args()
    place = random.Random(SEED).randrange(1, LIST)
    print(f"the right password stands at place {place:,} of the guesser's list")
    print("guesser                              tries   within    owner waits: median, longest")
    for words, addresses, names in (
        ("1 address, 1 name", 1, 1),
        ("1 address, 1000 names", 1, 1000),
        ("50 addresses, 1 name", 50, 1),
    ):
        found = attack(addresses, options.days, names)
        within = f"{options.days * place / max(1, found.tries) * names:,.0f} d"
        waits = found.owner_s or [0.0]
        print(f"{words:<34}{found.tries:>8,}{within:>9}    {statistics.median(waits):.0f} s, {max(waits):.0f} s")
    kept = hashed("a password of the benchmark")
    right, nobody = milliseconds(lambda: fits(kept, "another one")), milliseconds(lambda: fits(None, "another one"))
    print(f"a wrong password takes {right:.0f} ms, a name that nobody has {nobody:.0f} ms")


if __name__ == "__main__":
    main()
