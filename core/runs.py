"""Runs of true values: where something begins and ends that is told frame by frame."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def runs(flags: npt.NDArray[Any]) -> list[tuple[int, int]]:
    """First and one-past-last place of each run of true values in `flags` (n,), in order."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(flags, bool).astype(np.int8), [0]])))
    return [(int(begin), int(end)) for begin, end in zip(edges[::2], edges[1::2], strict=True)]
