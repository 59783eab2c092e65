"""What two films of faces have in common, by what a tracker sees in each: openings, brows, turns of the head, gaze."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from faces.fitting import landmarks as lm
from faces.fitting.face_coordinates import face_coordinates
from faces.tracking.tracks import FaceState, FaceTrack
from metrics.aperture import INNER_LIP_PAIRS
from metrics.blinks import EYES
from metrics.correlation import correlation, parabola_peak, shuffled_correlations
from motion.driving.eyes import read_gaze_deg
from motion.driving.head_turn import angles_of
from motion.driving.neutral import neutral_of
from motion.driving.standing import laid_still

#: Least correlation that is wanted of each measure, and the spread (standard deviation) under which it hardly moves, so that a
#: correlation would compare trembling: openings, heights and places in eye spans, turns and gaze in degrees.
WANTED = {
    "aperture": (0.9, 0.01),
    "mouth width": (0.9, 0.01),
    "mouth aside": (0.9, 0.008),
    "blink": (0.8, 0.06),
    "brow": (0.8, 0.008),
    "yaw": (0.9, 1.0),
    "pitch": (0.9, 1.0),
    "roll": (0.9, 1.0),
    "nearness": (0.9, 0.01),
    "gaze right": (0.8, 3.0),
    "gaze up": (0.8, 3.0),
}
#: Lags that are tried, in frames.
MOST_LAG = 4
#: Seconds of the blocks that are shuffled, and how often.
BLOCK_S, DRAWS = 0.6, 100
#: Iris and corners of either eye, and the radius of an eyeball in eye spans.
IRISES, IRIS_REACH = ((468, (33, 133)), (473, (362, 263))), 0.133
BROWS = [*lm.RIGHT_BROW_UPPER, *lm.RIGHT_BROW_LOWER, *lm.LEFT_BROW_UPPER, *lm.LEFT_BROW_LOWER]
Series = dict[str, FloatArray]


@dataclass(frozen=True)
class Agreement:
    """How one measure of the drawn film goes with the driver's.

    correlation: at no lag; None where the driver hardly moves it. lag_frames: of the best correlation, positive where the drawn
    film comes after. slope: how much of the driver's movement is seen again. other: correlation with another driver's; shuffled:
    95th percentile of the size of those with the own one's blocks shuffled. wanted: least correlation.
    """

    measure: str
    correlation: float | None
    lag_frames: float | None
    slope: float | None
    other: float | None
    shuffled: float | None
    wanted: float

    @property
    def reached(self) -> bool | None:
        """Whether it goes with the driver as wanted; None where nothing is told."""
        return None if self.correlation is None else self.correlation >= self.wanted and abs(self.lag_frames or 0.0) <= 1.0

    def sentence(self) -> str:
        """In one line; only where there is a correlation."""
        other = "-" if self.other is None else f"{self.other:.2f}"
        wanted = "" if self.reached else f"; {self.wanted} and a lag within a frame are wanted"
        return (
            f"{self.measure:12s} {self.correlation:5.2f}, lag {self.lag_frames:+.1f} frames, {self.slope:.2f} of it; "
            f"another driver {other}, shuffled {self.shuffled:.2f}{wanted}"
        )


def series_of(track: FaceTrack) -> Series:
    """Each measure over the frames (T,); NaN where the face is absent. Lengths in eye spans, the head laid still."""
    neutral = neutral_of(track)
    seen = np.flatnonzero(np.asarray(track.state) != FaceState.ABSENT)
    coordinates = face_coordinates(neutral.landmarks)
    still, turns, places = laid_still(neutral.landmarks, coordinates, np.asarray(track.landmarks[seen], np.float32))
    lie = (still - coordinates.origin) @ coordinates.axes[:, :2] / coordinates.eye_span
    shapes, rotation = np.asarray(track.blendshapes[seen]), angles_of(turns)
    gaze = read_gaze_deg(shapes)
    iris = np.mean([lie[:, eye, 0] - lie[:, list(corners), 0].mean(axis=1) for eye, corners in IRISES], axis=0)
    lids = [
        (lie[:, low, 1] - lie[:, up, 1]) / np.linalg.norm(lie[:, out] - lie[:, inner], axis=1) for up, low, out, inner in EYES
    ]
    found = {
        "aperture": np.mean([lie[:, low, 1] - lie[:, up, 1] for up, low in INNER_LIP_PAIRS], axis=0),
        "mouth width": np.linalg.norm(lie[:, 61] - lie[:, 291], axis=1),
        "mouth aside": lie[:, [61, 291], 0].mean(axis=1),
        "blink": np.mean(lids, axis=0),
        "brow": -lie[:, BROWS, 1].mean(axis=1),
        **dict(zip(("yaw", "pitch", "roll"), rotation.T, strict=True)),
        "nearness": np.log(places[:, 2]),
        # The network's reading and the irises' places, so that neither alone decides.
        "gaze right": (gaze[:, 0] + np.degrees(np.arcsin(np.clip(iris / IRIS_REACH, -0.9, 0.9)))) / 2,
        "gaze up": gaze[:, 1],
    }
    series = {}
    for name, values in found.items():
        series[name] = np.full(len(track), np.nan, np.float32)
        series[name][seen] = values
    return series


def agreements(driver: Series, drawn: Series, other: Series | None, fps: float) -> list[Agreement]:
    """Each measure of the drawn film against the driver's, and against another driver's for control."""
    return [agreement(name, driver[name], drawn[name], None if other is None else other[name], fps) for name in WANTED]


def agreement(name: str, driver: FloatArray, drawn: FloatArray, other: FloatArray | None, fps: float) -> Agreement:
    """See `Agreement`. driver, drawn: (T,); other: of any length."""
    wanted, least = WANTED[name]
    count = min(len(driver), len(drawn))
    known = np.isfinite(driver[:count]) & np.isfinite(drawn[:count])
    first, second = driver[:count][known].astype(float), drawn[:count][known].astype(float)
    if len(first) < 4 * MOST_LAG or first.std() < least:
        return Agreement(name, None, None, None, None, None, wanted)
    lags = np.arange(-MOST_LAG, MOST_LAG + 1)
    inner = slice(MOST_LAG, len(first) - MOST_LAG)
    # Speeds tell a lag sharply, where slow curves look alike at any.
    speeds = np.gradient(first), np.gradient(second)
    curve = np.array([correlation(speeds[0][inner], np.roll(speeds[1], -lag)[inner]) for lag in lags])
    lag, _ = parabola_peak(lags.astype(float), curve)
    shuffled = shuffled_correlations(second, first, max(2, round(BLOCK_S * fps)), DRAWS, np.random.default_rng(0))
    foreign = None
    if other is not None:
        others = other[np.isfinite(other)].astype(float)
        length = min(len(others), len(second))
        foreign = correlation(second[:length], others[:length])
    return Agreement(
        name,
        correlation(first, second),
        float(lag),
        float(np.polyfit(first, second, 1)[0]),
        foreign,
        float(np.percentile(np.abs(shuffled), 95)),
        wanted,
    )
