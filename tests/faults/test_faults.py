"""Faults of the machine, chosen by seed, injected into the whole program, and what must hold after each.

`make test` injects 30, `make test-faults` 300. A fault's number and what it did are printed; `BELCANTO_FAULTS=17:18` repeats the
one of number 17.
"""

from __future__ import annotations

import os
import random
import sys
import time

import pytest

from tests.faults.catalogue import FAULTS
from tests.faults.invariants import check
from tests.faults.site import Site

SAMPLE = "0:30"
#: Orders of one person are few hundred; then another one comes.
ORDERS = 250

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    made = Site(tmp_path_factory.mktemp("faults"))
    try:
        made.start()
        made.begin_person()
        yield made
    finally:
        made.close()


def numbers():
    begin, _, end = os.environ.get("BELCANTO_FAULTS", SAMPLE).partition(":")
    return range(int(begin), int(end))


def chosen(number):
    """All kinds in turn, each as often as the others; the rest is the seed's."""
    names = sorted(FAULTS)
    random.Random(number // len(names)).shuffle(names)
    return names[number % len(names)]


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
@pytest.mark.parametrize("number", numbers())
def test_nothing_is_lost_by_a_fault(site, number):
    name, begin_s = chosen(number), time.monotonic()
    site.heal()
    if len(site.orders) > ORDERS:
        site.orders.clear()
        site.number = 0
        site.begin_person()
    told = FAULTS[name](site, random.Random(number))
    site.heal()
    site.wait_until_ended()
    wrong = check(site)
    print(f"\nfault {number} {name} ({told}) in {time.monotonic() - begin_s:.1f} s: {'; '.join(wrong) or 'nothing is lost'}")
    if wrong:  # the next fault finds nothing of this one
        site.orders.clear()
    assert not wrong, f"fault {number}, {name} ({told}): {wrong}"
