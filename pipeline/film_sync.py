"""How far a film's sound and lips are apart, by what lips would do for the sound, and what they do in the pictures.

The learned lips listen to the film's sound; the tracked face shows what the mouth did. Opening, width and jaw of both are
compared at every lag between -600 and 600 ms by normalised cross-correlation; the best is read off a parabola through the peak.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray, Progress, silent
from core.messages import Message, message
from faces.tracking.tracks import FaceState, FaceTrack
from metrics.correlation import correlation, parabola_peak
from motion.singing.analysis.framing import ANALYSIS_RATE_HZ, BLOCK_SAMPLES
from motion.singing.lips.lip_curves import CURVE_NAMES, LIP_RATE_HZ

#: Lags that are tried, in seconds, and the step between them.
MOST_LAG_S, LAG_STEP_S = 0.6, 0.01
#: What is compared: the learned curve, and how much it counts.
COMPARED = (("aperture_mm", 1.0), ("width_mm", 0.4), ("jaw_mm", 0.4))
#: Slower changes than this are moods and poses, in seconds.
SLOW_S = 1.2
#: Frames of the film with lips that a comparison needs, in seconds.
LEAST_SEEN_S = 1.5
#: Another peak counts only so far from the best one, in seconds.
OTHER_PEAK_S = 0.12
#: What is measured of recordings in step, in seconds: the median of 31 clips of GRID.
USUAL_LAG_S = 0.015
#: Agreement and lead over other lags at which the answer is sure, and the least of both together at which there is one.
SURE_AGREEMENT, SURE_LEAD = 0.35, 0.15
LEAST_CERTAINTY = 0.35
#: Sounds nearer to the lips than this are in step, in seconds: nobody notices less (ITU-R BT.1359 gives -125 to 45 ms).
IN_STEP_S = 0.04


@dataclass(frozen=True)
class SoundOffset:
    """How far the sound is from the lips.

    offset_s: above 0 where the sound comes too late. agreement: correlation of lips and sound at that offset. certainty: 0 to 1.
    seen_s: how long lips were seen. certain: whether the offset can be trusted; otherwise nothing may be said.
    """

    offset_s: float
    agreement: float
    certainty: float
    seen_s: float

    @property
    def certain(self) -> bool:
        """Whether the offset can be trusted."""
        return self.certainty >= LEAST_CERTAINTY

    @property
    def in_step(self) -> bool:
        """Whether nobody would notice it."""
        return abs(self.offset_s) <= IN_STEP_S

    def as_json(self) -> dict[str, object]:
        """The figures, and whether they can be trusted."""
        return {**asdict(self), "certain": self.certain, "in_step": self.in_step}

    def note(self) -> Message:
        """The figures in a sentence."""
        if not self.certain:
            return message("pipeline.sync_unknown", seen=self.seen_s)
        ms = round(1000 * abs(self.offset_s))
        if self.in_step:
            return message("pipeline.sync_in_step", ms=ms)
        return message("pipeline.sync_late" if self.offset_s > 0 else "pipeline.sync_early", ms=ms)


def measured_offset(sound: Path, track: FaceTrack, fps: float, progress: Progress = silent) -> SoundOffset:
    """How far the sound, a file that begins with the film's first frame, is from the lips of one face.

    progress: ("listen", rows done, rows in all). Raises MissingError where the learned lips lack a part, and InputError where the
    sound can't be read.
    """
    return offset_between(heard_lips(sound, len(track) / fps, progress), seen_lips(track), fps)


def heard_lips(sound: Path, duration_s: float, progress: Progress = silent) -> FloatArray:
    """What lips would do for the sound: curves (N, len(COMPARED)) at `LIP_RATE_HZ`."""
    from media.media import gain_of_quiet_sound, read_audio_blocks
    from motion.singing.lips.learned_lips import HEARD_LEVEL_DB, LearnedLips

    gain = np.float32(gain_of_quiet_sound(sound))
    total = round(duration_s * LIP_RATE_HZ)

    def blocks() -> Iterator[FloatArray]:
        for block in read_audio_blocks(sound, ANALYSIS_RATE_HZ, 1, BLOCK_SAMPLES, 0.0, duration_s):
            yield gain * block

    lips = LearnedLips().curves(blocks(), HEARD_LEVEL_DB, lambda done: progress("listen", min(done, total), total))
    columns = [CURVE_NAMES.index(name) for name, _ in COMPARED]
    return np.asarray(lips.values[:, columns], np.float32)


def seen_lips(track: FaceTrack) -> FloatArray:
    """What the lips of a track do: opening, width and jaw (T, len(COMPARED)) in distances of the eyes; NaN where unseen."""
    points = np.asarray(track.landmarks, np.float32)
    eyes = gap(points, 33, 263)
    opening = np.mean([gap(points, upper, lower) for upper, lower in ((13, 14), (82, 87), (312, 317))], axis=0)
    lips = np.stack([opening / eyes, gap(points, 61, 291) / eyes, gap(points, 168, 152) / eyes], axis=1)
    lips[np.asarray(track.state) != FaceState.CLEAR] = np.nan
    return np.asarray(lips, np.float32)


def gap(points: FloatArray, first: int, second: int) -> FloatArray:
    """Distance (T,) of two landmarks in all three dimensions."""
    return np.asarray(np.linalg.norm(points[:, first] - points[:, second], axis=1), np.float32)


def offset_between(heard: FloatArray, seen: FloatArray, fps: float) -> SoundOffset:
    """The offset of curves (N, C) at `LIP_RATE_HZ` against (T, C) at `fps`, columns `COMPARED`; NaN where lips are unseen."""
    there = np.asarray(np.isfinite(seen).all(axis=1))
    seen_s = float(there.sum() / fps)
    if seen_s < LEAST_SEEN_S or len(heard) < LEAST_SEEN_S * LIP_RATE_HZ:
        return SoundOffset(0.0, 0.0, 0.0, seen_s)
    lags_s, agreement = agreement_by_lag(heard, seen, there, fps)
    place_s, height = parabola_peak(lags_s, agreement)
    elsewhere = agreement[np.abs(lags_s - place_s) > OTHER_PEAK_S]
    lead = height - float(elsewhere.max())
    at_the_end = abs(place_s) > MOST_LAG_S - 1.5 * LAG_STEP_S
    certainty = 0.0 if at_the_end else float(np.clip(height / SURE_AGREEMENT, 0, 1) * np.clip(lead / SURE_LEAD, 0, 1))
    return SoundOffset(place_s - USUAL_LAG_S, height, certainty, seen_s)


def agreement_by_lag(
    heard: FloatArray, seen: FloatArray, there: npt.NDArray[np.bool_], fps: float
) -> tuple[FloatArray, FloatArray]:
    """Lags in seconds, above 0 where the sound is late, and the correlation at each, both (L,)."""
    steps = round(MOST_LAG_S / LAG_STEP_S)
    lags_s = np.arange(-steps, steps + 1) * LAG_STEP_S
    times_s = np.flatnonzero(there) / fps
    heard_times_s = np.arange(len(heard)) / LIP_RATE_HZ
    total = np.zeros(len(lags_s))
    for column, (_, weight) in enumerate(COMPARED):
        quick = without_slow(np.where(there, seen[:, column], np.nan), SLOW_S * fps)[there]
        told = without_slow(heard[:, column], SLOW_S * LIP_RATE_HZ)
        for index, lag_s in enumerate(lags_s):
            inside = (times_s + lag_s >= 0) & (times_s + lag_s <= heard_times_s[-1])
            if inside.sum() > fps:
                total[index] += weight * correlation(quick[inside], np.interp(times_s[inside] + lag_s, heard_times_s, told))
    return lags_s, total / sum(weight for _, weight in COMPARED)


def without_slow(values: FloatArray, window: float) -> FloatArray:
    """Values (T,) less their mean over a window of so many around each; NaN counts for nothing and stays."""
    kernel = np.hanning(2 * max(1, round(window / 2)) + 3)
    known = np.isfinite(values)
    sums = np.convolve(np.where(known, values, 0), kernel, "same")[: len(values)] if len(values) >= len(kernel) else None
    if sums is None:
        return np.asarray(values - np.nanmean(values), np.float32)
    weights = np.convolve(known.astype(float), kernel, "same")
    return np.asarray(values - sums / np.maximum(weights, 1e-9), np.float32)
