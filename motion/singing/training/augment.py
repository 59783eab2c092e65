"""Other voices from one: pitch, formants, speed, singing and held vowels, with the truth of the lips kept in step.

The voice is taken apart by WORLD (Morise, Yokomori & Ozawa, "WORLD: a vocoder-based high-quality speech synthesis system for
real-time applications", 2016) every 5 ms into pitch, spectral envelope and aperiodicity. Each part is changed on its own, every
output frame is read from a known moment of the source, and the sound is made anew: so what the lips did is known for it too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from motion.singing.training.dataset import SAMPLE_RATE_HZ, Piece

FRAME_S = 0.005
LOWEST_F0_HZ, HIGHEST_F0_HZ = 60.0, 1000.0
#: Sung notes: how long, how far from the voice's own pitch, vibrato's rate and depth.
NOTE_S = (0.25, 1.2)
NOTE_SEMITONES = (-5.0, 19.0)
VIBRATO_HZ, VIBRATO_SEMITONES = (4.5, 6.8), (0.0, 1.2)
#: Held vowels: how many a clip, how long; around a held moment the source is read back and forth so far.
HELD_VOWELS, HELD_S, HELD_WANDER_S = (1, 3), (0.3, 1.6), 0.012
#: A vowel is where the voiced sound is within so many dB of the clip's loudest.
VOWEL_RANGE_DB = 12.0


@dataclass(frozen=True)
class WorldVoice:
    """A clip taken apart: f0_hz (T,), 0 where unvoiced; envelope and aperiodicity (T, F), one row every `FRAME_S`."""

    f0_hz: np.ndarray
    envelope: np.ndarray
    aperiodicity: np.ndarray


@dataclass(frozen=True)
class VoiceChange:
    """What becomes of a voice. Ratios multiply; 1 leaves as it is.

    pitch_ratio: of f0. formant_ratio: over 1 is a shorter throat: a woman's, a child's. speed: over 1 is faster.
    sung: the tune is replaced by notes with vibrato. held: vowels are held long. breathiness: voiced sound made noisy, 0 to 1
    (a whisper).
    """

    pitch_ratio: float = 1.0
    formant_ratio: float = 1.0
    speed: float = 1.0
    sung: bool = False
    held: bool = False
    breathiness: float = 0.0


#: Voices that are only tested on, far from the speaker (a man of about 110 Hz): deep bass, woman, child.
FAR_VOICES = {
    "deep bass": VoiceChange(pitch_ratio=0.65, formant_ratio=0.85),
    "woman": VoiceChange(pitch_ratio=1.8, formant_ratio=1.18),
    "child": VoiceChange(pitch_ratio=2.6, formant_ratio=1.36),
}


def analyse_voice(sound: FloatArray) -> WorldVoice:
    """WORLD's analysis of a clip (n,) float32 at `SAMPLE_RATE_HZ`."""
    import pyworld

    signal = sound.astype(np.float64)
    rough, times_s = pyworld.dio(signal, SAMPLE_RATE_HZ, f0_floor=65.0, f0_ceil=400.0, frame_period=1000.0 * FRAME_S)
    f0_hz = pyworld.stonemask(signal, rough, times_s, SAMPLE_RATE_HZ)
    envelope = pyworld.cheaptrick(signal, f0_hz, times_s, SAMPLE_RATE_HZ)
    return WorldVoice(f0_hz, envelope, pyworld.d4c(signal, f0_hz, times_s, SAMPLE_RATE_HZ))


def draw_change(generator: np.random.Generator) -> VoiceChange:
    """A voice by chance: any sex and age, spoken or sung, slow or quick, sometimes whispered."""
    size = generator.uniform(-1.0, 1.0)  # from large to small speakers: throat and pitch go together, not strictly
    sung = generator.random() < 0.4
    return VoiceChange(
        pitch_ratio=float(2.0 ** (0.35 + 0.9 * size + generator.normal(0.0, 0.25))),
        formant_ratio=float(np.clip(2.0 ** (0.06 + 0.28 * size + generator.normal(0.0, 0.08)), 0.78, 1.42)),
        speed=float(2.0 ** generator.uniform(-0.45, 0.5)),
        sung=sung,
        held=sung or generator.random() < 0.15,
        breathiness=float(generator.choice([0.0, 0.0, 0.0, 0.3, 1.0])) if not sung else 0.0,
    )


