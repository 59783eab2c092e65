"""The key of a song and how surely it is major or minor, from its notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.contracts import FloatArray

#: How well each note of the scale, from the tonic on, fits a key: the probe-tone ratings of Krumhansl & Kessler (1982).
MAJOR_PROFILE = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR_PROFILE = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
#: Lead of the better mode's correlation over the other's that makes it sure.
SURE_LEAD = 0.25
#: Under this correlation the notes fit no key at all, from the second on they do.
FIT_RANGE = (0.3, 0.6)


@dataclass(frozen=True)
class Key:
    """tonic: 0 is C ... 11 is B. confidence of the mode in [0, 1]: 0 where both fit alike, or nothing fits."""

    tonic: int
    mode: Literal["major", "minor"]
    confidence: float


def find_key(notes: FloatArray) -> Key:
    """Key of chroma (M, 12), C first, by the algorithm of Krumhansl ("Cognitive foundations of musical pitch", 1990)."""
    total = notes.mean(axis=0) if len(notes) else np.zeros(12)
    if total.std() < 1e-9:
        return Key(0, "major", 0.0)
    major, minor = (
        np.asarray([np.corrcoef(np.roll(profile, tonic), total)[0, 1] for tonic in range(12)])
        for profile in (MAJOR_PROFILE, MINOR_PROFILE)
    )
    is_major = major.max() >= minor.max()
    best = major if is_major else minor
    lead = abs(float(major.max() - minor.max())) / SURE_LEAD
    fit = np.clip((best.max() - FIT_RANGE[0]) / (FIT_RANGE[1] - FIT_RANGE[0]), 0.0, 1.0)
    return Key(int(np.argmax(best)), "major" if is_major else "minor", float(np.clip(lead, 0.0, 1.0) * fit))
