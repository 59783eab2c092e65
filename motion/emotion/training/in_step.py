"""How late a speaker's tracked lips are against the sound: the one lag by which their opening fits the learned lips' best."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.blendshapes import BLENDSHAPE_INDEX
from core.contracts import FloatArray
from core.timebase import frame_times_s
from motion.singing.lips.learned_lips import LearnedLips
from motion.singing.lips.lip_curves import CURVE_NAMES, LIP_RATE_HZ
from motion.singing.training.inputs import level_db
from motion.singing.training.measures import correlation
from motion.singing.training.strangers import FURTHEST_LAG_S, LAG_STEP_S


def openness(shapes: FloatArray) -> FloatArray:
    """(T,) how far lips are parted, from ARKit shapes (T, 52): what the jaw opens and the lips do not take back."""
    parted: FloatArray = shapes[:, BLENDSHAPE_INDEX["jawOpen"]] - shapes[:, BLENDSHAPE_INDEX["mouthClose"]]
    return parted


def lag_s(tracks: Sequence[tuple[FloatArray, FloatArray]], fps: float, lips: LearnedLips) -> float:
    """How many seconds the tracks of one speaker are late against the sound; negative: early.

    tracks: of each clip its sound (n,) at 16 kHz and its openness (T,) at `fps`.
    """
    heard = [lips.curves([sound], level_db(sound)).values[:, CURVE_NAMES.index("aperture_mm")] for sound, _ in tracks]
    steps = round(FURTHEST_LAG_S / LAG_STEP_S)
    lags_s = LAG_STEP_S * np.arange(-steps, steps + 1)
    agreement = [
        np.nanmean([_agreement(told, opened, fps, lag) for told, (_, opened) in zip(heard, tracks, strict=True)])
        for lag in lags_s
    ]
    return float(lags_s[int(np.nanargmax(agreement))])


def _agreement(told: FloatArray, opened: FloatArray, fps: float, lag: float) -> float:
    own_s = frame_times_s(len(opened), fps) - lag
    known = (own_s >= 0.0) & (own_s <= (len(told) - 1) / LIP_RATE_HZ)
    return correlation(np.interp(own_s[known], np.arange(len(told)) / LIP_RATE_HZ, told), opened[known])
