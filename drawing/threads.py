"""How many threads compiled loops that draw are split over."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, nullcontext

import numba

from core.processor import usable_cores

#: More of them gain nothing: the encoder takes the other cores.
MOST_THREADS = 8
#: Numba's threading layers in which several threads of a program may run loops that are split over threads at a time.
SAFE_LAYERS = ("omp", "tbb")
_ONE_SPLIT_LOOP = threading.RLock()


def split_loops() -> AbstractContextManager[object]:
    """Held around loops that are split over threads where several threads of a program may ask for one at a time.

    Numba's simplest threading layer, the only one on some systems, ends the whole program then; in others nobody waits.
    """
    try:
        safe = numba.threading_layer() in SAFE_LAYERS
    except ValueError:  # no loop was split yet
        safe = False
    return nullcontext() if safe else _ONE_SPLIT_LOOP


def painting_threads(wanted: int = 0) -> int:
    """Threads for Numba's loops: as many as are wanted; with 0 every core that may be used, `MOST_THREADS` at most."""
    return int(min(wanted or min(MOST_THREADS, usable_cores()), numba.config.NUMBA_NUM_THREADS))
