"""Blinks and gaze."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.contracts import FloatArray
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.smoothing import smooth
from motion.singing.performance.chance import drift, stream
from motion.singing.performance.feeling import Feeling
from motion.singing.settings import SingingSettings
from motion.singing.song_analysis import SongAnalysis

#: Rests between blinks: lognormal, its median, spread and bounds in seconds.
BLINK_MEDIAN_S, BLINK_SPREAD, BLINK_BOUNDS_S = 3.3, 0.45, (1.4, 7.0)
#: A blink moves to a phrase's end or a turn of the eyes this near, this often.
BLINK_CUE_S, BLINK_CUE_CHANCE = 0.9, 0.7
DOUBLE_BLINK_CHANCE = 0.07
#: Gaze shifts larger than this, in degrees, invite a blink.
LARGE_SHIFT_DEG = 6.0
#: How long the eyes rest on one place: lognormal median and spread in seconds.
FIXATION_MEDIAN_S, FIXATION_SPREAD = 1.5, 0.55
#: Around the camera, and when looking away: spread in degrees of yaw and pitch.
NEAR_DEG, AWAY_DEG = (0.9, 0.6), (7.0, 3.0)
#: Chance of looking away while singing and while not.
AWAY_SINGING, AWAY_RESTING = 0.08, 0.3
#: Share of the head's turn that the eyes take back (vestibulo-ocular reflex).
REFLEX = 0.7
GAZE_LIMIT_DEG = (14.0, 9.0)
#: ARKit's look shapes are full at about this turn of the eye.
FULL_LOOK_DEG = 30.0


def gaze(song: SongAnalysis, felt: Feeling, rotation_deg: FloatArray, settings: SingingSettings) -> tuple[FloatArray, np.ndarray]:
    """Gaze (N, 2) in degrees to the picture's right and up, within the head, and times (G,) in seconds of its large shifts.

    The eyes stay with the camera, take back most of the head's turning, and look away now and then, more where nobody sings.
    """
    generator = stream(settings.seed, "gaze")
    end_s = song.count / FEATURE_RATE_HZ
    number = int(end_s / 0.4) + 2
    fixations_s = np.clip(FIXATION_MEDIAN_S * np.exp(FIXATION_SPREAD * generator.standard_normal(number)), 0.4, 4.5)
    draws = generator.random(number)
    near = np.clip(generator.standard_normal((number, 2)), -2.0, 2.0) * np.asarray(NEAR_DEG)
    away = np.clip(generator.standard_normal((number, 2)), -1.6, 1.6) * np.asarray(AWAY_DEG)
    starts_s = np.concatenate([[0.0], np.cumsum(fixations_s)[:-1]])
    times_s = np.arange(song.count) / FEATURE_RATE_HZ
    singing, more = np.interp(starts_s, times_s, smooth(song.plan.sung, 0.4)), np.interp(starts_s, times_s, felt.away)
    looks_away = draws < more * (AWAY_RESTING + (AWAY_SINGING - AWAY_RESTING) * singing)
    targets = np.where(looks_away[:, None], away, near)
    index = np.searchsorted(starts_s, np.arange(song.count) / FEATURE_RATE_HZ, side="right") - 1
    # A saccade of some degrees takes 30 to 50 ms: a bell of 11 ms makes it so.
    fixated = smooth(targets[index], 0.011)
    tremor = 0.08 * drift(generator, song.count, 0.12, 2)
    result = fixated + tremor - REFLEX * rotation_deg[:, :2]
    result[:, 1] += felt.gaze_up_deg
    shifts = np.linalg.norm(np.diff(targets, axis=0), axis=1) > LARGE_SHIFT_DEG
    bound = np.asarray(GAZE_LIMIT_DEG)
    shift_times = starts_s[1:][shifts]
    return (bound * np.tanh(result / bound)).astype(np.float32), shift_times[shift_times < end_s]


def blink_times(song: SongAnalysis, felt: Feeling, shifts_s: np.ndarray, settings: SingingSettings) -> np.ndarray:
    """Times (B,) in seconds at which blinks start: irregular, drawn to phrase ends and gaze shifts, none with closed eyes."""
    generator = stream(settings.seed, "blinks")
    end_s = song.count / FEATURE_RATE_HZ
    cues_s = np.sort(np.concatenate([song.activity.phrases_s[:, 1], shifts_s - 0.04]))
    times: list[float] = []
    now_s = float(generator.uniform(0.4, 2.5))
    while now_s < end_s:
        cue_draw, double_draw, next_draw = generator.random(), generator.random(), generator.standard_normal()
        if len(cues_s) and cue_draw < BLINK_CUE_CHANCE:
            cue_s = float(cues_s[np.argmin(np.abs(cues_s - now_s))])
            earliest_s = times[-1] + 1.0 if times else 0.2
            if abs(cue_s - now_s) < BLINK_CUE_S and cue_s > earliest_s:
                now_s = cue_s
        frame = min(song.count - 1, round(now_s * FEATURE_RATE_HZ))
        if felt.eyes_closed[max(0, frame - 20) : frame + 30].max(initial=0.0) < 0.1:
            times.append(now_s)
            if double_draw < DOUBLE_BLINK_CHANCE:
                times.append(now_s + 0.34)
        rest_s = float(np.clip(BLINK_MEDIAN_S * np.exp(BLINK_SPREAD * next_draw), *BLINK_BOUNDS_S))
        now_s += rest_s / float(felt.blink_rate[frame])
    return np.asarray(times)


def lid_shapes(
    song: SongAnalysis, felt: Feeling, gaze_deg: FloatArray, shifts_s: np.ndarray, settings: SingingSettings
) -> dict[str, FloatArray]:
    """Curves (N,) in [0, 1] of blinks, eyes closed in feeling, and the look shapes that carry the lids with the gaze."""
    generator = stream(settings.seed, "blink shapes")
    blinks = np.zeros((2, song.count), dtype=np.float32)
    for time_s in blink_times(song, felt, shifts_s, settings):
        frame = min(song.count - 1, round(time_s * FEATURE_RATE_HZ))
        close_s, shut_s, open_s = felt.blink_length[frame] * generator.uniform((0.06, 0.025, 0.11), (0.085, 0.05, 0.155))
        depth, late_s = generator.uniform(0.94, 1.0), generator.normal(0.0, 0.004)
        for side, offset_s in enumerate((0.0, late_s)):
            _add_blink(blinks[side], time_s + offset_s, close_s, shut_s, open_s, depth)
    closed = 0.97 * felt.eyes_closed
    blinks = felt.droop + (1.0 - felt.droop) * blinks
    return shapes_of_eyes(np.maximum(blinks[0], closed), np.maximum(blinks[1], closed), gaze_deg)


def shapes_of_eyes(shut_left: FloatArray, shut_right: FloatArray, gaze_deg: FloatArray) -> dict[str, FloatArray]:
    """Curves (N,) in [0, 1] by ARKit name: how far both eyes are shut (N,), and how lids go with a gaze (N, 2)."""
    right, up = gaze_deg[:, 0] / FULL_LOOK_DEG, gaze_deg[:, 1] / FULL_LOOK_DEG
    shapes = {
        "eyeBlinkLeft": shut_left,
        "eyeBlinkRight": shut_right,
        # The performer's left eye is at the picture's right.
        "eyeLookOutLeft": right,
        "eyeLookInRight": right,
        "eyeLookInLeft": -right,
        "eyeLookOutRight": -right,
    }
    for name in ("Left", "Right"):
        shapes[f"eyeLookUp{name}"], shapes[f"eyeLookDown{name}"] = up, -up
    return {name: np.clip(curve, 0.0, 1.0).astype(np.float32) for name, curve in shapes.items()}


def with_lids(shapes: Mapping[str, FloatArray], lids: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Curves (N,) by ARKit name with the lids' added: what widens or narrows an eye gives way as it shuts."""
    result = {**shapes, **lids}
    for side in ("Left", "Right"):
        shut = lids[f"eyeBlink{side}"]
        for stem, taken in (("eyeWide", 1.0), ("eyeSquint", 0.6)):
            if f"{stem}{side}" in result:
                result[f"{stem}{side}"] = result[f"{stem}{side}"] * (1.0 - taken * shut)
    return result


def _add_blink(curve: FloatArray, start_s: float, close_s: float, shut_s: float, open_s: float, depth: float) -> None:
    """Add a blink in place."""
    first = max(0, int(start_s * FEATURE_RATE_HZ))
    last = min(len(curve), int((start_s + close_s + shut_s + open_s) * FEATURE_RATE_HZ) + 2)
    shape = blink_shape(np.arange(first, last) / FEATURE_RATE_HZ - start_s, close_s, shut_s, open_s)
    curve[first:last] = np.maximum(curve[first:last], depth * shape)


def blink_shape(since_s: FloatArray, close_s: float, shut_s: float, open_s: float) -> FloatArray:
    """(N,) in [0, 1] of moments since a blink began: lids close fast, rest, and open more slowly, both with soft ends."""
    closing = np.clip(since_s / close_s, 0.0, 1.0)
    opening = np.clip((since_s - close_s - shut_s) / open_s, 0.0, 1.0)
    shape = 0.5 - 0.5 * np.cos(np.pi * closing) - (0.5 - 0.5 * np.cos(np.pi * np.power(opening, 0.8)))
    return np.clip(shape, 0.0, 1.0)
