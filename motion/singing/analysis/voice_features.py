"""What the ear hears in the voice, a hundred times a second: levels, pitch, vowel; one pass over voice and mix together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from scipy import fft

from core.contracts import FloatArray
from motion.singing.analysis import pitch, vowels
from motion.singing.analysis.framing import ANALYSIS_RATE_HZ, frame_batches
from motion.singing.analysis.spoken import SpokenVoice
from motion.singing.analysis.sung_pitch import SungPitch

#: Short enough to see the lips close, long enough for one period of a bass.
LEVEL_WINDOW_SAMPLES = 400
LEVEL_FFT_SAMPLES = 512
#: What a level says of silence.
FLOOR_DB = -100.0
#: From here on a frame is a tone whose harmonics can be read.
CLEAR_PERIODICITY = 0.6
#: Vowels are read down to this far under the loud notes.
TOLD_RANGE_DB = 30.0
#: Bands in Hz: the voice as a whole, the murmur behind closed lips, the vowel, the hiss.
BANDS_HZ: dict[str, tuple[float, float]] = {
    "voice": (120.0, 5000.0),
    "murmur": (80.0, 450.0),
    "vowel": (550.0, 3200.0),
    "hiss": (4000.0, 7900.0),
}


@dataclass(frozen=True)
class VoiceFeatures:
    """Curves (N,) float32 at `FEATURE_RATE_HZ`; value k belongs to the time k / FEATURE_RATE_HZ.

    loudness_db, murmur_db, vowel_db, hiss_db: level of the voice in the bands of `BANDS_HZ`, dB re full scale; `loudness_db` is
        weighted as the ear weighs. mix_db: level of the mix in the band and weighting of `loudness_db`.
    f0_hz, periodicity: see `pitch.pitch`.
    openness in [0, 1], spread in [-1, 1]: see `vowels.vowel_axes`; both 0 where no vowel could be read.
    sung_hz, sung_confidence: the notes, see `sung_pitch.SungPitch`.
    spoken: probability in [0, 1] that somebody is heard, with a tone or without, see `spoken.SpokenVoice`.
    """

    loudness_db: FloatArray
    murmur_db: FloatArray
    vowel_db: FloatArray
    hiss_db: FloatArray
    mix_db: FloatArray
    f0_hz: FloatArray
    periodicity: FloatArray
    openness: FloatArray
    spread: FloatArray
    sung_hz: FloatArray
    sung_confidence: FloatArray
    spoken: FloatArray


def ear_weights() -> FloatArray:
    """(LEVEL_FFT_SAMPLES // 2 + 1,) power weights within the voice band: the A curve of IEC 61672."""
    frequency = np.fft.rfftfreq(LEVEL_FFT_SAMPLES, 1.0 / ANALYSIS_RATE_HZ)
    square = np.square(frequency)
    gain = (12194.0**2 * square**2) / (
        (square + 20.6**2) * (square + 12194.0**2) * np.sqrt((square + 107.7**2) * (square + 737.9**2))
    )
    low, high = BANDS_HZ["voice"]
    return np.where((frequency >= low) & (frequency <= high), np.square(1.2589 * gain), 0.0).astype(np.float32)


def band_levels(frames: FloatArray, weights: FloatArray) -> FloatArray:
    """(n, rows of `weights`) levels in dB re full scale of frames (n, LEVEL_WINDOW_SAMPLES)."""
    window = np.hanning(LEVEL_WINDOW_SAMPLES).astype(np.float32)
    spectrum = fft.rfft(frames * window, LEVEL_FFT_SAMPLES, axis=1)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    scale = 2.0 / (LEVEL_FFT_SAMPLES * np.square(window).sum())
    return (10.0 * np.log10(power @ weights.T * scale + 10.0 ** (FLOOR_DB / 10.0))).astype(np.float32)


def _band_weights() -> FloatArray:
    frequency = np.fft.rfftfreq(LEVEL_FFT_SAMPLES, 1.0 / ANALYSIS_RATE_HZ)
    rows = [ear_weights()]
    for name in ("murmur", "vowel", "hiss"):
        low, high = BANDS_HZ[name]
        rows.append(((frequency >= low) & (frequency <= high)).astype(np.float32))
    return np.asarray(rows, dtype=np.float32)


def centre(frames: FloatArray, window_samples: int) -> FloatArray:
    """The middle `window_samples` of frames (n, more)."""
    start = (frames.shape[1] - window_samples) // 2
    return frames[:, start : start + window_samples]


def voice_features(voice: Iterable[FloatArray], mix_db: FloatArray, report: Callable[[int], None]) -> VoiceFeatures:
    """Features of the voice, as many frames as `mix_db` holds.

    voice: blocks of mono sound at `ANALYSIS_RATE_HZ`; mix_db: (N,) from the mix's own pass; `report` hears the frames done.
    Raises MissingError where the weights of the voice detector can't be had.
    """
    count = len(mix_db)
    levels = np.empty((count, 4), dtype=np.float32)
    f0_hz, periodicity = np.empty((2, count), dtype=np.float32)
    harmonics = []
    weights = _band_weights()
    sung, spoken = SungPitch(), SpokenVoice()
    done = 0
    for frames in frame_batches(spoken.listening(sung.listening(voice)), vowels.WINDOW_SAMPLES, count):
        here = slice(done, done + len(frames))
        levels[here] = band_levels(centre(frames, LEVEL_WINDOW_SAMPLES), weights)
        f0_hz[here], periodicity[here] = pitch.pitch(centre(frames, pitch.WINDOW_SAMPLES))
        clear = periodicity[here] > CLEAR_PERIODICITY
        harmonics.append(vowels.harmonic_levels(frames[clear], f0_hz[here][clear]))
        done += len(frames)
        report(done)
    openness, spread = _vowels(np.concatenate(harmonics), f0_hz, periodicity > CLEAR_PERIODICITY, levels[:, 0])
    loudness_db, murmur_db, vowel_db, hiss_db = np.ascontiguousarray(levels.T)
    told = (openness, spread, *sung.curves(count), spoken.curve(count))
    return VoiceFeatures(loudness_db, murmur_db, vowel_db, hiss_db, mix_db, f0_hz, periodicity, *told)


def _vowels(
    harmonics: np.ndarray, f0_hz: FloatArray, clear: np.ndarray, loudness_db: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Openness and spread (N,) from the harmonics of the clear frames; the loud ones among them tell, the others are 0."""
    openness, spread = np.zeros((2, len(f0_hz)), dtype=np.float32)
    if clear.any():
        told = loudness_db[clear] > np.percentile(loudness_db[clear], 90) - TOLD_RANGE_DB
        where = np.flatnonzero(clear)[told]
        openness[where], spread[where] = vowels.vowel_axes(harmonics[told], f0_hz[where])
    return openness, spread
