"""How many threads compiled loops that draw are split over."""

from __future__ import annotations

import threading

import numba

from core.processor import usable_cores

#: More of them gain nothing: the encoder takes the other cores.
MOST_THREADS = 8
#: Held around loops that are split over threads where several threads of a program may ask for one at a time: Numba's simplest
#: threading layer, the only one on some systems, ends the whole program then, and the others gain nothing by it.
ONE_SPLIT_LOOP = threading.RLock()


def painting_threads(wanted: int = 0) -> int:
    """Threads for Numba's loops: as many as are wanted; with 0 every core that may be used, `MOST_THREADS` at most."""
    return int(min(wanted or min(MOST_THREADS, usable_cores()), numba.config.NUMBA_NUM_THREADS))
