"""Which notes sound in the mix: the harmonic pitch class profile of Gómez ("Tonal description of polyphonic audio", 2006)."""

from __future__ import annotations

import numpy as np
from scipy import fft

from core.contracts import FloatArray
from motion.singing.analysis.framing import ANALYSIS_RATE_HZ, FEATURE_RATE_HZ

#: A quarter of a second tells the semitones apart from about 130 Hz on.
WINDOW_SAMPLES = 4096
#: One frame of notes in this many feature frames: ten a second.
CHROMA_STEP = FEATURE_RATE_HZ // 10
PITCH_CLASSES = 12
#: Three bins a semitone, so that a song that is tuned off 440 Hz can be set right once all of it is heard.
BINS_PER_CLASS = 3
PITCH_BINS = PITCH_CLASSES * BINS_PER_CLASS
LOWEST_HZ, HIGHEST_HZ = 130.0, 2100.0
#: A partial further than this under the strongest of its moment is not counted.
RANGE_DB = 40.0


def chroma_frames(count: int) -> int:
    """Number of chroma frames in `count` feature frames."""
    return (count + CHROMA_STEP - 1) // CHROMA_STEP


def chroma(frames: FloatArray) -> FloatArray:
    """(n, PITCH_BINS) strength of the spectral peaks by their pitch within the octave, bin 1 is a C in tune to 440 Hz.

    frames: (n, WINDOW_SAMPLES) at `ANALYSIS_RATE_HZ`. Each row sums to the root of the peaks' power, re full scale; 0 in silence.
    """
    spectrum = np.abs(fft.rfft(frames * np.hanning(WINDOW_SAMPLES).astype(np.float32), axis=1)) * (4.0 / WINDOW_SAMPLES)
    bin_hz = ANALYSIS_RATE_HZ / WINDOW_SAMPLES
    low, high = int(LOWEST_HZ / bin_hz), int(HIGHEST_HZ / bin_hz)
    before, here, after = (spectrum[:, low + shift : high + shift] for shift in (-1, 0, 1))
    loudest = here.max(axis=1, keepdims=True)
    is_peak = (here > before) & (here >= after) & (here > loudest * 10.0 ** (-RANGE_DB / 20.0)) & (here > 1e-5)
    row, column = np.nonzero(is_peak)
    left, middle, right = (np.log(np.maximum(part[row, column], 1e-9)) for part in (before, here, after))
    bend = left - 2.0 * middle + right
    shift = np.where(bend < -1e-6, 0.5 * (left - right) / np.minimum(bend, -1e-6), 0.0)
    frequency_hz = (low + column + np.clip(shift, -0.5, 0.5)) * bin_hz
    # MIDI note 60 is a C: its middle is bin 1 of 0, 1, 2.
    place = (12.0 * np.log2(frequency_hz / 440.0) + 69.0) * BINS_PER_CLASS + 1.0
    lower = np.floor(place).astype(np.int64)
    part = place - lower
    strength = np.sqrt(np.exp(middle))
    result = np.zeros((len(frames), PITCH_BINS), dtype=np.float32)
    np.add.at(result, (row, lower % PITCH_BINS), strength * (1.0 - part))
    np.add.at(result, (row, (lower + 1) % PITCH_BINS), strength * part)
    return result


def tuned(notes: FloatArray) -> FloatArray:
    """(n, PITCH_CLASSES), C first, from a song's whole chroma (n, PITCH_BINS), with its tuning set right.

    The tuning is the mean place within the semitone over the song, a mean on the circle.
    """
    total = notes.sum(axis=0)
    turn = np.exp(2j * np.pi * (np.arange(PITCH_BINS) - 1) / BINS_PER_CLASS)
    offset_bins = float(np.angle((total * turn).sum()) / (2.0 * np.pi) * BINS_PER_CLASS) if total.sum() > 0 else 0.0
    place = np.arange(PITCH_BINS) - 1 - offset_bins
    classes = np.zeros((len(notes), PITCH_CLASSES), dtype=np.float32)
    for column in range(PITCH_BINS):
        nearest = round(place[column] / BINS_PER_CLASS)
        # The further from the middle of its semitone, the less a bin says of it.
        weight = np.cos(np.pi * (place[column] / BINS_PER_CLASS - nearest)) ** 2
        classes[:, nearest % PITCH_CLASSES] += weight * notes[:, column]
    return classes
