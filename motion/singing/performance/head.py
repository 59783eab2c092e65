"""Head and shoulders: locked to the beat, led by phrases, still in rests, never twice the same."""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray
from motion.singing.analysis.plan import SongPlan
from motion.singing.analysis.smoothing import ramp, smooth
from motion.singing.performance.chance import drift, stream
from motion.singing.performance.feeling import Feeling
from motion.singing.performance.groove import Groove, groove
from motion.singing.performance.posture import posture
from motion.singing.settings import SingingSettings
from motion.singing.song_analysis import SongAnalysis

#: Farthest yaw, pitch, roll in degrees and shift in face widths at head_motion 1.
ROTATION_LIMIT_DEG = (9.0, 7.0, 5.0)
TRANSLATION_LIMIT = (0.05, 0.05, 0.05)
#: Spread of slow chance in degrees of yaw, pitch, roll, and what is left of it while the music rests.
DRIFT_DEG, DRIFT_SIGMA_S, RESTING_DRIFT = (1.0, 0.55, 0.6), 0.9, 0.3
#: The same in the pauses of somebody who speaks.
PAUSING_DRIFT = 1.3
#: The same where a song has no beat to move to: free swaying takes the groove's place.
FREE_DEG, FREE_SIGMA_S = (2.6, 1.3, 1.6), 0.75
#: The chin dips on stressed syllables and rises with eyes closed in feeling, in degrees.
STRESS_DEG, CLOSED_DEG = 0.9, 1.2
#: Nothing faster than this is left in the head.
FINAL_SIGMA_S = 0.045


def head_motion(
    song: SongAnalysis, felt: Feeling, settings: SingingSettings, speaks: bool = False
) -> tuple[FloatArray, FloatArray]:
    """Rotation (N, 3) yaw, pitch, roll in degrees and translation (N, 3) in face widths, at `FEATURE_RATE_HZ`.

    Within `ROTATION_LIMIT_DEG` and `TRANSLATION_LIMIT` times `settings.head_motion`. speaks: nothing but speech is heard, whose
    silences are pauses in which one thinks, not the rests of music.
    """
    plan = song.plan
    beat = groove(plan, felt.intensity, stream(settings.seed, "groove"))
    carried = posture(plan, stream(settings.seed, "posture"))
    rotation = beat.rotation_deg + carried + _alive(plan, felt, settings, speaks)
    rotation[:, 1] += CLOSED_DEG * smooth(felt.eyes_closed, 0.3) - STRESS_DEG * smooth(felt.stress, 0.08)
    limited = smooth(_soft_limit(rotation, ROTATION_LIMIT_DEG), FINAL_SIGMA_S)
    translation = _translation(song, felt, beat, limited, settings)
    translation = smooth(_soft_limit(translation, TRANSLATION_LIMIT), FINAL_SIGMA_S)
    size = settings.head_motion
    return (size * limited).astype(np.float32), (size * translation).astype(np.float32)


def _soft_limit(curves: FloatArray, limits: tuple[float, ...]) -> FloatArray:
    bound = np.asarray(limits)
    return bound * np.tanh(curves / bound)


def _alive(plan: SongPlan, felt: Feeling, settings: SingingSettings, speaks: bool) -> FloatArray:
    """(N, 3) degrees of slow chance: nobody holds still; nearly so where the music rests."""
    resting = PAUSING_DRIFT if speaks else RESTING_DRIFT
    awake = resting + (1.0 - resting) * smooth(plan.sounding, 0.4)
    slow = drift(stream(settings.seed, "head drift"), plan.count, DRIFT_SIGMA_S, 3) * np.asarray(DRIFT_DEG)
    if len(plan.rhythm.beats_s) < 4:
        free = drift(stream(settings.seed, "free sway"), plan.count, FREE_SIGMA_S, 3) * np.asarray(FREE_DEG)
        slow = slow + free * (plan.energy * (0.5 + 0.5 * felt.intensity))[:, None]
    return slow * awake[:, None]


def _translation(song: SongAnalysis, felt: Feeling, beat: Groove, rotation: FloatArray, settings: SingingSettings) -> FloatArray:
    """(N, 3) face widths: the body goes along with the head's tilt and turn, bounces, breathes, leans in with feeling.

    A head that tips to a side stands over a body that shifts to that side; one that nods comes down and forward.
    """
    plan = song.plan
    effort = ramp(smooth(song.activity.loudness, 0.25), 0.2, 1.0)
    slow = drift(stream(settings.seed, "body drift"), plan.count, 1.6, 3) * (0.3 + 0.7 * smooth(plan.sounding, 0.5))[:, None]
    nod, sway = beat.rotation_deg[:, 1], beat.rotation_deg[:, 2]
    side = 0.0016 * rotation[:, 0] + 0.0026 * rotation[:, 2] + 0.0030 * sway + 0.004 * slow[:, 0]
    chest = -0.016 * smooth(plan.breath, 0.14) + 0.006 * effort
    height = chest - 0.0022 * nod + beat.bounce + 0.002 * slow[:, 1]
    depth = -0.018 * smooth(felt.intensity, 0.6) + 0.0012 * nod + 0.006 * slow[:, 2]
    return np.stack([side, height, depth], axis=1)
