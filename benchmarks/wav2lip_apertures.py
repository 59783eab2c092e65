"""Whether drawn lips open as the real ones do, and with the voice: judged by landmarks, from which no network learned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray
from faces.faces import FaceFinder
from lipsync.wav2lip.training.dataset import Clip
from metrics.aperture import aperture

#: A crop is brow to chin; the finder wants a face with something around it, of this many times the size. Above, below, aside.
AROUND, ENLARGED = (40, 24, 32), 2
#: Frames of a clip that are looked at: the finder takes longer than the networks.
LOOKED_AT = 60


@dataclass(frozen=True)
class OpeningFigures:
    """Mean correlations over clips. real: of the lips' opening with the real one. voice: with how loud it is. elsewhere: with the
    real opening half a clip away, which should be about 0."""

    real: float
    voice: float
    elsewhere: float


def opening_figures(draw: Callable[[Clip], ByteArray], clips: Sequence[Clip]) -> OpeningFigures:
    """Compare what `draw` makes of clips, (T, 96, 96, 3) uint8 RGB each, with what they are. Clips in which the finder sees no
    face, or lips that never move, are left out."""
    rows = []
    with FaceFinder() as finder:
        for clip in clips:
            real = openings(np.asarray(clip.crops[:LOOKED_AT]), finder)
            drawn = openings(draw(clip)[:LOOKED_AT], finder)
            loud = clip.windows[: len(real), 0, :, :4].mean(axis=(1, 2))
            others = np.roll(real, len(real) // 2)
            rows.append([alike(drawn, real), alike(drawn, loud), alike(drawn, others)])
    return OpeningFigures(*(float(np.nanmean(column)) for column in zip(*rows, strict=True)))


def openings(crops: ByteArray, finder: FaceFinder) -> FloatArray:
    """(T,) the mouth's opening in each of the crops, in eye spans; NaN where no face is found."""
    return np.array(list(_openings(crops, finder)))


def _openings(crops: ByteArray, finder: FaceFinder) -> Iterator[float]:
    above, below, aside = AROUND
    for crop in crops:
        framed = cv2.copyMakeBorder(crop, above, below, aside, aside, cv2.BORDER_REPLICATE)
        large = cv2.resize(framed, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
        faces = finder.find(np.asarray(large, np.uint8))
        yield aperture(faces[0].landmarks) if faces else np.nan


def alike(first: FloatArray, second: FloatArray) -> float:
    """Correlation of two curves (T,) where both are known; NaN where one of them does not move there."""
    known = np.isfinite(first) & np.isfinite(second)
    if known.sum() < len(known) / 2 or min(first[known].std(), second[known].std()) < 1e-6:
        return np.nan
    return float(np.corrcoef(first[known], second[known])[0, 1])
