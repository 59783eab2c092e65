"""A plain voice made emotional, more at one moment and less at the next, by a strength that is drawn.

The voice is taken apart by WORLD (`motion.singing.training.augment`) and said anew with another pitch and pace; level and
brightness follow. Which way each style goes is what listeners and speakers agree on: joy and anger are loud, high, bright and
quick, anger with the hardest voice, sadness is soft, low, dull and slow, surprise leaps (Banse & Scherer, "Acoustic profiles in
vocal emotion expression", 1996; Juslin & Laukka, "Communication of emotions in vocal expression and music performance", 2003).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfiltfilt

from core.contracts import FloatArray
from core.easing import smooth_step
from motion.singing.training.augment import FRAME_S, SAMPLE_RATE_HZ, WorldVoice

Range = tuple[float, float]

#: Strength goes from a low to a high value and back every so many seconds; both are drawn within these.
SWING_S, CALM, STRONG = (1.3, 3.2), (0.0, 0.25), (0.75, 1.0)
#: A leap of surprise rises in, lasts, and fades in so many seconds.
LEAP_RISE_S, LEAP_HOLD_S, LEAP_FADE_S = 0.08, (0.5, 1.2), 0.45
#: Above this, sound is bright.
TILT_HZ = 500.0
#: The loudest sample of a take, and a room's noise under it, in dB re full scale.
PEAK, ROOM_DB = 0.7, -62.0


@dataclass(frozen=True)
class Prosody:
    """What a voice does without and with all its strength: (calm, strong), straight lines between.

    gain_db: level. semitones: pitch against the plain voice. widening: factor of the pitch's own movement about its median.
    speed: factor of the pace. tilt_db: level above `TILT_HZ` against that below. leaps: strength leaps up instead of swaying.
    """

    gain_db: Range
    semitones: Range
    widening: Range
    speed: Range
    tilt_db: Range
    leaps: bool = False


PROSODIES: dict[str, Prosody] = {
    "neutral": Prosody((-4.0, 4.0), (-0.4, 0.6), (0.8, 1.0), (0.98, 1.02), (-1.0, 1.0)),
    "angry": Prosody((-10.0, 8.0), (-1.0, 3.0), (0.9, 1.3), (1.0, 1.22), (-2.0, 9.0)),
    "happy": Prosody((-9.0, 7.0), (0.0, 5.0), (1.0, 1.4), (0.98, 1.15), (-2.0, 5.0)),
    "sad": Prosody((-10.0, 4.0), (-4.0, -0.5), (0.35, 0.7), (0.88, 0.76), (-9.0, -4.0)),
    "surprised": Prosody((-9.0, 7.0), (-1.0, 7.0), (0.8, 1.4), (1.05, 0.95), (-3.0, 5.0), leaps=True),
}


def drawn_strength(count: int, leaps: bool, generator: np.random.Generator) -> FloatArray:
    """(count,) in [0, 1], one value every `FRAME_S`: swaying between calm and strong, or calm with leaps."""
    strength = _leaping(count, generator) if leaps else _swaying(count, generator)
    return np.clip(strength, 0.0, 1.0).astype(np.float32)


def _swaying(count: int, generator: np.random.Generator) -> FloatArray:
    places, values = [0.0], []
    high = bool(generator.random() < 0.5)
    while places[-1] < count:
        values.append(generator.uniform(*(STRONG if high else CALM)))
        places.append(places[-1] + generator.uniform(*SWING_S) / FRAME_S)
        high = not high
    values.append(generator.uniform(*(STRONG if high else CALM)))
    row = np.arange(count)
    step = np.searchsorted(places, row, side="right") - 1
    part = (row - np.asarray(places)[step]) / np.diff(places)[step]
    first, last = np.asarray(values)[step], np.asarray(values)[step + 1]
    return np.asarray(first + (last - first) * smooth_step(part, 0.0, 1.0))


def _leaping(count: int, generator: np.random.Generator) -> FloatArray:
    strength = np.full(count, generator.uniform(*CALM) * 0.6)
    time_s = np.arange(count) * FRAME_S
    at_s = generator.uniform(0.2, SWING_S[1])
    while at_s < count * FRAME_S:
        hold_s, height = generator.uniform(*LEAP_HOLD_S), generator.uniform(*STRONG)
        up = smooth_step(time_s, at_s - LEAP_RISE_S, at_s)
        down = 1.0 - smooth_step(time_s, at_s + hold_s, at_s + hold_s + LEAP_FADE_S)
        strength = np.maximum(strength, height * up * down)
        at_s += hold_s + LEAP_FADE_S + generator.uniform(*SWING_S)
    return strength


def emotional(voice: WorldVoice, prosody: Prosody, generator: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """The voice said with feeling: sound (n,) float32 at 16 kHz, and the drawn strength (T,), one value every `FRAME_S`."""
    import pyworld

    frames = len(voice.f0_hz)
    slowest = min(prosody.speed)
    strength = drawn_strength(int(frames / slowest) + 2, prosody.leaps, generator)
    source = np.concatenate([[0.0], np.cumsum(between(prosody.speed, strength))])
    source = source[source < frames - 1.0]
    strength = strength[: len(source)]
    rows = np.round(source).astype(np.int64)
    f0_hz = _pitch(voice.f0_hz, rows, prosody, strength)
    parts = (np.ascontiguousarray(part[rows]) for part in (voice.envelope, voice.aperiodicity))
    sound = pyworld.synthesize(f0_hz, *parts, SAMPLE_RATE_HZ, 1000.0 * FRAME_S)
    return coloured(sound, prosody, strength, generator), strength


def between(ends: Range, strength: FloatArray) -> FloatArray:
    """(T,) the value that each strength has between the calm and the strong end."""
    return np.asarray(ends[0] + (ends[1] - ends[0]) * strength)


def _pitch(f0_hz: np.ndarray, rows: np.ndarray, prosody: Prosody, strength: FloatArray) -> np.ndarray:
    """(T,) Hz, 0 where unvoiced."""
    voiced = f0_hz > 0.0
    if not voiced.any():
        return np.zeros(len(rows))
    middle_hz = float(np.median(f0_hz[voiced]))
    own = 12.0 * np.log2(np.where(voiced, f0_hz, middle_hz) / middle_hz)[rows]
    semitones = own * between(prosody.widening, strength) + between(prosody.semitones, strength)
    return np.where(voiced[rows], np.clip(middle_hz * 2.0 ** (semitones / 12.0), 60.0, 900.0), 0.0)


def coloured(sound: np.ndarray, prosody: Prosody, strength: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Level and brightness that follow the strength, the take's peak at `PEAK`, and a room's noise."""
    place = np.arange(len(sound)) / (FRAME_S * SAMPLE_RATE_HZ)
    now = np.interp(place, np.arange(len(strength)), strength)
    dull = sosfiltfilt(butter(2, TILT_HZ, fs=SAMPLE_RATE_HZ, output="sos"), sound)
    bright = (sound - dull) * 10.0 ** (between(prosody.tilt_db, now) / 20.0)
    loud = (dull + bright) * 10.0 ** (between(prosody.gain_db, now) / 20.0)
    loud *= PEAK / max(float(np.abs(loud).max()), 1e-9)
    return (loud + 10.0 ** (ROOM_DB / 20.0) * generator.standard_normal(len(loud))).astype(np.float32)
