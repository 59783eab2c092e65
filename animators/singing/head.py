"""Head and shoulders: locked to the beat, led by phrases, never twice the same."""

from __future__ import annotations

import numpy as np

from animators.singing.articulation import Articulation
from animators.singing.chance import drift, steps, stream
from animators.singing.feeling import Feeling
from animators.singing.framing import FEATURE_RATE_HZ
from animators.singing.settings import SingingSettings
from animators.singing.smoothing import ramp, smooth
from animators.singing.song_analysis import SongAnalysis
from pipeline.contracts import FloatArray

#: Farthest yaw, pitch, roll in degrees and shift in face widths at head_motion 1.
ROTATION_LIMIT_DEG = (9.0, 7.0, 5.0)
TRANSLATION_LIMIT = (0.05, 0.05, 0.05)
#: Size of each movement at full energy, in degrees.
NOD_DEG, SWAY_ROLL_DEG, SWAY_YAW_DEG = 3.7, 2.8, 2.2
#: What is left of them in the softest music.
QUIET_GROOVE = 0.4
#: Spread of slow chance and of the poses that phrases take, in degrees of yaw, pitch, roll.
DRIFT_DEG = (1.5, 0.8, 0.7)
POSE_DEG = (4.2, 1.6, 1.9)
#: The nod's down-stroke is sharper than its return: concentration of the von Mises bump at the beat.
NOD_SHARPNESS = 1.3
#: A head does not nod faster than this; above that it takes every second beat.
SHORTEST_NOD_S = 0.42
#: Each beat is met this exactly, and struck this unevenly.
BEAT_JITTER_S, BEAT_UNEVENNESS = 0.012, 0.22
#: Ways of taking part in the beat, changing every bar or two: weights of nod, slow nod, roll sway and yaw sway.
GROOVES: tuple[tuple[float, float, float, float], ...] = (
    (1.0, 0.0, 0.3, 0.3),
    (0.35, 0.8, 0.6, 0.2),
    (0.25, 0.3, 1.0, 0.5),
    (0.6, 0.3, 0.2, 1.0),
    (0.3, 0.2, 0.4, 0.3),
)
#: Nothing faster than this is left in the head.
FINAL_SIGMA_S = 0.055


def head_motion(
    song: SongAnalysis, voice: Articulation, felt: Feeling, settings: SingingSettings
) -> tuple[FloatArray, FloatArray]:
    """Rotation (N, 3) yaw, pitch, roll in degrees and translation (N, 3) in face widths, at `FEATURE_RATE_HZ`.

    Within `ROTATION_LIMIT_DEG` and `TRANSLATION_LIMIT` times `settings.head_motion`.
    """
    groove = _groove(song, felt, settings)
    rotation = groove + _poses(song, felt, settings) + _voice_led(voice, felt)
    slow = drift(stream(settings.seed, "head drift"), song.count, 1.1, 3)
    rotation = rotation + slow * np.asarray(DRIFT_DEG) * (0.45 + 0.55 * felt.energy[:, None])
    limited = smooth(_soft_limit(rotation, ROTATION_LIMIT_DEG), FINAL_SIGMA_S)
    translation = smooth(_soft_limit(_translation(voice, felt, limited, groove, settings), TRANSLATION_LIMIT), FINAL_SIGMA_S)
    size = settings.head_motion
    return (size * limited).astype(np.float32), (size * translation).astype(np.float32)


def _soft_limit(curves: FloatArray, limits: tuple[float, ...]) -> FloatArray:
    bound = np.asarray(limits)
    return bound * np.tanh(curves / bound)


def beat_phase(song: SongAnalysis, generator: np.random.Generator) -> tuple[FloatArray, np.ndarray]:
    """Phase (N,) that passes the whole number k at beat k, a little unevenly, and these numbers; a down-beat has number 0.

    The phase runs on at the mean tempo before the first and after the last beat.
    """
    beats_s = song.rhythm.beats_s
    period_s = float(np.median(np.diff(beats_s)))
    before = int(np.ceil(beats_s[0] / period_s)) + 1
    end_s = song.count / FEATURE_RATE_HZ
    after = max(1, int(np.ceil((end_s - beats_s[-1]) / period_s)) + 1)
    met = beats_s + np.clip(generator.normal(0.0, BEAT_JITTER_S, len(beats_s)), -0.03, 0.03)
    times_s = np.concatenate([met[0] - period_s * np.arange(before, 0, -1), met, met[-1] + period_s * np.arange(1, after + 1)])
    first_down = int(np.argmax(song.rhythm.downbeat))
    numbers = np.arange(len(times_s)) - before - first_down
    return np.interp(np.arange(song.count) / FEATURE_RATE_HZ, times_s, numbers).astype(np.float32), numbers


