"""How far a film's sound and lips are apart, by what lips would do for the sound, and what they do in the pictures.

The learned lips listen to the film's sound; the tracked face shows what the mouth did. Several measures of the mouth are compared
at every lag between -750 and 750 ms by normalised cross-correlation; the best is read off a parabola through the peak.
It is trusted where it stands far enough above what lips and a foreign sound reach by chance (`pipeline/lip_lags.py`), where no
part of the film makes it by itself, and where the lips move at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.blendshapes import BLENDSHAPE_INDEX
from core.contracts import FloatArray, Progress, silent
from core.messages import Message, message
from faces.tracking.tracks import FaceState, FaceTrack
from motion.singing.analysis.framing import ANALYSIS_RATE_HZ, BLOCK_SAMPLES
from motion.singing.lips.lip_curves import CURVE_NAMES, LIP_RATE_HZ
from pipeline.lip_lags import GRID_HZ, best_lag

#: What is compared: the learned curve, and how much it counts. `seen_lips` has the same columns.
COMPARED = (
    ("aperture_mm", 1.0),
    ("aperture_mm", 0.5),
    ("jaw_mm", 0.5),
    ("width_mm", 0.4),
    ("mouthPucker", 0.3),
    ("mouthLowerDown", 0.3),
    ("jaw_mm", 0.3),
)
#: Slower changes than this are moods and poses, in seconds.
SLOW_S = 0.8
#: Frames of the film with lips that a comparison needs, in seconds.
LEAST_SEEN_S = 1.5
#: Lips whose opening moves by less than this, a standard deviation in distances of the eyes, are still: a tracker reads up to
#: 0.0033 off portraits that are moved about, and 0.0146 and more off people who speak.
LEAST_MOVEMENT = 0.004
#: What is measured of recordings in step, in seconds: the median of 31 clips of GRID.
USUAL_LAG_S = 0.015
#: Standard deviations above chance, and above all other lags, at which an offset is sure; set on 69 clips of the talking tracks,
#: each with its own and with others' sounds.
SURE_ABOVE_CHANCE, SURE_LEAD = 3.2, 1.5
#: The best lag moves by no more than this when a fifth of the film is left out, in seconds.
MOST_SPREAD_S = 0.08
#: Sounds nearer to the lips than this are in step, in seconds: nobody notices less (ITU-R BT.1359 gives -125 to 45 ms).
IN_STEP_S = 0.04


@dataclass(frozen=True)
class SoundOffset:
    """How far the sound is from the lips.

    offset_s: above 0 where the sound comes too late. agreement: correlation of lips and sound at that offset. certainty: 0 to 1,
    1 where it can be trusted. seen_s: how long lips were seen. movement: standard deviation of their opening, in distances of the
    eyes; None where too little was seen. certain: whether the offset can be trusted; otherwise nothing may be said.
    """

    offset_s: float
    agreement: float
    certainty: float
    seen_s: float
    movement: float | None = None

    @property
    def certain(self) -> bool:
        """Whether the offset can be trusted."""
        return self.certainty >= 1.0

    @property
    def still(self) -> bool:
        """Whether lips were seen, but hardly moved."""
        return self.movement is not None and self.movement < LEAST_MOVEMENT

    @property
    def in_step(self) -> bool:
        """Whether nobody would notice it."""
        return abs(self.offset_s) <= IN_STEP_S

    def as_json(self) -> dict[str, object]:
        """The figures, and whether they can be trusted."""
        return {**asdict(self), "certain": self.certain, "in_step": self.certain and self.in_step}

    def note(self) -> Message:
        """The figures in a sentence."""
        if self.still:
            return message("pipeline.sync_still", seen=self.seen_s)
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
    """What the lips of a track do, (T, len(COMPARED)), lengths in distances of the eyes; NaN where unseen.

    Opening inside, opening with the lips' red, nose to chin, width, the shapes mouthPucker and mouthLowerDown, bridge to chin.
    """
    points = np.asarray(track.landmarks, np.float32)
    shapes = np.asarray(track.blendshapes, np.float32)
    eyes = gap(points, 33, 263)
    opening = np.mean([gap(points, upper, lower) for upper, lower in ((13, 14), (82, 87), (312, 317))], axis=0)
    lower_down = shapes[:, [BLENDSHAPE_INDEX["mouthLowerDownLeft"], BLENDSHAPE_INDEX["mouthLowerDownRight"]]].mean(axis=1)
    lengths = (opening, gap(points, 0, 17), gap(points, 1, 152), gap(points, 61, 291), gap(points, 168, 152))
    outside, chin, width, face = (length / eyes for length in lengths[1:])
    pucker = shapes[:, BLENDSHAPE_INDEX["mouthPucker"]]
    lips = np.stack([opening / eyes, outside, chin, width, pucker, lower_down, face], axis=1)
    lips[np.asarray(track.state) != FaceState.CLEAR] = np.nan
    return np.asarray(lips, np.float32)


def gap(points: FloatArray, first: int, second: int) -> FloatArray:
    """Distance (T,) of two landmarks in all three dimensions."""
    return np.asarray(np.linalg.norm(points[:, first] - points[:, second], axis=1), np.float32)


def offset_between(heard: FloatArray, seen: FloatArray, fps: float) -> SoundOffset:
    """The offset of curves (N, C) at `LIP_RATE_HZ` against (T, C) at `fps`, columns `COMPARED`; NaN where lips are unseen."""
    known = np.asarray(np.isfinite(seen).all(axis=1))
    seen_s = float(known.sum() / fps)
    if seen_s < LEAST_SEEN_S or len(heard) < LEAST_SEEN_S * LIP_RATE_HZ:
        return SoundOffset(0.0, 0.0, 0.0, seen_s)
    lips, there = on_grid(np.where(known[:, None], seen, np.nan), fps)
    told, _ = on_grid(heard, LIP_RATE_HZ)
    movement = float(lips[there, 0].std())
    if movement < LEAST_MOVEMENT:
        return SoundOffset(0.0, 0.0, 0.0, seen_s, movement)
    peak = best_lag(lips, there, told, np.array([weight for _, weight in COMPARED]))
    certainty = float(np.clip(peak.above_chance / SURE_ABOVE_CHANCE, 0, 1) * np.clip(peak.lead / SURE_LEAD, 0, 1))
    if peak.at_the_end or peak.spread_s > MOST_SPREAD_S:
        certainty = 0.0
    return SoundOffset(peak.lag_s - USUAL_LAG_S, peak.height, certainty, seen_s, movement)


def on_grid(curves: FloatArray, rate: float) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Curves (N, C) less what is slow, at `GRID_HZ`, 0 where they are NaN; and where they are not."""
    quick = np.stack([without_slow(column, SLOW_S * rate) for column in curves.T], axis=1)
    times = np.arange(int((len(curves) - 1) * GRID_HZ / rate) + 1) * (rate / GRID_HZ)
    known = np.asarray(np.isfinite(quick).all(axis=1))
    own = np.arange(len(curves))
    filled = np.where(known[:, None], quick, 0.0)
    there = known[np.floor(times).astype(int)] & known[np.minimum(np.ceil(times).astype(int), len(known) - 1)]
    return np.stack([np.interp(times, own, column) for column in filled.T], axis=1), there


def without_slow(values: FloatArray, window: float) -> FloatArray:
    """Values (T,) less their mean over a window of so many around each; NaN counts for nothing and stays."""
    kernel = np.hanning(2 * max(1, round(window / 2)) + 3)
    known = np.isfinite(values)
    sums = np.convolve(np.where(known, values, 0), kernel, "same")[: len(values)] if len(values) >= len(kernel) else None
    if sums is None:
        return np.asarray(values - np.nanmean(values), np.float32)
    weights = np.convolve(known.astype(float), kernel, "same")
    return np.asarray(values - sums / np.maximum(weights, 1e-9), np.float32)
