"""What the body hears in the mix, a hundred times a second: loudness, onsets, bass onsets; and more slowly, timbre and notes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import tee

import numpy as np
from scipy import fft

from core.contracts import FloatArray
from motion.singing.analysis.chroma import CHROMA_STEP, PITCH_BINS, chroma, chroma_frames
from motion.singing.analysis.chroma import WINDOW_SAMPLES as CHROMA_WINDOW_SAMPLES
from motion.singing.analysis.framing import ANALYSIS_RATE_HZ, FEATURE_RATE_HZ, frame_batches
from motion.singing.analysis.voice_features import LEVEL_WINDOW_SAMPLES, band_levels, centre, ear_weights

WINDOW_SAMPLES = 1024
MEL_BANDS = 32
#: Bands up to about 200 Hz: the kick and the bass, which carry the down-beats.
BASS_BANDS = 4
#: Onsets are rises of a band against its highest neighbour this many frames ago (Böck & Widmer, "SuperFlux", 2013): no vibrato.
FLUX_LAG_FRAMES = 2
#: Amplitude of the voice that is left when the body listens for the beat and the chords: a singer moves with the band, not with
#: the own syllables; but to singing alone where nothing else is to be heard.
VOICE_LEFT = 0.1
#: One frame of timbre is kept in this many.
TIMBRE_STEP = FEATURE_RATE_HZ // 2


@dataclass(frozen=True)
class MixFeatures:
    """Curves (N,) float32 at `FEATURE_RATE_HZ`, and timbre.

    loudness_db: level of the mix as the ear weighs it, dB re full scale. The others are of the mix with its voice turned down to
    `VOICE_LEFT`. onset, bass_onset: strength in dB of what starts at that moment, mean over the bands, >= 0.
    timbre_db: (N / TIMBRE_STEP, MEL_BANDS) mean levels of half a second each. chroma: (N / CHROMA_STEP, PITCH_BINS) see `chroma`.
    """

    loudness_db: FloatArray
    onset: FloatArray
    bass_onset: FloatArray
    timbre_db: FloatArray
    chroma: FloatArray


def mix_features(
    mix: Iterable[FloatArray], voice: Iterable[FloatArray], count: int, report: Callable[[int], None]
) -> MixFeatures:
    """Features of `count` frames of the mix, from blocks of mono sound at `ANALYSIS_RATE_HZ`; `report` hears the frames done.

    voice: blocks of the voice stem, which starts with the mix; may be shorter or empty.
    """
    loudness_db, onset, bass_onset = np.zeros((3, count), dtype=np.float32)
    timbre_sum = np.zeros((count // TIMBRE_STEP + 1, MEL_BANDS))
    notes = np.zeros((chroma_frames(count), PITCH_BINS), dtype=np.float32)
    window, bands = np.hanning(WINDOW_SAMPLES).astype(np.float32), mel_bands().T
    flux = Flux()
    done = 0
    whole, turned_down = tee(_paired(mix, voice))
    # Both are framed with the same window, so that their batches are equally long.
    batches = zip(
        frame_batches((mixed for mixed, _ in whole), CHROMA_WINDOW_SAMPLES, count),
        frame_batches((mixed - (1.0 - VOICE_LEFT) * sung for mixed, sung in turned_down), CHROMA_WINDOW_SAMPLES, count),
        strict=True,
    )
    for mixed, music in batches:
        here = slice(done, done + len(music))
        loudness_db[here] = band_levels(centre(mixed, LEVEL_WINDOW_SAMPLES), ear_weights()[None])[:, 0]
        # Frames of the chroma are those whose number in the song, not in the batch, is a multiple of the step.
        chosen = np.flatnonzero(np.arange(here.start, here.stop) % CHROMA_STEP == 0)
        notes[(done + chosen) // CHROMA_STEP] = chroma(music[chosen])
        spectrum = fft.rfft(centre(music, WINDOW_SAMPLES) * window, axis=1)
        mel_db = 10.0 * np.log10((np.square(spectrum.real) + np.square(spectrum.imag)) @ bands + 1e-4)
        np.add.at(timbre_sum, np.arange(here.start, here.stop) // TIMBRE_STEP, mel_db)
        rise = flux.rise(mel_db)
        onset[here], bass_onset[here] = rise.mean(axis=1), rise[:, :BASS_BANDS].mean(axis=1)
        done += len(music)
        report(done)
    filled = np.bincount(np.arange(count) // TIMBRE_STEP, minlength=len(timbre_sum))
    timbre_db = (timbre_sum[filled > 0] / filled[filled > 0, None]).astype(np.float32)
    return MixFeatures(loudness_db, onset, bass_onset, timbre_db, notes)


def _paired(mix: Iterable[FloatArray], voice: Iterable[FloatArray]) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Blocks of the mix, each with as much of the voice; silence once the voice has ended."""
    rest = np.zeros(0, dtype=np.float32)
    blocks = iter(voice)
    for block in mix:
        mixed = block.reshape(-1)
        while len(rest) < len(mixed):
            following = next(blocks, None)
            missing = len(mixed) - len(rest)
            rest = np.concatenate([rest, np.zeros(missing, np.float32) if following is None else following.reshape(-1)])
        yield mixed, rest[: len(mixed)]
        rest = rest[len(mixed) :]


class Flux:
    """Rises of the bands from frame to frame, over batches."""

    def __init__(self) -> None:
        self._held: FloatArray | None = None

    def rise(self, mel_db: FloatArray) -> FloatArray:
        """(n, bands) how much each band of (n, bands) rose over its neighbourhood of `FLUX_LAG_FRAMES` before."""
        held = np.repeat(mel_db[:1], FLUX_LAG_FRAMES, axis=0) if self._held is None else self._held
        joined = np.concatenate([held, mel_db])
        self._held = joined[-FLUX_LAG_FRAMES:]
        return _rise(joined)


def _rise(mel_db: FloatArray) -> FloatArray:
    """(n - FLUX_LAG_FRAMES, bands) how much each band rose over its neighbourhood of two frames before."""
    before = mel_db[:-FLUX_LAG_FRAMES]
    widest = before.copy()
    widest[:, 1:] = np.maximum(widest[:, 1:], before[:, :-1])
    widest[:, :-1] = np.maximum(widest[:, :-1], before[:, 1:])
    return np.maximum(mel_db[FLUX_LAG_FRAMES:] - widest, 0.0)


def mel_bands() -> FloatArray:
    """(MEL_BANDS, WINDOW_SAMPLES // 2 + 1) triangles on the mel scale (O'Shaughnessy 1987) from 30 Hz to 8 kHz, each of sum 1."""
    mel_edges = np.linspace(2595.0 * np.log10(1.0 + 30.0 / 700.0), 2595.0 * np.log10(1.0 + 8000.0 / 700.0), MEL_BANDS + 2)
    edges = 700.0 * (10.0 ** (mel_edges / 2595.0) - 1.0)
    frequency = np.fft.rfftfreq(WINDOW_SAMPLES, 1.0 / ANALYSIS_RATE_HZ)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    triangles = np.maximum(np.minimum((frequency - low) / (middle - low), (high - frequency) / (high - middle)), 0.0)
    # Bands narrower than a bin take the nearest bin.
    nearest = np.abs(frequency[None] - middle) < 0.5 * frequency[1] + 1e-6
    triangles = np.where(triangles.sum(axis=1, keepdims=True) > 0, triangles, nearest)
    return (triangles / triangles.sum(axis=1, keepdims=True)).astype(np.float32)