def _groove(song: SongAnalysis, felt: Feeling, settings: SingingSettings) -> FloatArray:
    """(N, 3) degrees of what the beat does: nods that are lowest on the beat, roll from beat to beat, yaw from bar to bar."""
    generator = stream(settings.seed, "groove")
    if len(song.rhythm.beats_s) < 4:
        return np.zeros((song.count, 3), dtype=np.float32)
    phase, numbers = beat_phase(song, generator)
    period_s = float(np.median(np.diff(song.rhythm.beats_s)))
    pace = 1.0 if period_s >= SHORTEST_NOD_S else 2.0
    strike = np.clip(1.0 + BEAT_UNEVENNESS * generator.standard_normal(len(numbers)), 0.4, 1.6)
    strike = strike * np.where(numbers % 4 == 0, 1.2, np.where(numbers % 2 == 0, 1.05, 0.9))
    stroke = np.interp(phase, numbers, strike)
    weights = _groove_weights(song.count, period_s, generator)
    size = felt.sounding * (QUIET_GROOVE + (1.0 - QUIET_GROOVE) * felt.energy) * stroke * (0.8 + 0.3 * felt.intensity)
    nod = _bump(phase / pace) * weights[:, 0] + 1.15 * _bump(phase / (2.0 * pace)) * weights[:, 1]
    wander = 0.5 * drift(generator, song.count, 4.0)[:, 0]
    roll = np.cos(np.pi * phase / pace) * weights[:, 2]
    yaw = np.sin(0.5 * np.pi * phase / pace + wander) * weights[:, 3]
    return size[:, None] * np.stack([SWAY_YAW_DEG * yaw, -NOD_DEG * nod, SWAY_ROLL_DEG * roll], axis=1)


def _bump(phase: FloatArray) -> FloatArray:
    """About -0.5 between whole numbers and 1 at them, of mean 0."""
    bump = np.exp(NOD_SHARPNESS * (np.cos(2.0 * np.pi * phase) - 1.0))
    return 1.4 * (bump - np.i0(NOD_SHARPNESS) * np.exp(-NOD_SHARPNESS))


def _groove_weights(count: int, period_s: float, generator: np.random.Generator) -> FloatArray:
    """(N, 4) weights of `GROOVES`, another one every one to four bars, softly, none twice running."""
    bars = generator.integers(1, 5, size=int(count / FEATURE_RATE_HZ / (4.0 * period_s)) + 2)
    changes_s = np.concatenate([[0.0], np.cumsum(bars) * 4.0 * period_s])
    hops = generator.integers(1, len(GROOVES), size=len(changes_s))
    chosen = np.cumsum(hops) % len(GROOVES)
    uneven = generator.uniform(0.7, 1.3, (len(changes_s), 4))
    return steps(count, changes_s, np.asarray(GROOVES)[chosen] * uneven, 0.35)


def _poses(song: SongAnalysis, felt: Feeling, settings: SingingSettings) -> FloatArray:
    """(N, 3) degrees: every phrase and every section takes a pose of its own, and long rests and interludes wander on."""
    generator = stream(settings.seed, "poses")
    end_s = song.count / FEATURE_RATE_HZ
    wander = np.cumsum(generator.uniform(3.5, 8.0, int(end_s / 3.5) + 1))
    starts = np.concatenate([[0.0], song.activity.phrases_s[:, 0] - 0.25, song.rhythm.sections_s[1:], wander])
    changes_s = np.sort(starts[starts < end_s])
    keep = np.concatenate([[True], np.diff(changes_s) > 0.0])
    changes_s = np.maximum.accumulate(changes_s[keep])
    targets = np.clip(generator.normal(0.0, 1.0, (len(changes_s), 3)), -1.8, 1.8) * np.asarray(POSE_DEG)
    # A change soon after another would twitch: it keeps the pose before it.
    last_s = -np.inf
    for index, change_s in enumerate(changes_s):
        if change_s - last_s < 1.6 and index > 0:
            targets[index] = targets[index - 1]
        else:
            last_s = change_s
    calm = 0.5 + 0.5 * smooth(felt.energy, 0.5)
    return steps(song.count, changes_s, targets, 0.38) * calm[:, None]


def _voice_led(voice: Articulation, felt: Feeling) -> FloatArray:
    """(N, 3) degrees: the chin rises with high notes and with the breath, and dips on stressed syllables."""
    pitch = 2.2 * smooth(voice.high, 0.22) + 1.3 * smooth(voice.breath, 0.12) - 0.9 * smooth(felt.stress, 0.1)
    pitch = pitch + 1.2 * smooth(felt.eyes_closed, 0.3)
    nothing = np.zeros_like(pitch)
    return np.stack([nothing, pitch, nothing], axis=1)


def _translation(
    voice: Articulation, felt: Feeling, rotation: FloatArray, groove: FloatArray, settings: SingingSettings
) -> FloatArray:
    """(N, 3) face widths: the neck gives a little against turn and tilt, the chest rises with the breath, feeling leans in."""
    slow = drift(stream(settings.seed, "body drift"), len(rotation), 1.6, 3)
    side = 0.0016 * rotation[:, 0] + 0.0032 * rotation[:, 2] + 0.006 * slow[:, 0]
    chest = -0.016 * smooth(voice.breath, 0.14) + 0.006 * ramp(voice.effort, 0.2, 1.0)
    height = chest - 0.0022 * groove[:, 1] + 0.003 * slow[:, 1]
    depth = -0.018 * smooth(felt.intensity, 0.6) + 0.009 * slow[:, 2]
    return np.stack([side, height, depth], axis=1)