def changed_voice(clip: int, voice: WorldVoice, change: VoiceChange, generator: np.random.Generator) -> Piece:
    """The clip `clip` sung or spoken in another way; the piece knows from when in the clip each of its moments comes."""
    import pyworld

    source = _reading(voice, change, generator)
    rows = np.clip(np.round(source).astype(np.int64), 0, len(voice.f0_hz) - 1)
    f0_hz = voice.f0_hz[rows]
    if change.sung:
        f0_hz = _tune(f0_hz, generator)
    f0_hz = np.where(f0_hz > 0.0, np.clip(f0_hz * change.pitch_ratio, LOWEST_F0_HZ, HIGHEST_F0_HZ), 0.0)
    envelope = _warped(voice.envelope, change.formant_ratio)[rows]
    aperiodicity = np.clip(voice.aperiodicity[rows] + change.breathiness, 0.0, 1.0)
    if change.breathiness >= 1.0:
        f0_hz = np.zeros_like(f0_hz)
    sound = pyworld.synthesize(
        np.ascontiguousarray(f0_hz),
        np.ascontiguousarray(envelope),
        np.ascontiguousarray(aperiodicity),
        SAMPLE_RATE_HZ,
        1000.0 * FRAME_S,
    )
    return Piece(clip, sound.astype(np.float32), source * FRAME_S, FRAME_S)


def _reading(voice: WorldVoice, change: VoiceChange, generator: np.random.Generator) -> np.ndarray:
    """(T',) from which frame of the source each output frame is read: at another speed, and lingering on held vowels."""
    frames = len(voice.f0_hz)
    steps = [np.arange(0.0, frames - 1.0, change.speed)]
    if change.held:
        level_db = 10.0 * np.log10(voice.envelope.mean(axis=1) + 1e-12)
        vowels = np.flatnonzero((voice.f0_hz > 0.0) & (level_db > level_db.max() - VOWEL_RANGE_DB))
        count = min(len(vowels), int(generator.integers(HELD_VOWELS[0], HELD_VOWELS[1] + 1)))
        for place in sorted(generator.choice(vowels, count, replace=False) if count else [], reverse=True):
            length = round(generator.uniform(*HELD_S) / FRAME_S)
            phase = np.cumsum(generator.uniform(0.1, 0.5, length))
            linger = place + HELD_WANDER_S / FRAME_S * np.sin(phase)
            line = steps[0]
            cut = int(np.searchsorted(line, place))
            steps[0] = np.concatenate([line[:cut], linger, line[cut:]])
    return np.clip(steps[0], 0.0, frames - 1.0)


def _tune(f0_hz: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """(T,) the voiced frames on notes with vibrato, gliding from note to note; unvoiced frames stay 0."""
    voiced = f0_hz > 0.0
    if not voiced.any():
        return f0_hz
    semitones = np.empty(len(f0_hz))
    at = 0
    while at < len(f0_hz):
        length = round(generator.uniform(*NOTE_S) / FRAME_S)
        semitones[at : at + length] = round(generator.uniform(*NOTE_SEMITONES))
        at += length
    glide = np.ones(13) / 13.0
    semitones = np.convolve(np.pad(semitones, 6, mode="edge"), glide, mode="valid")
    time_s = np.arange(len(f0_hz)) * FRAME_S
    vibrato = generator.uniform(*VIBRATO_SEMITONES) * np.sin(2.0 * np.pi * generator.uniform(*VIBRATO_HZ) * time_s)
    return np.where(voiced, np.median(f0_hz[voiced]) * 2.0 ** ((semitones + vibrato) / 12.0), 0.0)


def _warped(envelope: np.ndarray, ratio: float) -> np.ndarray:
    """(T, F) envelopes with every formant at `ratio` times its frequency; above the source's band the last value goes on."""
    if ratio == 1.0:
        return envelope
    bins = envelope.shape[1]
    place = np.minimum(np.arange(bins) / ratio, bins - 1.0)
    low = np.minimum(place.astype(np.int64), bins - 2)
    part = place - low
    warped: np.ndarray = envelope[:, low] * (1.0 - part) + envelope[:, low + 1] * part
    return warped
